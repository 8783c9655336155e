//! `GET /api/products`: active products are public.

use axum::{extract::State, http::header::LINK, response::Response};
use domain::ProductId;
use serde::Serialize;
use store::ProductQuery;
use utoipa::ToSchema;

use crate::{
    app::Shared,
    call::{Visit, next_link},
    cursor::{self, Part},
    openapi::queries,
    problem::Problem,
    refused,
    reply::document,
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
    let (binding, after, limit) = visit.query(|query| {
        let binding = query.binding("products");
        let after = query.cursor(binding).and_then(|position| match &position[..] {
            [Part::Text(id)] => id.parse::<ProductId>().ok(),
            _ => None,
        });
        Some((binding, after, query.limit()))
    })?;
    let active_only = !visit.may_write_catalog();
    let query = ProductQuery { after, limit: limit + 1, active_only };
    let mut products = app.reads().products(query).await.map_err(refused::store)?;
    let there_is_more = products.len() > limit as usize;
    products.truncate(limit as usize);
    let last = products.last().filter(|_| there_is_more);
    let next_cursor = last.map(|it| cursor::encode(binding, &[Part::Text(it.id.as_str().into())]));
    let link = next_cursor.as_deref().and_then(|cursor| next_link(&visit.uri, cursor));
    let products = products.iter().map(ProductView::new).collect();
    let mut response = document(&Page { products, next_cursor }, None, None);
    if let Some(link) = link {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}
