//! What the shop's own system knows an order by, and what it has told about it: its reference from
//! before the order was placed, its own id of it, and how far its people have come with it.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Order, ReviewStatus, Status};
use crate::moment::Moment;

/// What the shop has sent along with the cart that became the order. None of it means anything
/// here: it is given back as it came.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantReference {
    /// The shop's name of the cart. Two orders may have the same: the newer one goes by it.
    pub reference_id: Option<String>,
    pub box_count: Option<u32>,
    /// `misc1` and those after it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub misc: Vec<Option<String>>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    pub reference: Option<MerchantReference>,
    /// The shop's own id of the order.
    pub merchant_order_id: Option<String>,
    pub vendor_status: Option<VendorStatus>,
}

/// How far the shop's people have come, by their own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VendorStatus {
    PreparingOrder,
    ShipmentReady,
    LabelsPrintedDate,
    CancellationRequest,
    EndOfDayComplete,
}

impl VendorStatus {
    pub const ALL: [VendorStatus; 5] = [
        VendorStatus::PreparingOrder,
        VendorStatus::ShipmentReady,
        VendorStatus::LabelsPrintedDate,
        VendorStatus::CancellationRequest,
        VendorStatus::EndOfDayComplete,
    ];

    /// As shops spell it.
    pub fn name(self) -> &'static str {
        match self {
            VendorStatus::PreparingOrder => "VENDOR_PREPARING_ORDER",
            VendorStatus::ShipmentReady => "VENDOR_SHIPMENT_READY",
            VendorStatus::LabelsPrintedDate => "VENDOR_LABELS_PRINTED_DATE",
            VendorStatus::CancellationRequest => "VENDOR_CANCELLATION_REQUEST",
            VendorStatus::EndOfDayComplete => "VENDOR_END_OF_DAY_COMPLETE",
        }
    }

    pub fn parse(name: &str) -> Option<VendorStatus> {
        VendorStatus::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// The one status that a shop sees of a complete order. The first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MerchantStatus {
    Cancelled,
    FraudReview,
    OnHold,
    /// Set by the shop, or shipped.
    Vendor(VendorStatus),
    /// Ready to be handled and shipped.
    InProcess,
}

impl MerchantStatus {
    pub const ALL: [MerchantStatus; 9] = [
        MerchantStatus::Cancelled,
        MerchantStatus::FraudReview,
        MerchantStatus::OnHold,
        MerchantStatus::InProcess,
        MerchantStatus::Vendor(VendorStatus::PreparingOrder),
        MerchantStatus::Vendor(VendorStatus::ShipmentReady),
        MerchantStatus::Vendor(VendorStatus::LabelsPrintedDate),
        MerchantStatus::Vendor(VendorStatus::CancellationRequest),
        MerchantStatus::Vendor(VendorStatus::EndOfDayComplete),
    ];

    pub fn name(self) -> &'static str {
        match self {
            MerchantStatus::Cancelled => "IGLOBAL_ORDER_CANCELLED",
            MerchantStatus::FraudReview => "IGLOBAL_FRAUD_REVIEW",
            MerchantStatus::OnHold => "IGLOBAL_ORDER_ON_HOLD",
            MerchantStatus::Vendor(status) => status.name(),
            MerchantStatus::InProcess => "IGLOBAL_ORDER_IN_PROCESS",
        }
    }

    /// Whether the shop may say how far it has come.
    pub(crate) fn is_settable(self) -> bool {
        match self {
            MerchantStatus::InProcess
            | MerchantStatus::Vendor(
                VendorStatus::PreparingOrder
                | VendorStatus::ShipmentReady
                | VendorStatus::LabelsPrintedDate,
            ) => true,
            MerchantStatus::Cancelled
            | MerchantStatus::FraudReview
            | MerchantStatus::OnHold
            | MerchantStatus::Vendor(
                VendorStatus::CancellationRequest | VendorStatus::EndOfDayComplete,
            ) => false,
        }
    }
}

impl Order {
    pub fn merchant_status(&self) -> MerchantStatus {
        if self.status == Status::Cancelled || self.review_status == ReviewStatus::Failed {
            return MerchantStatus::Cancelled;
        }
        if self.review_status == ReviewStatus::UnderReview {
            return MerchantStatus::FraudReview;
        }
        if self.on_hold {
            return MerchantStatus::OnHold;
        }
        if self.shipped_at.is_some() {
            return MerchantStatus::Vendor(VendorStatus::EndOfDayComplete);
        }
        self.vendor_status().map_or(MerchantStatus::InProcess, MerchantStatus::Vendor)
    }

    /// Since when a complete order has had that status. What an older release has written knows
    /// the moment of its last change only where that was a move of the order.
    pub fn merchant_status_since(&self) -> Option<Moment> {
        let moved = self.cancelled_at.or(self.shipped_at).or(self.confirmed_at);
        self.confirmed_at.and(self.status_since.or(moved))
    }

    pub fn merchant_order_id(&self) -> Option<&str> {
        self.merchant.as_ref()?.merchant_order_id.as_deref()
    }

    pub fn merchant_reference(&self) -> Option<&MerchantReference> {
        self.merchant.as_ref()?.reference.as_ref()
    }

    pub fn vendor_status(&self) -> Option<VendorStatus> {
        self.merchant.as_ref()?.vendor_status
    }
}
