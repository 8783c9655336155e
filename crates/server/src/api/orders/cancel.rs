//! `DELETE /api/orders/{id}`: cancel an order.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, order::cancel::CancelOrder};
use engine::Answer;
use serde_json::json;

use super::order;
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::Style,
    openapi::{bodies, queries},
    problem::Problem,
    reply::etag,
};

/// Cancel an order
///
/// Its stock is for sale again, its money goes back, its invoice is credited. Customers may cancel
/// what is still pending.
#[utoipa::path(
    delete, path = "/api/orders/{id}", operation_id = "cancel_order", tag = "orders",
    params(queries::CancelOrder),
    responses((status = 200, description = "Cancelled", body = bodies::Message)),
)]
pub(crate) async fn cancel(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let idempotency = call.empty_change(body).await?;
    let reason = call.query(|query| Some(query.free_text("reason", 1..=500)))?;
    let expected = call.expected()?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let order_no = app.order_no(&id).await?;
    let command = Command::CancelOrder(CancelOrder { order: order_no, reason, expected });
    let render = Box::new(|world: &domain::World, outcome: &domain::Outcome| {
        let Some(order) = order(world, outcome) else {
            return Answer { status: 500, ..Answer::default() };
        };
        let message = format!("Order {} cancelled successfully.", order.no);
        Answer {
            status: 200,
            location: None,
            etag: Some(etag(order.version)),
            body: json!({ "message": message }).to_string(),
        }
    });
    app.submit(&call, command, idempotency, Style::Strict, render).await
}
