//! `GET /api/stores`.

use axum::{extract::State, response::Response};
use domain::StoreId;
use serde::Serialize;
use store::ShopQuery;
use utoipa::ToSchema;

use crate::{
    app::Shared,
    auth::Right,
    call::Call,
    cursor::Part,
    openapi::queries,
    paging::{self, Wanted},
    problem::Problem,
    refused,
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
    let wanted = call.query(|query| Wanted::read(query, "stores", number))?;
    call.caller.require(Right::Administer)?;
    let query = ShopQuery { after: wanted.after, limit: wanted.rows(), stores: call.stores() };
    let mut shops = app.reads().shops(query).await.map_err(refused::store)?;
    let next_cursor = wanted.cut(&mut shops, |it| Part::Number(it.id.0.into()));
    let stores = shops.iter().map(StoreView::new).collect();
    let page = Page { stores, next_cursor };
    Ok(paging::page(&page, &call.uri, page.next_cursor.as_deref()))
}

fn number(part: &Part) -> Option<StoreId> {
    match part {
        Part::Number(number) => u32::try_from(*number).ok().map(StoreId),
        Part::Text(_) => None,
    }
}
