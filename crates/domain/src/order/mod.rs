//! An order: four state machines side by side (order, payment, shipping, review), what was bought,
//! and what has been paid, shipped, returned and refunded of it.
//!
//! [`Order::created`] and [`Order::evolve`] are the only places that change one. The moves between
//! its states are data, in [`moves`]; each command that makes a move has a file of its own.

pub mod cancel;
pub mod collect;
pub mod confirm;
pub mod deliver;
mod details;
pub(crate) mod discounts;
pub mod expire;
pub(crate) mod find;
pub mod hold;
pub mod merchant;
pub mod moves;
pub mod payment_method;
pub mod place;
pub mod release;
pub mod reopen;
pub mod review;
pub mod set_merchant_order_id;
pub mod set_vendor_status;
pub mod ship;
pub mod totals;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

pub use details::LineDetails;
pub use merchant::{Merchant, MerchantReference, MerchantStatus, VendorStatus};
pub use payment_method::PaymentMethod;
pub use totals::{PaymentStatus, Totals};

use crate::{
    address::Person,
    event::{Event, OrderCreated, PaymentChanged, Recorded},
    id::{
        CustomerId, DeliveryMethodId, LocationId, OrderNo, ProductId, RetrievalId, StoreId,
        VariantId,
    },
    moment::Moment,
    money::{Currency, Money},
    payment::{Payment, PaymentState},
    quantity::Quantity,
    refund::{Refund, RefundState},
    shipment::Shipment,
    stock::StockKey,
};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub no: OrderNo,
    #[serde(default)]
    pub kind: OrderKind,
    pub store: StoreId,
    pub customer: Option<CustomerId>,
    pub status: Status,
    pub shipping_status: ShippingStatus,
    #[serde(default)]
    pub review_status: ReviewStatus,
    #[serde(default)]
    pub on_hold: bool,
    pub hold_reason: Option<String>,
    pub currency: Currency,
    pub lines: Vec<Line>,
    pub shipping: Shipping,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// What was agreed at placing. It never changes.
    pub total: Money,
    pub payment_method: PaymentMethod,
    /// It was placed together with its payment: without an intent there is no order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_payment: bool,
    #[serde(default)]
    pub on_account: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<Shipment>,
    pub retrieval_no: Option<u64>,
    pub invoice: Option<DocumentNumber>,
    pub credit_note: Option<DocumentNumber>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// What the shop's own system has said of it.
    pub merchant: Option<Box<Merchant>>,
    /// When the status that shops see last became another one.
    pub status_since: Option<Moment>,
    /// Rises with each of the order's events.
    pub version: u64,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub confirmed_at: Option<Moment>,
    pub shipped_at: Option<Moment>,
    pub delivered_at: Option<Moment>,
    pub cancelled_at: Option<Moment>,
    pub cancelled_by: Option<CancelCause>,
    pub cancel_reason: Option<String>,
    /// Until when the stock is kept for a payment; absent once nothing runs out.
    pub expires_at: Option<Moment>,
    /// It is not known any more whose it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person_erased: bool,
    /// Kept beside the order, so that it can be erased.
    #[serde(skip)]
    pub person: Option<Box<Person>>,
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    #[default]
    Sale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Confirmed,
    Shipped,
    Delivered,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShippingStatus {
    Pending,
    Processing,
    PartiallyShipped,
    Shipped,
    Delivered,
    Cancelled,
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    #[default]
    None,
    UnderReview,
    Passed,
    Failed,
}

/// Who or what cancelled an order. Only one that expired may come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelCause {
    Customer,
    Staff,
    Expired,
    Provider,
    ReviewFailed,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub no: u32,
    #[serde(default)]
    pub kind: LineKind,
    /// Absent where something outside the catalogue is sold.
    pub product: Option<ProductId>,
    pub variant: Option<VariantId>,
    pub sku: Option<String>,
    pub name: String,
    pub quantity: Quantity,
    pub price: Money,
    pub total: Money,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_lines: Vec<TaxLine>,
    /// Where the line's stock is held; absent where none is tracked.
    pub location: Option<LocationId>,
    #[serde(default, skip_serializing_if = "Counts::is_zero")]
    pub counts: Counts,
    pub details: Option<Box<LineDetails>>,
}

impl Line {
    /// The stock that the line holds while it is open.
    pub fn stock_key(&self) -> Option<StockKey> {
        Some(StockKey {
            product: self.product.clone()?,
            variant: self.variant.clone(),
            location: self.location.clone()?,
        })
    }

    /// Neither cancelled nor shipped yet: what the line still holds.
    pub fn open(&self) -> u32 {
        self.quantity.get().saturating_sub(self.counts.cancelled + self.counts.shipped)
    }
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    #[default]
    Goods,
}

/// With the ordered quantity these are the five counters of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub cancelled: u32,
    pub shipped: u32,
    pub returned: u32,
    pub refunded: u32,
}

impl Counts {
    fn is_zero(&self) -> bool {
        *self == Counts::default()
    }
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipping {
    pub method: Option<DeliveryMethodId>,
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_lines: Vec<TaxLine>,
}

/// An append-only change of what is owed: a discount, a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    pub id: String,
    pub scope: AdjustmentScope,
    pub kind: String,
    /// For people; absent where nobody has named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub amount: Money,
    pub source: String,
    /// How much of it falls on each line.
    pub allocations: Vec<(u32, Money)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentScope {
    Line,
    Shipping,
    Order,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxLine {
    pub code: String,
    pub rate_ppm: u32,
    pub amount: Money,
    /// The price has it already.
    pub included: bool,
}

/// A number of an invoice or a credit note: gapless per store and year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentNumber {
    pub prefix: String,
    pub year: i16,
    pub no: u64,
}

impl std::fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{:06}", self.prefix, self.year, self.no)
    }
}

impl ShippingStatus {
    pub const ALL: [ShippingStatus; 6] = [
        ShippingStatus::Pending,
        ShippingStatus::Processing,
        ShippingStatus::PartiallyShipped,
        ShippingStatus::Shipped,
        ShippingStatus::Delivered,
        ShippingStatus::Cancelled,
    ];

    pub fn name(self) -> &'static str {
        match self {
            ShippingStatus::Pending => "pending",
            ShippingStatus::Processing => "processing",
            ShippingStatus::PartiallyShipped => "partially_shipped",
            ShippingStatus::Shipped => "shipped",
            ShippingStatus::Delivered => "delivered",
            ShippingStatus::Cancelled => "cancelled",
        }
    }
}

impl ReviewStatus {
    pub const ALL: [ReviewStatus; 4] =
        [ReviewStatus::None, ReviewStatus::UnderReview, ReviewStatus::Passed, ReviewStatus::Failed];

    pub fn name(self) -> &'static str {
        match self {
            ReviewStatus::None => "none",
            ReviewStatus::UnderReview => "under_review",
            ReviewStatus::Passed => "passed",
            ReviewStatus::Failed => "failed",
        }
    }
}

impl Order {
    /// The first fold: an order as its first event leaves it.
    pub fn created(no: OrderNo, store: StoreId, at: Moment, event: &OrderCreated) -> Order {
        Order {
            no,
            kind: event.kind,
            store,
            customer: event.customer.clone(),
            status: Status::Pending,
            shipping_status: ShippingStatus::Pending,
            review_status: ReviewStatus::None,
            on_hold: false,
            hold_reason: None,
            currency: event.currency,
            lines: event.lines.clone(),
            shipping: event.shipping.clone(),
            adjustments: event.adjustments.clone(),
            total: event.total,
            payment_method: event.payment_method,
            with_payment: event.with_payment,
            on_account: false,
            payments: Vec::new(),
            refunds: Vec::new(),
            shipments: Vec::new(),
            retrieval_no: None,
            invoice: None,
            credit_note: None,
            metadata: event.metadata.clone(),
            merchant: event.merchant.clone().map(|reference| {
                Box::new(Merchant { reference: Some(reference), ..Merchant::default() })
            }),
            status_since: None,
            version: 1,
            created_at: at,
            updated_at: at,
            confirmed_at: None,
            shipped_at: None,
            delivered_at: None,
            cancelled_at: None,
            cancelled_by: None,
            cancel_reason: None,
            expires_at: event.expires_at,
            person_erased: false,
            person: None,
        }
    }

    /// Every further fold.
    pub fn evolve(&mut self, at: Moment, event: &Event) {
        let status = self.merchant_status();
        match event {
            Event::OrderCreated(_) | Event::StockLow(_) => return,
            Event::OrderConfirmed(it) => {
                self.status = Status::Confirmed;
                self.shipping_status = ShippingStatus::Processing;
                self.retrieval_no = Some(it.retrieval_no);
                self.invoice = Some(it.invoice.clone());
                self.on_account = it.on_account;
                self.confirmed_at = Some(at);
                self.status_since = Some(at);
                self.expires_at = None;
            }
            Event::OrderPaid(_) => {}
            Event::OrderPersonErased(_) => {
                self.person_erased = true;
                self.person = None;
            }
            Event::OrderShipped(_) => {
                self.status = Status::Shipped;
                self.shipping_status = ShippingStatus::Shipped;
                self.shipped_at = Some(at);
            }
            Event::OrderDelivered(_) => {
                self.status = Status::Delivered;
                self.shipping_status = ShippingStatus::Delivered;
                self.delivered_at = Some(at);
                for shipment in &mut self.shipments {
                    shipment.delivered_at.get_or_insert(at);
                }
            }
            Event::OrderCancelled(it) => {
                self.status = Status::Cancelled;
                self.shipping_status = ShippingStatus::Cancelled;
                self.cancelled_at = Some(at);
                self.cancelled_by = Some(it.cause);
                self.cancel_reason = it.reason.clone();
                self.credit_note = it.credit_note.clone();
                self.expires_at = None;
                for line in &mut self.lines {
                    line.counts.cancelled += line.open();
                }
            }
            Event::OrderReinstated(_) => {
                self.status = Status::Pending;
                self.shipping_status = ShippingStatus::Pending;
                self.cancelled_at = None;
                self.cancelled_by = None;
                self.cancel_reason = None;
                for line in &mut self.lines {
                    line.counts.cancelled = 0;
                }
            }
            Event::OrderHeld(it) => {
                self.on_hold = true;
                self.hold_reason = it.reason.clone();
            }
            Event::OrderReleased(_) => {
                self.on_hold = false;
                self.hold_reason = None;
            }
            Event::OrderReviewStarted(_) => self.review_status = ReviewStatus::UnderReview,
            Event::OrderReviewPassed(_) => self.review_status = ReviewStatus::Passed,
            Event::OrderReviewFailed(_) => self.review_status = ReviewStatus::Failed,
            Event::OrderMerchantUpdated(it) => {
                let merchant = self.merchant.get_or_insert_default();
                merchant.merchant_order_id = Some(it.merchant_order_id.clone());
            }
            Event::OrderVendorStatusChanged(it) => {
                self.merchant.get_or_insert_default().vendor_status = Some(it.vendor_status);
            }
            Event::RefundCreated(it) | Event::OrderRefunded(it) | Event::OrderRefundFailed(it) => {
                self.change_refund(&it.refund);
            }
            Event::PaymentCreated(it)
            | Event::PaymentProcessing(it)
            | Event::PaymentAuthorized(it)
            | Event::PaymentCaptured(it)
            | Event::PaymentFailed(it)
            | Event::PaymentCancelled(it) => self.change_payment(it),
            Event::ShipmentCreated(it) => {
                for item in &it.shipment.items {
                    for line in self.lines.iter_mut().filter(|line| line.no == item.line) {
                        line.counts.shipped += item.quantity.get();
                    }
                }
                self.shipping_status = ShippingStatus::PartiallyShipped;
                self.shipments.push(it.shipment.clone());
            }
            Event::ShipmentUpdated(it) => {
                for known in self.shipments.iter_mut().filter(|known| known.id == it.shipment.id) {
                    *known = it.shipment.clone();
                }
            }
        }
        if self.confirmed_at.is_some() && self.merchant_status() != status {
            self.status_since = Some(at);
        }
        self.version += 1;
        self.updated_at = at;
    }

    fn change_payment(&mut self, it: &PaymentChanged) {
        match self.payments.iter_mut().find(|known| known.id == it.payment.id) {
            Some(known) => *known = it.payment.clone(),
            None => self.payments.push(it.payment.clone()),
        }
        // Money is there: whatever becomes of the order, it is not for want of a payment.
        let has_money = self.payments.iter().any(|it| match it.status {
            PaymentState::Authorized | PaymentState::Captured => true,
            PaymentState::Open
            | PaymentState::Processing
            | PaymentState::Failed
            | PaymentState::Cancelled => false,
        });
        self.expires_at = it.expires_at.or(self.expires_at).filter(|_| !has_money);
    }

    /// Goods are counted when the refund is first told, money when it has succeeded.
    fn change_refund(&mut self, refund: &Refund) {
        let known = self.refunds.iter_mut().find(|known| known.id == refund.id);
        let before = known.as_ref().map(|known| known.status);
        match known {
            Some(known) => *known = refund.clone(),
            None => self.refunds.push(refund.clone()),
        }
        let is_new = before.is_none();
        let succeeds = refund.status == RefundState::Succeeded && before != Some(refund.status);
        for item in &refund.items {
            for line in self.lines.iter_mut().filter(|line| line.no == item.line) {
                if is_new {
                    line.counts.cancelled += item.cancelled;
                    line.counts.returned += item.returned;
                }
                if succeeds {
                    line.counts.refunded += item.quantity.get();
                }
            }
        }
    }

    /// The order as a run of its own events leaves it; `None` if they don't begin with its birth.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Option<Order> {
        let mut events = events.into_iter();
        let first = events.next()?;
        let Event::OrderCreated(created) = &first.event else { return None };
        let mut order = Order::created(first.order?, first.store, first.at, created);
        for event in events {
            order.evolve(event.at, &event.event);
        }
        Some(order)
    }

    /// Whether somebody must still know whose it is, to bring or to take back what was ordered.
    pub fn needs_person(&self) -> bool {
        match self.status {
            Status::Pending | Status::Confirmed | Status::Shipped => !self.person_erased,
            Status::Delivered | Status::Cancelled => false,
        }
    }

    pub fn retrieval_id(&self) -> Option<RetrievalId> {
        self.retrieval_no.map(|no| RetrievalId { store: self.store, no })
    }

    /// The stock rows that the order's lines hold or held.
    pub fn stock_keys(&self) -> impl Iterator<Item = StockKey> + '_ {
        self.lines.iter().filter_map(Line::stock_key)
    }
}
