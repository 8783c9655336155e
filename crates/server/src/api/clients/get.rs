//! `GET /api/clients/{id}`.

use axum::{extract::State, response::Response};

use super::not_found;
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    problem::Problem,
    refused,
    reply::document,
    view::client::ClientView,
};

/// Get a client
///
/// Without its secret, which nobody can read any more.
#[utoipa::path(
    get, path = "/api/clients/{id}", operation_id = "get_client", tag = "tokens",
    responses((status = 200, description = "The client", body = ClientView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(id): Named,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    call.caller.require_everywhere(Right::Administer)?;
    let id = id.parse().map_err(|_| not_found())?;
    let client = app.reads().client(id).await.map_err(refused::store)?;
    let client = client.filter(|it| !it.is_removed()).ok_or_else(not_found)?;
    Ok(document(&ClientView::new(&client), None, None))
}
