//! `PUT /api/stock/{product_id}`: set what lies on the shelf.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command,
    stock::{Stock, set::SetStock},
};

use super::{changed_stock, shelf};
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::{bodies, queries},
    problem::Problem,
    view::stock::StockView,
};

/// Set the stock of a product
///
/// After a count. Never below what open orders hold.
#[utoipa::path(
    put, path = "/api/stock/{product_id}", operation_id = "set_stock", tag = "stock",
    params(queries::Shelf),
    request_body = bodies::SetStockBody,
    responses((status = 200, description = "What there is now", body = StockView)),
)]
pub(crate) async fn set(
    State(app): Shared,
    Named(product): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let ((on_hand, reason), idempotency) = call.change(body, read).await?;
    let expected = call.expected()?;
    let shelf = shelf(&call, &product);
    call.caller.require(Right::WriteCatalog)?;
    let command = Command::SetStock(SetStock { stock: shelf?, on_hand, reason, expected });
    app.submit(&call, command, idempotency, Style::Strict, changed_stock()).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<(i64, Option<String>)> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let on_hand = body.required("on_hand").integer(0..=Stock::MAX);
    let reason = body.optional("reason").string(1..=500);
    body.deny_unknown();
    Some((on_hand?, reason.map(Into::into)))
}
