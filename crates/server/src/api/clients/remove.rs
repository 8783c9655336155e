//! `DELETE /api/clients/{id}`.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, client::remove::RemoveClient};

use super::not_found;
use crate::{
    app::Shared,
    auth::{Right, Seen},
    call::{Call, Manner, Named},
    json::Style,
    problem::Problem,
    reply::no_content,
};

/// Remove a client
///
/// It gets no more tokens, and those that it has are refused: here from now on, on other processes
/// of the same database within a second.
#[utoipa::path(
    delete, path = "/api/clients/{id}", operation_id = "remove_client", tag = "tokens",
    responses((status = 204, description = "Removed")),
)]
pub(crate) async fn remove(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let manner = call.empty_change(body).await?;
    call.caller.require_everywhere(Right::Administer)?;
    let id = id.parse().map_err(|_| not_found())?;
    let command = Command::RemoveClient(RemoveClient { id });
    let response = app.submit(&call, command, manner, Style::Strict, no_content()).await?;
    if let Manner::Real(_) = manner
        && let Err(why) = app.verifier.look_again(&mut Seen::default()).await
    {
        // It is removed; this process will notice with the next look that succeeds.
        tracing::warn!(why, "clients can't be read");
    }
    Ok(response)
}
