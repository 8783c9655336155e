//! `DELETE /api/delivery-methods/{id}`.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, delivery::delete::DeleteDeliveryMethod};

use super::not_found;
use crate::{
    app::Shared,
    call::{Call, Named},
    json::Style,
    problem::Problem,
    reply::no_content,
};

/// Delete a delivery method
///
/// Orders that it carries are not touched.
#[utoipa::path(
    delete, path = "/api/delivery-methods/{id}", operation_id = "delete_delivery_method",
    tag = "delivery methods",
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let manner = call.empty_change(body).await?;
    let expected = call.expected()?;
    call.caller.require_catalog()?;
    let id = id.parse().map_err(|_| not_found())?;
    let command = Command::DeleteDeliveryMethod(DeleteDeliveryMethod { id, expected });
    app.submit(&call, command, manner, Style::Strict, no_content()).await
}
