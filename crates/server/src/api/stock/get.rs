//! `GET /api/stock/{product_id}`: sums over locations, and over variants if none is named.

use axum::{extract::State, response::Response};
use domain::stock::Stock;

use super::{product_id, shelf_in_query};
use crate::{
    app::Shared,
    call::{Call, Named},
    openapi::queries,
    problem::Problem,
    refused,
    reply::document,
    view::stock::StockView,
};

/// Get the stock of a product
///
/// The sum over locations, and over variants, where none is named. The `ETag` is of what is asked
/// for: who changes a shelf by `If-Match` names its location when reading it.
#[utoipa::path(
    get, path = "/api/stock/{product_id}", operation_id = "get_stock", tag = "stock",
    params(queries::Shelf),
    responses((status = 200, description = "What there is", body = StockView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(product): Named,
    call: Call,
) -> Result<Response, Problem> {
    let (variant, location) = call.query(shelf_in_query)?;
    let if_none_match = call.if_none_match()?;
    call.caller.require_catalog()?;
    let id = product_id(&product)?;
    let missing = || refused::not_found("product_not_found", "Product not found");
    let found = app.reads().product(id.clone()).await.map_err(refused::store)?;
    let found = found.ok_or_else(missing)?;
    if variant.as_ref().is_some_and(|it| found.variant(it).is_none()) {
        return Err(refused::not_found("variant_not_found", "Variant not found"));
    }
    let shelves = app.reads().stock(id.clone()).await.map_err(refused::store)?;
    let asked = shelves.iter().filter(|(key, _)| {
        (variant.is_none() || key.variant == variant)
            && location.as_ref().is_none_or(|it| key.location == *it)
    });
    let mut sum = Stock::default();
    for (_, stock) in asked {
        sum.on_hand += stock.on_hand;
        sum.reserved += stock.reserved;
        sum.version += stock.version;
    }
    let view = StockView::new(&id, variant.as_ref(), location.as_ref(), sum);
    Ok(document(&view, Some(sum.version), if_none_match.as_ref()))
}
