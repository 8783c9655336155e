//! Whether the process lives, and whether it can work.

use axum::{extract::State, http::StatusCode};

use crate::{app::Shared, problem::Problem, refused};

/// Tell whether the server lives
///
/// It asks nobody else: a process that answers is alive.
#[utoipa::path(
    get, path = "/healthz", operation_id = "get_health", tag = "server",
    responses((status = 200, description = "The process lives")),
)]
pub(crate) async fn alive() -> StatusCode {
    StatusCode::OK
}

/// Tell whether the server can work
///
/// The database can be reached, and its tables are those of this release.
#[utoipa::path(
    get, path = "/readyz", operation_id = "get_readiness", tag = "server",
    responses((status = 200, description = "The store is reachable, its tables are up to date")),
)]
pub(crate) async fn ready(State(app): Shared) -> Result<StatusCode, Problem> {
    app.reads().ready().await.map_err(refused::store)?;
    Ok(StatusCode::OK)
}
