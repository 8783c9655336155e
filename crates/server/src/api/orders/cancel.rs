//! `DELETE /api/orders/{id}`: cancel an order.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, order::cancel::CancelOrder};
use engine::{Answer, Render};
use serde_json::json;

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::Style,
    openapi::{bodies, queries},
    outcome,
    problem::Problem,
    query::Query,
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
    let read_reason = |query: &mut Query<'_>| Some(query.free_text("reason", 1..=500));
    let (reason, manner) = call.empty_change_with_query(body, read_reason).await?;
    let expected = call.expected()?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let order_no = app.order_no(&id).await?;
    let command = Command::CancelOrder(CancelOrder { order: order_no, reason, expected });
    app.submit(&call, command, manner, Style::Strict, cancelled()).await
}

/// 200 and a sentence.
fn cancelled() -> Render {
    Box::new(|world, result| {
        let order = outcome::order(world, result);
        let message = format!("Order {} cancelled successfully.", order.no);
        Answer {
            status: 200,
            location: None,
            etag: Some(etag(order.version)),
            body: json!({ "message": message }).to_string(),
            shows: None,
        }
    })
}
