//! `GET /api/stores`.

use axum::{extract::State, http::header::LINK, response::Response};
use domain::StoreId;
use serde::Serialize;
use store::ShopQuery;
use utoipa::ToSchema;

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, next_link},
    cursor::{self, Part},
    openapi::queries,
    problem::Problem,
    refused,
    reply::document,
    view::store::StoreView,
};

#[derive(Serialize, ToSchema)]
#[schema(as = StorePage)]
struct Page<'a> {
    stores: Vec<StoreView<'a>>,
    next_cursor: Option<String>,
}

/// List stores
///
/// In the order of their numbers; those that the caller's token reaches.
#[utoipa::path(
    get, path = "/api/stores", operation_id = "list_stores", tag = "stores",
    params(queries::PageOf),
    responses((status = 200, description = "A page", body = Page)),
)]
pub(crate) async fn list(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let (binding, after, limit) = call.query(|query| {
        let binding = query.binding("stores");
        let after = query.cursor(binding).and_then(|position| match position[..] {
            [Part::Number(number)] => u32::try_from(number).ok().map(StoreId),
            _ => None,
        });
        Some((binding, after, query.limit()))
    })?;
    call.caller.require(Right::Administer)?;
    let query = ShopQuery { after, limit: limit + 1, stores: call.stores() };
    let mut shops = app.reads().shops(query).await.map_err(refused::store)?;
    let there_is_more = shops.len() > limit as usize;
    shops.truncate(limit as usize);
    let last = shops.last().filter(|_| there_is_more);
    let next_cursor = last.map(|it| cursor::encode(binding, &[Part::Number(it.id.0.into())]));
    let link = next_cursor.as_deref().and_then(|cursor| next_link(&call.uri, cursor));
    let stores = shops.iter().map(StoreView::new).collect();
    let mut response = document(&Page { stores, next_cursor }, None, None);
    if let Some(link) = link {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}
