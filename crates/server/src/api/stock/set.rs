//! `PUT /api/stock/{product_id}`: set what lies on the shelf.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command,
    stock::{Stock, set::SetStock},
};

use super::{changed_stock, count_in_body, shelf, shelf_in_query};
use crate::{
    app::Shared,
    call::{Call, Named},
    json::{Faults, Json, Style},
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
    let read =
        |tree: &Json<'_>, faults: &Faults| count_in_body(tree, faults, "on_hand", 0..=Stock::MAX);
    let ((on_hand, reason), place, manner) =
        call.change_with_query(body, read, shelf_in_query).await?;
    let expected = call.expected()?;
    call.caller.require_catalog()?;
    let stock = shelf(&product, place)?;
    let command = Command::SetStock(SetStock { stock, on_hand, reason, expected });
    app.submit(&call, command, manner, Style::Strict, changed_stock()).await
}
