//! The words that a field may hold, from where they are decided.

use domain::order::{PaymentMethod, PaymentStatus, ReviewStatus, ShippingStatus, Status};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

pub(crate) fn order_status() -> Object {
    words(Status::ALL.map(Status::name))
}

pub(crate) fn payment_status() -> Object {
    words(
        [
            PaymentStatus::Unpaid,
            PaymentStatus::Authorized,
            PaymentStatus::Paid,
            PaymentStatus::PartiallyRefunded,
            PaymentStatus::Refunded,
        ]
        .map(PaymentStatus::name),
    )
}

pub(crate) fn shipping_status() -> Object {
    words(
        [
            ShippingStatus::Pending,
            ShippingStatus::Processing,
            ShippingStatus::PartiallyShipped,
            ShippingStatus::Shipped,
            ShippingStatus::Delivered,
            ShippingStatus::Cancelled,
        ]
        .map(ShippingStatus::name),
    )
}

pub(crate) fn review_status() -> Object {
    words(
        [ReviewStatus::None, ReviewStatus::UnderReview, ReviewStatus::Passed, ReviewStatus::Failed]
            .map(ReviewStatus::name),
    )
}

pub(crate) fn payment_method() -> Object {
    words(PaymentMethod::ALL.map(PaymentMethod::name))
}

pub(crate) fn payment_state() -> Object {
    words(["authorized", "captured"])
}

pub(crate) fn refund_status() -> Object {
    words(["succeeded"])
}

/// More types will come: a reader passes over those that it does not know.
pub(crate) fn event_type() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Such as `order.created`; pass over those that you do not know"))
        .build()
}

fn words<const N: usize>(words: [&'static str; N]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}
