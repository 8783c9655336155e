//! `POST /api/orders/{id}/payments`: what a pending order can be paid by.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, payment::start::StartPayment};

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::Style,
    payable::PayableOrder,
    problem::Problem,
};

/// Start a payment of an order
///
/// The open intent of a pending prepaid order, or a new one where there is none or the last one
/// was declined.
#[utoipa::path(
    post, path = "/api/orders/{id}/payments", operation_id = "start_payment", tag = "payments",
    responses((status = 200, description = "Ready to be paid", body = PayableOrder)),
)]
pub(crate) async fn payments(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let manner = call.empty_change(body).await?;
    let expected = call.expected()?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let order = app.order_no(&id).await?;
    let command = Command::StartPayment(StartPayment { order, expected });
    app.submit_payable(&call, command, manner, Style::Strict).await
}
