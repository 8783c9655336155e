//! An event of the feed and of an order's audit log.

use domain::{Currency, Event, Recorded, id::VariantId, order::CancelCause};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Text, Time,
    order::{LineView, PaymentView, RefundView, ShipmentView, Viewer},
};

#[derive(Serialize)]
pub(crate) struct EventView<'a> {
    seq: u64,
    r#type: &'static str,
    version: u16,
    at: Time,
    store_id: u32,
    order_id: Option<Text<domain::OrderNo>>,
    actor: &'a str,
    request_id: &'a str,
    data: Value,
}

impl<'a> EventView<'a> {
    pub(crate) fn new(recorded: &'a Recorded) -> EventView<'a> {
        EventView {
            seq: recorded.seq,
            r#type: recorded.event.kind(),
            version: recorded.event.version(),
            at: Time(recorded.at),
            store_id: recorded.store.0,
            order_id: recorded.order.map(Text),
            actor: &recorded.actor,
            request_id: &recorded.request_id,
            data: data(recorded),
        }
    }
}

/// The event's own facts, without names, addresses and contacts: it holds none.
fn data(recorded: &Recorded) -> Value {
    let amount = |money, currency: Currency| super::Amount(money, currency);
    match &recorded.event {
        Event::OrderCreated(it) => json!({
            "user_id": it.customer.as_ref().map(domain::CustomerId::as_str),
            "currency": it.currency.code(),
            "items": it.lines.iter().map(|line| LineView::new(line, it.currency)).collect::<Vec<_>>(),
            "delivery_method_id": it.shipping.method.as_ref().map(|method| method.as_str()),
            "shipping_total": amount(it.shipping.amount, it.currency),
            "total": amount(it.total, it.currency),
            "payment_method": it.payment_method.name(),
            "metadata": it.metadata,
        }),
        Event::OrderConfirmed(it) => json!({
            "retrieval_id": format!("{}-{}", recorded.store, it.retrieval_no),
            "invoice_number": it.invoice.to_string(),
            "on_account": it.on_account,
        }),
        Event::OrderPaid(it) => json!({
            "amount": amount(it.amount, it.currency),
            "currency": it.currency.code(),
        }),
        Event::OrderShipped(it) => json!({ "reason": it.reason }),
        Event::OrderDelivered(it) => json!({ "reason": it.reason }),
        Event::OrderCancelled(it) => json!({
            "cause": match it.cause {
                CancelCause::Customer => "customer",
                CancelCause::Staff => "staff",
                CancelCause::Expired => "expired",
                CancelCause::Provider => "provider",
                CancelCause::ReviewFailed => "review_failed",
            },
            "reason": it.reason,
            "credit_note_number": it.credit_note.as_ref().map(ToString::to_string),
        }),
        Event::OrderRefunded(it) => json!({
            "refund": RefundView::new(&it.refund, it.currency, Viewer::Shop),
            "currency": it.currency.code(),
        }),
        Event::PaymentCaptured(it) => json!({
            "payment": PaymentView::new(&it.payment, it.currency),
            "currency": it.currency.code(),
        }),
        Event::ShipmentCreated(it) => json!({ "shipment": ShipmentView::new(&it.shipment) }),
        Event::StockLow(it) => json!({
            "product_id": it.stock.product.as_str(),
            "variant_id": it.stock.variant.as_ref().map(VariantId::as_str),
            "location_id": it.stock.location.as_str(),
            "available": it.available,
            "low_stock_at": it.low_stock_at,
        }),
    }
}
