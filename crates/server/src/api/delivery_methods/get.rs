//! `GET /api/delivery-methods/{id}`: active ones are public.

use axum::{extract::State, response::Response};

use super::not_found;
use crate::{
    app::Shared,
    call::{Named, Visit},
    problem::Problem,
    refused,
    reply::document,
    view::delivery_method::DeliveryMethodView,
};

/// Get a delivery method
///
/// One that is not active is shown to those who may change it.
#[utoipa::path(
    get, path = "/api/delivery-methods/{id}", operation_id = "get_delivery_method",
    tag = "delivery methods",
    responses((status = 200, description = "The delivery method", body = DeliveryMethodView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(id): Named,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.query(|_| Some(()))?;
    let if_none_match = visit.if_none_match()?;
    let id = id.parse().map_err(|_| not_found())?;
    let method = app.reads().delivery_method(id).await.map_err(refused::store)?;
    let method =
        method.filter(|it| it.active || visit.may_write_catalog()).ok_or_else(not_found)?;
    Ok(document(&DeliveryMethodView::new(&method), Some(method.version), if_none_match.as_ref()))
}
