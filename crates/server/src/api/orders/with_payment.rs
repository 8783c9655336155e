//! `POST /api/orders/with-payment`: place an order that its customer pays for now.

use axum::{body::Body, extract::State, response::Response};

use super::placing::{self, Terms};
use crate::{
    app::Shared,
    auth::Right,
    call::Call,
    json::{Faults, Json},
    openapi::bodies,
    payable::PayableOrder,
    problem::Problem,
};

/// Place an order with its payment
///
/// The prices are the catalogue's, the stock is kept for as long as the customer has to pay, and
/// the payment provider makes an intent, which the customer's browser pays by `clientSecret`. The
/// order is confirmed once the provider says that it is paid. If nothing is to be paid, it is
/// confirmed at once, and `clientSecret` is null.
///
/// If the provider makes no intent, the order is cancelled, its stock is free again, and so is the
/// key. A repeat with the same key never places a second order: it waits for the outcome of the
/// first, also after a crash, for up to 15 seconds.
#[utoipa::path(
    post, path = "/api/orders/with-payment", operation_id = "place_order_with_payment",
    tag = "orders",
    request_body = bodies::PlaceOrderBody,
    responses((status = 200, description = "Placed, and ready to be paid", body = PayableOrder)),
)]
pub(crate) async fn with_payment(
    State(app): Shared,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let for_anyone = call.caller.may(Right::WriteAnyOrder);
    let read =
        |tree: &Json<'_>, faults: &Faults| placing::read(tree, faults, for_anyone, Terms::Prepaid);
    let (placing, manner) = call.change(body, read).await?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let style = placing.style;
    let place = placing.into_order(&call)?;
    app.submit_payable(&call, place.into_command(), manner, style).await
}
