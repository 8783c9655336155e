//! The words that a field may hold, from where they are decided.

use domain::{
    cart::CartStatus,
    customer::Channel,
    order::{
        MerchantStatus, PaymentMethod, PaymentStatus, ReviewStatus, ShippingStatus, Status,
        VendorStatus,
    },
    payment::{IntentState, PaymentState},
    refund::RefundState,
    review::velocity::By,
};
use engine::payment::sandbox::Callback;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};

pub(crate) fn order_status() -> Object {
    words(Status::ALL.map(Status::name))
}

pub(crate) fn cart_status() -> Object {
    words([CartStatus::Open, CartStatus::Ordered].map(CartStatus::name))
}

pub(crate) fn payment_status() -> Object {
    words(PaymentStatus::ALL.map(PaymentStatus::name))
}

pub(crate) fn shipping_status() -> Object {
    words(ShippingStatus::ALL.map(ShippingStatus::name))
}

pub(crate) fn review_status() -> Object {
    words(ReviewStatus::ALL.map(ReviewStatus::name))
}

pub(crate) fn review_decision() -> Object {
    words(["pass", "fail"])
}

pub(crate) fn rule_kind() -> Object {
    words(["total_over", "countries_differ", "velocity", "blocked"])
}

pub(crate) fn optional_velocity() -> Object {
    or_null(words(By::ALL.map(By::name)))
}

pub(crate) fn payment_method() -> Object {
    words(PaymentMethod::ALL.map(PaymentMethod::name))
}

pub(crate) fn optional_payment_method() -> Object {
    or_null(payment_method())
}

pub(crate) fn payment_state() -> Object {
    words(
        [
            PaymentState::Open,
            PaymentState::Processing,
            PaymentState::Authorized,
            PaymentState::Captured,
            PaymentState::Failed,
            PaymentState::Cancelled,
        ]
        .map(PaymentState::name),
    )
}

/// Of a payment as its provider sees it.
pub(crate) fn intent_state() -> Object {
    words(
        [
            IntentState::Open,
            IntentState::Declined,
            IntentState::Processing,
            IntentState::Authorized,
            IntentState::Succeeded,
            IntentState::Cancelled,
        ]
        .map(IntentState::name),
    )
}

pub(crate) fn optional_intent_state() -> Object {
    or_null(intent_state())
}

pub(crate) fn merchant_status() -> Object {
    words(MerchantStatus::ALL.map(MerchantStatus::name))
}

pub(crate) fn vendor_status() -> Object {
    words(VendorStatus::ALL.map(VendorStatus::name))
}

pub(crate) fn optional_vendor_status() -> Object {
    or_null(vendor_status())
}

pub(crate) fn shipment_status() -> Object {
    words(["shipped", "delivered"])
}

pub(crate) fn optional_arrival() -> Object {
    or_null(words(["delivered"]))
}

pub(crate) fn refund_status() -> Object {
    words(
        [RefundState::Pending, RefundState::Succeeded, RefundState::Failed].map(RefundState::name),
    )
}

pub(crate) fn optional_callback() -> Object {
    or_null(words(Callback::ALL.map(Callback::name)))
}

pub(crate) fn channels() -> Array {
    ArrayBuilder::new().items(words(Channel::ALL.map(Channel::name))).build()
}

/// More types will come: a reader passes over those that it does not know.
pub(crate) fn event_type() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Such as `order.created`; pass over those that you do not know"))
        .build()
}

/// The same for the admin log.
pub(crate) fn admin_event_type() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Such as `product.put`; pass over those that you do not know"))
        .build()
}

/// A field that is null is as if it were left out.
fn or_null(mut schema: Object) -> Object {
    schema.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    schema.enum_values.get_or_insert_default().push(serde_json::Value::Null);
    schema
}

fn words<const N: usize>(words: [&'static str; N]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}
