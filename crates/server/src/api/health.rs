//! Whether the process lives, and whether it can work.

use axum::{extract::State, http::StatusCode};

use crate::{app::Shared, problem::Problem, refused};

pub(crate) async fn alive() -> StatusCode {
    StatusCode::OK
}

/// The store is reachable, and its tables are those of this release: it was not opened otherwise.
pub(crate) async fn ready(State(app): Shared) -> Result<StatusCode, Problem> {
    app.reads().ready().await.map_err(refused::store)?;
    Ok(StatusCode::OK)
}
