//! What has happened, in the past tense. Events are the persisted contract: one that was ever
//! written must be read for ever, so each has a version, and a golden file of each is folded in
//! the tests. No event holds a name, an address or a contact: an order's number leads to the
//! [`Person`](crate::address::Person) beside it, which can be erased.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    catalog::Product,
    client::Client,
    customer::{Customer, usual_channels},
    delivery::DeliveryMethod,
    id::{ClientId, CustomerId, DeliveryMethodId, OrderNo, ProductId, RuleId, StoreId},
    moment::Moment,
    money::{Currency, Money},
    order::{
        Adjustment, CancelCause, DocumentNumber, Line, MerchantReference, OrderKind, PaymentMethod,
        Shipping, VendorStatus,
    },
    payment::Payment,
    refund::Refund,
    review::ReviewRules,
    shipment::Shipment,
    shop::Shop,
    stock::StockKey,
};

/// An event of the public log: webhooks, feeds, lists and the audit log read it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    OrderCreated(Box<OrderCreated>),
    OrderConfirmed(OrderConfirmed),
    OrderPaid(OrderPaid),
    OrderShipped(OrderShipped),
    OrderDelivered(OrderDelivered),
    OrderCancelled(OrderCancelled),
    /// It had expired, and its payment came after all.
    OrderReinstated(OrderReinstated),
    OrderHeld(OrderHeld),
    OrderReleased(OrderReleased),
    /// The store's rules want a person to look at it.
    OrderReviewStarted(OrderReviewStarted),
    OrderReviewPassed(OrderReviewDecided),
    OrderReviewFailed(OrderReviewDecided),
    /// The shop's own system has given it an id.
    OrderMerchantUpdated(OrderMerchantUpdated),
    OrderVendorStatusChanged(OrderVendorStatusChanged),
    /// The money is back, or was given back by hand.
    OrderRefunded(RefundChanged),
    OrderRefundFailed(RefundChanged),
    /// A provider is asked to give money back.
    RefundCreated(RefundChanged),
    /// The provider has made an intent.
    PaymentCreated(PaymentChanged),
    PaymentProcessing(PaymentChanged),
    PaymentAuthorized(PaymentChanged),
    PaymentCaptured(PaymentChanged),
    PaymentFailed(PaymentChanged),
    PaymentCancelled(PaymentChanged),
    ShipmentCreated(ShipmentCreated),
    ShipmentUpdated(ShipmentUpdated),
    StockLow(StockLow),
    /// It is not known any more whose order it was.
    OrderPersonErased(OrderPersonErased),
}

impl Event {
    pub fn kind(&self) -> &'static str {
        match self {
            Event::OrderCreated(_) => "order.created",
            Event::OrderConfirmed(_) => "order.confirmed",
            Event::OrderPaid(_) => "order.paid",
            Event::OrderShipped(_) => "order.shipped",
            Event::OrderDelivered(_) => "order.delivered",
            Event::OrderCancelled(_) => "order.cancelled",
            Event::OrderReinstated(_) => "order.reinstated",
            Event::OrderHeld(_) => "order.held",
            Event::OrderReleased(_) => "order.released",
            Event::OrderReviewStarted(_) => "order.review_started",
            Event::OrderReviewPassed(_) => "order.review_passed",
            Event::OrderReviewFailed(_) => "order.review_failed",
            Event::OrderMerchantUpdated(_) => "order.merchant_updated",
            Event::OrderVendorStatusChanged(_) => "order.vendor_status_changed",
            Event::OrderRefunded(_) => "order.refunded",
            Event::OrderRefundFailed(_) => "order.refund_failed",
            Event::RefundCreated(_) => "refund.created",
            Event::PaymentCreated(_) => "payment.created",
            Event::PaymentProcessing(_) => "payment.processing",
            Event::PaymentAuthorized(_) => "payment.authorized",
            Event::PaymentCaptured(_) => "payment.captured",
            Event::PaymentFailed(_) => "payment.failed",
            Event::PaymentCancelled(_) => "payment.cancelled",
            Event::ShipmentCreated(_) => "shipment.created",
            Event::ShipmentUpdated(_) => "shipment.updated",
            Event::StockLow(_) => "stock.low",
            Event::OrderPersonErased(_) => "order.person_erased",
        }
    }

    /// The version of the event's own shape, raised when a field changes its meaning.
    pub fn version(&self) -> u16 {
        match self {
            Event::OrderCreated(_)
            | Event::OrderConfirmed(_)
            | Event::OrderPaid(_)
            | Event::OrderShipped(_)
            | Event::OrderDelivered(_)
            | Event::OrderCancelled(_)
            | Event::OrderReinstated(_)
            | Event::OrderHeld(_)
            | Event::OrderReleased(_)
            | Event::OrderReviewStarted(_)
            | Event::OrderReviewPassed(_)
            | Event::OrderReviewFailed(_)
            | Event::OrderMerchantUpdated(_)
            | Event::OrderVendorStatusChanged(_)
            | Event::OrderRefunded(_)
            | Event::OrderRefundFailed(_)
            | Event::RefundCreated(_)
            | Event::PaymentCreated(_)
            | Event::PaymentProcessing(_)
            | Event::PaymentAuthorized(_)
            | Event::PaymentCaptured(_)
            | Event::PaymentFailed(_)
            | Event::PaymentCancelled(_)
            | Event::ShipmentCreated(_)
            | Event::ShipmentUpdated(_)
            | Event::StockLow(_)
            | Event::OrderPersonErased(_) => 1,
        }
    }
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderCreated {
    #[serde(default)]
    pub kind: OrderKind,
    pub customer: Option<CustomerId>,
    pub currency: Currency,
    pub lines: Vec<Line>,
    pub shipping: Shipping,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    pub total: Money,
    pub payment_method: PaymentMethod,
    /// Until when the stock is kept for a payment.
    pub expires_at: Option<Moment>,
    /// The customer pays now: if no intent can be made, the order is cancelled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_payment: bool,
    /// What the shop knows it by.
    pub merchant: Option<MerchantReference>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// The order is complete: it has a retrieval number and an invoice number, once and for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderConfirmed {
    pub retrieval_no: u64,
    pub invoice: DocumentNumber,
    /// Payable on account: it was confirmed before it was paid, though its method is prepaid.
    #[serde(default)]
    pub on_account: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPaid {
    pub amount: Money,
    pub currency: Currency,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderShipped {
    pub reason: Option<String>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderDelivered {
    pub reason: Option<String>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderCancelled {
    pub cause: CancelCause,
    pub reason: Option<String>,
    pub credit_note: Option<DocumentNumber>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderReinstated {}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderHeld {
    pub reason: Option<String>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderReleased {
    pub reason: Option<String>,
}

/// What the rules have found. It tells of the order, and of nobody's name or address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderReviewStarted {
    pub score: u32,
    pub threshold: u32,
    pub hits: Vec<RuleHit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleHit {
    pub rule: RuleId,
    pub kind: String,
    pub score: u32,
    pub reason: String,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderReviewDecided {
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderMerchantUpdated {
    pub merchant_order_id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderVendorStatusChanged {
    pub vendor_status: VendorStatus,
}

/// A refund as it stands now; an earlier one of the same id is this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundChanged {
    pub refund: Refund,
    pub currency: Currency,
}

/// A payment as it stands now; an earlier one of the same id is this one.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentChanged {
    pub payment: Payment,
    pub currency: Currency,
    /// Until when the stock is kept from now on, where that changes.
    pub expires_at: Option<Moment>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShipmentCreated {
    pub shipment: Shipment,
}

/// A shipment as it stands now; an earlier one of the same id is this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShipmentUpdated {
    pub shipment: Shipment,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StockLow {
    pub stock: StockKey,
    pub available: i64,
    pub low_stock_at: i64,
}

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub seq: u64,
    pub at: Moment,
    pub store: StoreId,
    pub order: Option<OrderNo>,
    pub actor: String,
    pub request_id: String,
    pub event: Event,
}

/// A change of the catalogue, of customers or of settings, for the admin log.
#[derive(Clone, Debug, PartialEq)]
pub enum AdminEvent {
    ProductPut(Box<Product>),
    ProductDeleted(ProductDeleted),
    StockChanged(StockChanged),
    DeliveryMethodPut(Box<DeliveryMethod>),
    DeliveryMethodDeleted(DeliveryMethodDeleted),
    CustomerRegistered(CustomerRegistered),
    ClientCreated(Box<Client>),
    ClientRemoved(ClientRemoved),
    StorePut(Box<Shop>),
    ReviewRulesPut(ReviewRulesPut),
    StoreSecretRotated(StoreSecretRotated),
    CustomerPut(CustomerPut),
    CustomerErased(CustomerErased),
}

impl AdminEvent {
    pub fn kind(&self) -> &'static str {
        match self {
            AdminEvent::ProductPut(_) => "product.put",
            AdminEvent::ProductDeleted(_) => "product.deleted",
            AdminEvent::StockChanged(_) => "stock.changed",
            AdminEvent::DeliveryMethodPut(_) => "delivery_method.put",
            AdminEvent::DeliveryMethodDeleted(_) => "delivery_method.deleted",
            AdminEvent::CustomerRegistered(_) => "customer.registered",
            AdminEvent::ClientCreated(_) => "client.created",
            AdminEvent::ClientRemoved(_) => "client.removed",
            AdminEvent::StorePut(_) => "store.put",
            AdminEvent::ReviewRulesPut(_) => "review_rules.put",
            AdminEvent::StoreSecretRotated(_) => "store.secret_rotated",
            AdminEvent::CustomerPut(_) => "customer.put",
            AdminEvent::CustomerErased(_) => "customer.erased",
        }
    }

    pub fn version(&self) -> u16 {
        match self {
            AdminEvent::ProductPut(_)
            | AdminEvent::ProductDeleted(_)
            | AdminEvent::StockChanged(_)
            | AdminEvent::DeliveryMethodPut(_)
            | AdminEvent::DeliveryMethodDeleted(_)
            | AdminEvent::CustomerRegistered(_)
            | AdminEvent::ClientCreated(_)
            | AdminEvent::ClientRemoved(_)
            | AdminEvent::StorePut(_)
            | AdminEvent::ReviewRulesPut(_)
            | AdminEvent::StoreSecretRotated(_)
            | AdminEvent::CustomerPut(_)
            | AdminEvent::CustomerErased(_) => 1,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductDeleted {
    pub id: ProductId,
}

/// A movement that a person made. Orders move stock too, and their own events say so.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StockChanged {
    pub stock: StockKey,
    pub delta: i64,
    pub on_hand: i64,
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryMethodDeleted {
    pub id: DeliveryMethodId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomerRegistered {
    pub id: CustomerId,
    pub registered_at: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientRemoved {
    pub id: ClientId,
    pub removed_at: Moment,
}

/// Neither the secret nor its hash is in any log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreSecretRotated {
    pub id: StoreId,
}

impl CustomerRegistered {
    pub(crate) fn customer(&self, version: u64) -> Customer {
        Customer {
            id: self.id.clone(),
            name: None,
            email: None,
            phone: None,
            locale: None,
            notify: usual_channels(),
            registered_at: self.registered_at,
            version,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewRulesPut {
    pub store: StoreId,
    pub rules: Arc<ReviewRules>,
}

/// What was told of a person stands in the customer's row alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomerPut {
    pub id: CustomerId,
    /// The names of the fields that are another than before.
    pub changed: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomerErased {
    pub id: CustomerId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPersonErased {}

/// A change with its place in the admin log.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    pub seq: u64,
    pub at: Moment,
    pub actor: String,
    pub request_id: String,
    pub event: AdminEvent,
}
