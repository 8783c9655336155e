//! An event of the feed and of an order's audit log.

use std::collections::BTreeMap;

use domain::{
    CustomerId, DeliveryMethodId, Event, Recorded, RetrievalId, VariantId,
    order::{CancelCause, DocumentNumber},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Amount, Text, Time,
    order::{LineView, Viewer},
    payment::{PaymentView, RefundView},
    review_rules::RuleHitView,
    shipment::ShipmentView,
};
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventView<'a> {
    seq: u64,
    #[schema(schema_with = words::event_type)]
    r#type: &'static str,
    version: u16,
    at: Time,
    store_id: u32,
    #[schema(value_type = Option<String>)]
    order_id: Option<Text<domain::OrderNo>>,
    actor: &'a str,
    request_id: &'a str,
    data: Data<'a>,
}

impl<'a> EventView<'a> {
    pub(crate) fn new(recorded: &'a Recorded, viewer: Viewer) -> EventView<'a> {
        EventView {
            seq: recorded.seq,
            r#type: recorded.event.kind(),
            version: recorded.event.version(),
            at: Time(recorded.at),
            store_id: recorded.store.0,
            order_id: recorded.order.map(Text),
            actor: &recorded.actor,
            request_id: &recorded.request_id,
            data: Data::new(recorded, viewer),
        }
    }
}

/// The event's own facts, without names, addresses and contacts: it holds none.
#[derive(Serialize, ToSchema)]
#[schema(as = EventData)]
#[serde(untagged)]
enum Data<'a> {
    #[schema(title = "OrderCreatedData")]
    Created {
        user_id: Option<&'a str>,
        currency: &'static str,
        items: Vec<LineView<'a>>,
        delivery_method_id: Option<&'a str>,
        shipping_total: Amount,
        total: Amount,
        #[schema(schema_with = words::payment_method)]
        payment_method: &'static str,
        metadata: &'a BTreeMap<String, String>,
    },
    #[schema(title = "OrderConfirmedData")]
    Confirmed {
        #[schema(value_type = String)]
        retrieval_id: Text<RetrievalId>,
        #[schema(value_type = String)]
        invoice_number: Text<&'a DocumentNumber>,
        on_account: bool,
    },
    #[schema(title = "OrderPaidData")]
    Paid { amount: Amount, currency: &'static str },
    #[schema(title = "OrderMovedData")]
    Moved { reason: Option<&'a str> },
    #[schema(title = "MerchantUpdatedData")]
    MerchantUpdated {
        /// The shop's own id of the order.
        merchant_order_id: &'a str,
    },
    #[schema(title = "VendorStatusData")]
    VendorStatusChanged {
        #[schema(schema_with = words::vendor_status)]
        vendor_status: &'static str,
    },
    #[schema(title = "OrderCancelledData")]
    Cancelled {
        cause: &'static str,
        reason: Option<&'a str>,
        #[schema(value_type = Option<String>)]
        credit_note_number: Option<Text<&'a DocumentNumber>>,
    },
    /// For the shop: what the rules have found.
    #[schema(title = "ReviewStartedData")]
    ReviewStarted { score: u32, threshold: u32, hits: Vec<RuleHitView<'a>> },
    /// For the shop.
    #[schema(title = "ReviewedData")]
    Reviewed { note: Option<&'a str> },
    #[schema(title = "RefundData")]
    Refunded { refund: RefundView<'a>, currency: &'static str },
    #[schema(title = "PaymentData")]
    Payment { payment: PaymentView<'a>, currency: &'static str },
    #[schema(title = "ShipmentData")]
    Shipment { shipment: ShipmentView<'a> },
    #[schema(title = "StockLowData")]
    StockLow {
        product_id: &'a str,
        variant_id: Option<&'a str>,
        location_id: &'a str,
        available: i64,
        low_stock_at: i64,
    },
}

impl<'a> Data<'a> {
    fn new(recorded: &'a Recorded, viewer: Viewer) -> Data<'a> {
        let for_shop = |text: &'a str| (viewer == Viewer::Shop).then_some(text);
        match &recorded.event {
            Event::OrderCreated(it) => Data::Created {
                user_id: it.customer.as_ref().map(CustomerId::as_str),
                currency: it.currency.code(),
                items: it.lines.iter().map(|line| LineView::new(line, it.currency)).collect(),
                delivery_method_id: it.shipping.method.as_ref().map(DeliveryMethodId::as_str),
                shipping_total: Amount(it.shipping.amount, it.currency),
                total: Amount(it.total, it.currency),
                payment_method: it.payment_method.name(),
                metadata: &it.metadata,
            },
            Event::OrderConfirmed(it) => Data::Confirmed {
                retrieval_id: Text(RetrievalId { store: recorded.store, no: it.retrieval_no }),
                invoice_number: Text(&it.invoice),
                on_account: it.on_account,
            },
            Event::OrderPaid(it) => {
                Data::Paid { amount: Amount(it.amount, it.currency), currency: it.currency.code() }
            }
            Event::OrderShipped(it) => Data::Moved { reason: it.reason.as_deref() },
            Event::OrderDelivered(it) => Data::Moved { reason: it.reason.as_deref() },
            Event::OrderCancelled(it) => Data::Cancelled {
                cause: match it.cause {
                    CancelCause::Customer => "customer",
                    CancelCause::Staff => "staff",
                    CancelCause::Expired => "expired",
                    CancelCause::Provider => "provider",
                    CancelCause::ReviewFailed => "review_failed",
                },
                reason: it.reason.as_deref(),
                credit_note_number: it.credit_note.as_ref().map(Text),
            },
            Event::OrderHeld(it) => Data::Moved { reason: it.reason.as_deref().and_then(for_shop) },
            Event::OrderReleased(it) => {
                Data::Moved { reason: it.reason.as_deref().and_then(for_shop) }
            }
            Event::OrderReviewStarted(it) => Data::ReviewStarted {
                score: it.score,
                threshold: it.threshold,
                hits: it.hits.iter().map(RuleHitView::new).collect(),
            },
            Event::OrderReviewPassed(it) | Event::OrderReviewFailed(it) => {
                Data::Reviewed { note: it.note.as_deref().and_then(for_shop) }
            }
            Event::OrderMerchantUpdated(it) => {
                Data::MerchantUpdated { merchant_order_id: &it.merchant_order_id }
            }
            Event::OrderVendorStatusChanged(it) => {
                Data::VendorStatusChanged { vendor_status: it.vendor_status.name() }
            }
            Event::OrderReinstated(_) | Event::OrderPersonErased(_) => Data::Moved { reason: None },
            Event::OrderRefunded(it) | Event::OrderRefundFailed(it) | Event::RefundCreated(it) => {
                Data::Refunded {
                    refund: RefundView::new(&it.refund, it.currency, viewer),
                    currency: it.currency.code(),
                }
            }
            Event::PaymentCreated(it)
            | Event::PaymentProcessing(it)
            | Event::PaymentAuthorized(it)
            | Event::PaymentCaptured(it)
            | Event::PaymentFailed(it)
            | Event::PaymentCancelled(it) => Data::Payment {
                payment: PaymentView::new(&it.payment, it.currency, viewer),
                currency: it.currency.code(),
            },
            Event::ShipmentCreated(it) => {
                Data::Shipment { shipment: ShipmentView::new(&it.shipment) }
            }
            Event::ShipmentUpdated(it) => {
                Data::Shipment { shipment: ShipmentView::new(&it.shipment) }
            }
            Event::StockLow(it) => Data::StockLow {
                product_id: it.stock.product.as_str(),
                variant_id: it.stock.variant.as_ref().map(VariantId::as_str),
                location_id: it.stock.location.as_str(),
                available: it.available,
                low_stock_at: it.low_stock_at,
            },
        }
    }
}
