//! `PATCH /api/orders/{id}/paid`: the shop has collected the money of an order that is not prepaid.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, order::collect::CollectPayment};
use engine::{Answer, Render};

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::Style,
    outcome,
    problem::Problem,
    reply::etag,
};

/// Mark an order as paid
///
/// The shop has collected the money of an order that is not prepaid.
#[utoipa::path(
    patch, path = "/api/orders/{id}/paid", operation_id = "mark_order_paid", tag = "orders",
    responses((status = 204, description = "Paid")),
)]
pub(crate) async fn mark_paid(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let idempotency = call.empty_change(body).await?;
    let expected = call.expected()?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let order_no = app.order_no(&id).await?;
    let command = Command::CollectPayment(CollectPayment { order: order_no, expected });
    app.submit(&call, command, idempotency, Style::Strict, paid()).await
}

/// 204: there is nothing to show that was not known.
fn paid() -> Render {
    Box::new(|world, result| {
        let version = outcome::order(world, result).version;
        Answer { status: 204, etag: Some(etag(version)), ..Answer::default() }
    })
}
