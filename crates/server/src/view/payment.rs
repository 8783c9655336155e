//! What was paid of an order, and what went back.

use domain::{
    Currency,
    payment::Payment,
    refund::{Refund, RefundItem},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Amount, Time, order::Viewer};
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentView<'a> {
    payment_id: &'a str,
    #[schema(schema_with = words::payment_method)]
    method: &'static str,
    #[schema(schema_with = words::payment_state)]
    status: &'static str,
    amount: Amount,
    /// The payment provider's own id of it. For the shop.
    provider_reference: Option<&'a str>,
    /// Why it failed, in the provider's words. For the shop.
    failure: Option<&'a str>,
    created_at: Time,
}

impl<'a> PaymentView<'a> {
    pub(crate) fn new(payment: &'a Payment, currency: Currency, viewer: Viewer) -> PaymentView<'a> {
        let for_shop = |text: &'a str| (viewer == Viewer::Shop).then_some(text);
        PaymentView {
            payment_id: payment.id.as_str(),
            method: payment.method.name(),
            status: payment.status.name(),
            amount: Amount(payment.amount, currency),
            provider_reference: payment.intent.as_ref().and_then(|it| for_shop(it.as_str())),
            failure: payment.failure.as_deref().and_then(for_shop),
            created_at: Time(payment.at),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Refund)]
pub(crate) struct RefundView<'a> {
    refund_id: &'a str,
    /// The payment that it comes from.
    payment_id: Option<&'a str>,
    #[schema(schema_with = words::refund_status)]
    status: &'static str,
    amount: Amount,
    /// The payment method, or `manual` where the money goes back by hand.
    method: &'a str,
    /// The goods that it is for; empty: an amount.
    items: Vec<RefundItemView>,
    /// The part of it that is for the shipping.
    shipping: Amount,
    /// For the shop.
    reason: Option<&'a str>,
    /// Why it failed, in the provider's words. For the shop.
    failure: Option<&'a str>,
    created_at: Time,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RefundItem)]
struct RefundItemView {
    line: u32,
    quantity: u32,
    amount: Amount,
    /// Of the quantity, what had not been shipped and was cancelled.
    cancelled_quantity: u32,
    /// Of the quantity, what had been shipped and came back.
    returned_quantity: u32,
}

impl RefundItemView {
    fn new(item: &RefundItem, currency: Currency) -> RefundItemView {
        RefundItemView {
            line: item.line,
            quantity: item.quantity.get(),
            amount: Amount(item.amount, currency),
            cancelled_quantity: item.cancelled,
            returned_quantity: item.returned,
        }
    }
}

impl<'a> RefundView<'a> {
    pub(crate) fn new(refund: &'a Refund, currency: Currency, viewer: Viewer) -> RefundView<'a> {
        let for_shop = |text: &'a str| (viewer == Viewer::Shop).then_some(text);
        RefundView {
            refund_id: &refund.id,
            payment_id: refund.payment.as_ref().map(domain::PaymentId::as_str),
            status: refund.status.name(),
            amount: Amount(refund.amount, currency),
            method: &refund.method,
            items: refund.items.iter().map(|it| RefundItemView::new(it, currency)).collect(),
            shipping: Amount(refund.shipping, currency),
            reason: refund.reason.as_deref().and_then(for_shop),
            failure: refund.failure.as_deref().and_then(for_shop),
            created_at: Time(refund.at),
        }
    }
}
