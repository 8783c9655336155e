//! `GET /api/products/{id}`: active products are public.

use axum::{extract::State, response::Response};
use domain::ProductId;

use crate::{
    app::Shared,
    call::{Named, Visit},
    problem::Problem,
    refused,
    reply::document,
    view::product::ProductView,
};

/// Get a product
///
/// One that is not for sale is shown to those who may change it.
#[utoipa::path(
    get, path = "/api/products/{id}", operation_id = "get_product", tag = "products",
    responses((status = 200, description = "The product", body = ProductView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(id): Named,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.query(|_| Some(()))?;
    let if_none_match = visit.if_none_match()?;
    let missing = || refused::not_found("product_not_found", "Product not found");
    let id: ProductId = id.parse().map_err(|_| missing())?;
    let product = app.reads().product(id).await.map_err(refused::store)?;
    let product =
        product.filter(|it| it.active || visit.may_write_catalog()).ok_or_else(missing)?;
    Ok(document(&ProductView::new(&product), Some(product.version), if_none_match.as_ref()))
}
