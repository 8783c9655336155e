//! `GET /api/products`: active products are public.

use axum::{extract::State, response::Response};
use domain::ProductId;
use serde::Serialize;
use store::ProductQuery;
use utoipa::ToSchema;

use crate::{
    app::Shared,
    call::Visit,
    cursor::Part,
    openapi::queries,
    paging::{self, Wanted},
    problem::Problem,
    refused,
    view::product::ProductView,
};

#[derive(Serialize, ToSchema)]
#[schema(as = ProductPage)]
struct Page<'a> {
    products: Vec<ProductView<'a>>,
    next_cursor: Option<String>,
}

/// List products
///
/// In the order of their ids. Without the right to write the catalogue, active ones only.
#[utoipa::path(
    get, path = "/api/products", operation_id = "list_products", tag = "products",
    params(queries::PageOf),
    responses((status = 200, description = "A page", body = Page)),
)]
pub(crate) async fn list(State(app): Shared, visit: Visit) -> Result<Response, Problem> {
    let wanted = visit.query(|query| Wanted::read(query, "products", paging::id::<ProductId>))?;
    let active_only = !visit.may_write_catalog();
    let query = ProductQuery { after: wanted.after.clone(), limit: wanted.rows(), active_only };
    let mut products = app.reads().products(query).await.map_err(refused::store)?;
    let next_cursor = wanted.cut(&mut products, |it| Part::Text(it.id.as_str().into()));
    let products = products.iter().map(ProductView::new).collect();
    let page = Page { products, next_cursor };
    Ok(paging::page(&page, &visit.uri, page.next_cursor.as_deref()))
}
