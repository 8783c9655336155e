//! `GET /api/clients`: there are as many as a shop has programs, so the list has no pages.

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::Shared, auth::Right, call::Call, problem::Problem, refused, reply::document,
    view::client::ClientView,
};

#[derive(Serialize, ToSchema)]
#[schema(as = ClientPage)]
struct Page<'a> {
    clients: Vec<ClientView<'a>>,
    next_cursor: Option<String>,
}

/// List clients
///
/// Those that were removed are not there.
#[utoipa::path(
    get, path = "/api/clients", operation_id = "list_clients", tag = "tokens",
    responses((status = 200, description = "All of them", body = Page)),
)]
pub(crate) async fn list(State(app): Shared, call: Call) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    call.caller.require_everywhere(Right::Administer)?;
    let clients = app.reads().clients().await.map_err(refused::store)?;
    let clients = clients.iter().filter(|it| !it.is_removed()).map(ClientView::new).collect();
    Ok(document(&Page { clients, next_cursor: None }, None, None))
}
