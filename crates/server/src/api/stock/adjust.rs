//! `POST /api/stock/{product_id}/adjust`: a delivery came, a box broke.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command,
    stock::{Stock, adjust::AdjustStock},
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
    let read = |tree: &Json<'_>, faults: &Faults| {
        count_in_body(tree, faults, "delta", -Stock::MAX..=Stock::MAX)
    };
    let ((delta, reason), place, manner) =
        call.change_with_query(body, read, shelf_in_query).await?;
    let expected = call.expected()?;
    call.caller.require_catalog()?;
    let stock = shelf(&product, place)?;
    let command = Command::AdjustStock(AdjustStock { stock, delta, reason, expected });
    app.submit(&call, command, manner, Style::Strict, changed_stock()).await
}
