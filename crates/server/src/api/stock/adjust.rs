//! `POST /api/stock/{product_id}/adjust`: a delivery came, a box broke.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command,
    stock::{Stock, adjust::AdjustStock},
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

/// Adjust the stock of a product
///
/// A delivery came, a box broke. Never below what open orders hold.
#[utoipa::path(
    post, path = "/api/stock/{product_id}/adjust", operation_id = "adjust_stock", tag = "stock",
    params(queries::Shelf),
    request_body = bodies::AdjustStockBody,
    responses((status = 200, description = "What there is now", body = StockView)),
)]
pub(crate) async fn adjust(
    State(app): Shared,
    Named(product): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let ((delta, reason), idempotency) = call.change(body, read).await?;
    let expected = call.expected()?;
    let shelf = shelf(&call, &product);
    call.caller.require(Right::WriteCatalog)?;
    let command = Command::AdjustStock(AdjustStock { stock: shelf?, delta, reason, expected });
    app.submit(&call, command, idempotency, Style::Strict, changed_stock()).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<(i64, Option<String>)> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let delta = body.required("delta").integer(-Stock::MAX..=Stock::MAX);
    let reason = body.optional("reason").string(1..=500);
    body.deny_unknown();
    Some((delta?, reason.map(Into::into)))
}
