//! How facts and events stand in a row: as JSON documents, beside the columns that are searched.
//! Both SQL backends write the same documents, so a row can be carried from one to the other.

use domain::{
    AdminEvent, Event,
    event::{
        ClientRemoved, CustomerErased, CustomerPut, CustomerRegistered, DeliveryMethodDeleted,
        OrderCancelled, OrderConfirmed, OrderCreated, OrderDelivered, OrderHeld,
        OrderMerchantUpdated, OrderPaid, OrderPersonErased, OrderReinstated, OrderReleased,
        OrderReviewDecided, OrderReviewStarted, OrderShipped, OrderVendorStatusChanged,
        PaymentChanged, ProductDeleted, RefundChanged, ReviewRulesPut, ShipmentCreated,
        ShipmentUpdated, StockChanged, StockLow, StoreSecretRotated,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::StoreError;

pub(crate) fn to_document<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| broken("writing a document", &error))
}

pub(crate) fn from_document<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| broken("reading a document", &error))
}

pub(crate) fn event_data(event: &Event) -> Result<String, StoreError> {
    match event {
        Event::OrderCreated(it) => to_document(it),
        Event::OrderConfirmed(it) => to_document(it),
        Event::OrderPaid(it) => to_document(it),
        Event::OrderShipped(it) => to_document(it),
        Event::OrderDelivered(it) => to_document(it),
        Event::OrderCancelled(it) => to_document(it),
        Event::OrderReinstated(it) => to_document(it),
        Event::OrderHeld(it) => to_document(it),
        Event::OrderReleased(it) => to_document(it),
        Event::OrderReviewStarted(it) => to_document(it),
        Event::OrderReviewPassed(it) | Event::OrderReviewFailed(it) => to_document(it),
        Event::OrderMerchantUpdated(it) => to_document(it),
        Event::OrderVendorStatusChanged(it) => to_document(it),
        Event::OrderRefunded(it) | Event::OrderRefundFailed(it) | Event::RefundCreated(it) => {
            to_document(it)
        }
        Event::PaymentCreated(it)
        | Event::PaymentProcessing(it)
        | Event::PaymentAuthorized(it)
        | Event::PaymentCaptured(it)
        | Event::PaymentFailed(it)
        | Event::PaymentCancelled(it) => to_document(it),
        Event::ShipmentCreated(it) => to_document(it),
        Event::ShipmentUpdated(it) => to_document(it),
        Event::StockLow(it) => to_document(it),
        Event::OrderPersonErased(it) => to_document(it),
    }
}

/// Reads an event of any version that was ever written.
pub(crate) fn event(kind: &str, version: u16, data: &str) -> Result<Event, StoreError> {
    Ok(match (kind, version) {
        ("order.created", 1) => Event::OrderCreated(Box::new(from_document::<OrderCreated>(data)?)),
        ("order.confirmed", 1) => Event::OrderConfirmed(from_document::<OrderConfirmed>(data)?),
        ("order.paid", 1) => Event::OrderPaid(from_document::<OrderPaid>(data)?),
        ("order.shipped", 1) => Event::OrderShipped(from_document::<OrderShipped>(data)?),
        ("order.delivered", 1) => Event::OrderDelivered(from_document::<OrderDelivered>(data)?),
        ("order.cancelled", 1) => Event::OrderCancelled(from_document::<OrderCancelled>(data)?),
        ("order.reinstated", 1) => Event::OrderReinstated(from_document::<OrderReinstated>(data)?),
        ("order.held", 1) => Event::OrderHeld(from_document::<OrderHeld>(data)?),
        ("order.released", 1) => Event::OrderReleased(from_document::<OrderReleased>(data)?),
        ("order.review_started", 1) => {
            Event::OrderReviewStarted(from_document::<OrderReviewStarted>(data)?)
        }
        ("order.review_passed", 1) => {
            Event::OrderReviewPassed(from_document::<OrderReviewDecided>(data)?)
        }
        ("order.review_failed", 1) => {
            Event::OrderReviewFailed(from_document::<OrderReviewDecided>(data)?)
        }
        ("order.merchant_updated", 1) => {
            Event::OrderMerchantUpdated(from_document::<OrderMerchantUpdated>(data)?)
        }
        ("order.vendor_status_changed", 1) => {
            Event::OrderVendorStatusChanged(from_document::<OrderVendorStatusChanged>(data)?)
        }
        ("order.refunded", 1) => Event::OrderRefunded(from_document::<RefundChanged>(data)?),
        ("order.refund_failed", 1) => {
            Event::OrderRefundFailed(from_document::<RefundChanged>(data)?)
        }
        ("refund.created", 1) => Event::RefundCreated(from_document::<RefundChanged>(data)?),
        ("payment.created", 1) => Event::PaymentCreated(from_document::<PaymentChanged>(data)?),
        ("payment.processing", 1) => {
            Event::PaymentProcessing(from_document::<PaymentChanged>(data)?)
        }
        ("payment.authorized", 1) => {
            Event::PaymentAuthorized(from_document::<PaymentChanged>(data)?)
        }
        ("payment.captured", 1) => Event::PaymentCaptured(from_document::<PaymentChanged>(data)?),
        ("payment.failed", 1) => Event::PaymentFailed(from_document::<PaymentChanged>(data)?),
        ("payment.cancelled", 1) => Event::PaymentCancelled(from_document::<PaymentChanged>(data)?),
        ("shipment.created", 1) => Event::ShipmentCreated(from_document::<ShipmentCreated>(data)?),
        ("shipment.updated", 1) => Event::ShipmentUpdated(from_document::<ShipmentUpdated>(data)?),
        ("stock.low", 1) => Event::StockLow(from_document::<StockLow>(data)?),
        ("order.person_erased", 1) => {
            Event::OrderPersonErased(from_document::<OrderPersonErased>(data)?)
        }
        _ => return Err(unknown(kind, version)),
    })
}

pub(crate) fn admin_event_data(event: &AdminEvent) -> Result<String, StoreError> {
    match event {
        AdminEvent::ProductPut(it) => to_document(it),
        AdminEvent::ProductDeleted(it) => to_document(it),
        AdminEvent::StockChanged(it) => to_document(it),
        AdminEvent::DeliveryMethodPut(it) => to_document(it),
        AdminEvent::DeliveryMethodDeleted(it) => to_document(it),
        AdminEvent::CustomerRegistered(it) => to_document(it),
        AdminEvent::ClientCreated(it) => to_document(it),
        AdminEvent::ClientRemoved(it) => to_document(it),
        AdminEvent::StorePut(it) => to_document(it),
        AdminEvent::ReviewRulesPut(it) => to_document(it),
        AdminEvent::StoreSecretRotated(it) => to_document(it),
        AdminEvent::CustomerPut(it) => to_document(it),
        AdminEvent::CustomerErased(it) => to_document(it),
    }
}

pub(crate) fn admin_event(kind: &str, version: u16, data: &str) -> Result<AdminEvent, StoreError> {
    Ok(match (kind, version) {
        ("product.put", 1) => AdminEvent::ProductPut(Box::new(from_document(data)?)),
        ("product.deleted", 1) => {
            AdminEvent::ProductDeleted(from_document::<ProductDeleted>(data)?)
        }
        ("stock.changed", 1) => AdminEvent::StockChanged(from_document::<StockChanged>(data)?),
        ("delivery_method.put", 1) => AdminEvent::DeliveryMethodPut(Box::new(from_document(data)?)),
        ("delivery_method.deleted", 1) => {
            AdminEvent::DeliveryMethodDeleted(from_document::<DeliveryMethodDeleted>(data)?)
        }
        ("customer.registered", 1) => {
            AdminEvent::CustomerRegistered(from_document::<CustomerRegistered>(data)?)
        }
        ("client.created", 1) => AdminEvent::ClientCreated(Box::new(from_document(data)?)),
        ("client.removed", 1) => AdminEvent::ClientRemoved(from_document::<ClientRemoved>(data)?),
        ("customer.put", 1) => AdminEvent::CustomerPut(from_document::<CustomerPut>(data)?),
        ("customer.erased", 1) => {
            AdminEvent::CustomerErased(from_document::<CustomerErased>(data)?)
        }
        ("store.put", 1) => AdminEvent::StorePut(Box::new(from_document(data)?)),
        ("review_rules.put", 1) => {
            AdminEvent::ReviewRulesPut(from_document::<ReviewRulesPut>(data)?)
        }
        ("store.secret_rotated", 1) => {
            AdminEvent::StoreSecretRotated(from_document::<StoreSecretRotated>(data)?)
        }
        _ => return Err(unknown(kind, version)),
    })
}

fn broken(doing: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Broken(format!("{doing}: {error}"))
}

fn unknown(kind: &str, version: u16) -> StoreError {
    StoreError::Broken(format!("the log holds a {kind} of version {version}, which is unknown"))
}
