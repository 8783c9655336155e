//! `GET /api/customers/{id}`.

use axum::{extract::State, response::Response};

use super::{named, not_found};
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    problem::Problem,
    refused,
    reply::document,
    view::customer::CustomerView,
};

/// Get a customer
#[utoipa::path(
    get, path = "/api/customers/{id}", operation_id = "get_customer", tag = "customers",
    responses((status = 200, description = "The customer", body = CustomerView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(name): Named,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    let if_none_match = call.if_none_match()?;
    call.caller.require_everywhere(Right::WriteCatalog)?;
    let found = app.reads().customer(named(&name)?).await.map_err(refused::store)?;
    let customer = found.ok_or_else(not_found)?;
    Ok(document(&CustomerView::new(&customer), Some(customer.version), if_none_match.as_ref()))
}
