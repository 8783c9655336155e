//! `POST /api/orders/{id}/refunds`: give money back, an amount or the price of some goods.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, Expected, Order, OrderNo,
    refund::request::{RequestRefund, Wanted, WantedItem},
};
use engine::{Answer, Render};

use super::{decimal, line_and_quantity, placing::ITEMS_MAX};
use crate::{
    app::{App, Shared},
    auth::Right,
    call::{Call, Named, order_url},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    refused,
    reply::{etag, json},
    view::{order::Viewer, payment::RefundView},
};

struct Asked {
    what: Wanted,
    reason: Option<String>,
}

/// Refund an order
///
/// Either an `amount`, or the price of `items` with their share of discounts and taxes, and of the
/// `shipping`. With `restock`, what was not shipped is cancelled and what was is on the shelf
/// again. The refund is `pending` until the payment provider has confirmed it; what no provider
/// took is refunded by record (`method: "manual"`) and has `succeeded` at once. What is on its way
/// counts as given: more than is left is refused. Possible in every status.
///
/// Machine clients with `orders:write` refund by record only.
#[utoipa::path(
    post, path = "/api/orders/{id}/refunds", operation_id = "create_refund", tag = "payments",
    request_body = bodies::RefundBody,
    responses((
        status = 201, description = "Begun; `Location` is the order's address", body = RefundView,
    )),
)]
pub(crate) async fn refunds(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (asked, manner) = call.change(body, read).await?;
    let expected = call.expected()?;
    call.caller.require(Right::WriteAnyOrder)?;
    let order = app.order_no(&id).await?;
    if !call.caller.may(Right::RefundPayments) {
        require_record(&app, &call, order).await?;
    }
    let command = Command::RequestRefund(Box::new(asked.into_command(order, expected)));
    app.submit(&call, command, manner, Style::Strict, refunded()).await
}

/// Machine clients may write down what the shop gave back by hand. An order gets a provider's
/// payment only while it is prepaid and not on account, so the answer holds until the command is
/// decided.
async fn require_record(app: &App, call: &Call, order: OrderNo) -> Result<(), Problem> {
    let actor = call.actor()?;
    let order = app.reads().order(order).await.map_err(refused::store)?;
    let seen = order.filter(|it| actor.may_see(it.customer.as_ref(), it.store));
    match seen {
        Some(order) if may_have_provider(&order) => call.caller.require(Right::RefundPayments),
        Some(_) | None => Ok(()),
    }
}

fn may_have_provider(order: &Order) -> bool {
    let is_prepaid = order.payment_method.is_prepaid() && !order.on_account;
    is_prepaid || order.payments.iter().any(|it| it.intent.is_some())
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Asked> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let amount = body.optional("amount");
    let items = body.optional("items");
    let shipping = body.optional("shipping");
    let restock = body.optional("restock");
    let reason = body.optional("reason").string(1..=500);
    let by_amount = decimal(amount);
    let wanted = items.array(1..=ITEMS_MAX);
    let wanted: Option<Vec<WantedItem>> = wanted.map(|it| {
        let read = it.iter().filter_map(line_and_quantity);
        read.map(|(line, quantity)| WantedItem { line, quantity }).collect()
    });
    let parts = Wanted::Parts {
        items: wanted.unwrap_or_default(),
        shipping: decimal(shipping),
        restock: restock.bool().unwrap_or(false),
    };
    body.deny_unknown();
    let names_parts = items.is_present() || shipping.is_present();
    match (amount.is_present(), names_parts) {
        (true, false) if restock.is_present() => {
            restock.fault("restock_without_items", "must stand beside items");
        }
        (true, true) | (false, false) => {
            body.fault("amount_or_items", "must have either an amount, or items or shipping");
        }
        (true, false) | (false, true) => {}
    }
    let what = if names_parts { parts } else { Wanted::Amount(by_amount?) };
    Some(Asked { what, reason: reason.map(Into::into) })
}

impl Asked {
    fn into_command(self, order: OrderNo, expected: Expected) -> RequestRefund {
        RequestRefund { order, what: self.what, reason: self.reason, expected }
    }
}

/// 201 and the refund.
fn refunded() -> Render {
    Box::new(|world, result| {
        let (order, refund) = outcome::refund(world, result);
        Answer {
            status: 201,
            location: Some(order_url(order.no)),
            etag: Some(etag(order.version)),
            body: json(&RefundView::new(refund, order.currency, Viewer::Shop)),
            shows: None,
        }
    })
}
