//! `GET /api/stores/{number}`.

use axum::{extract::State, response::Response};

use super::{named, not_found};
use crate::{
    app::Shared,
    call::{Call, Named},
    problem::Problem,
    refused,
    reply::document,
    view::store::StoreView,
};

/// Get a store
#[utoipa::path(
    get, path = "/api/stores/{number}", operation_id = "get_store", tag = "stores",
    responses((status = 200, description = "The store", body = StoreView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(name): Named,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    let if_none_match = call.if_none_match()?;
    let id = named(&call, &name)?;
    let shop = app.reads().shop(id).await.map_err(refused::store)?.ok_or_else(not_found)?;
    Ok(document(&StoreView::new(&shop), Some(shop.version), if_none_match.as_ref()))
}
