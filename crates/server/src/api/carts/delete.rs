//! `DELETE /api/carts/{id}`.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, cart::delete::DeleteCart};

use super::naming;
use crate::{
    app::Shared,
    call::{Call, Named},
    json::Style,
    openapi::queries,
    problem::Problem,
    reply::no_content,
};

/// Delete a cart
///
/// One that was ordered stays, so that it is not ordered again.
#[utoipa::path(
    delete, path = "/api/carts/{id}", operation_id = "delete_cart", tag = "carts",
    params(queries::WhoseCart),
    responses((status = 204, description = "Deleted")),
)]
pub(crate) async fn delete(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (owner, manner) =
        call.empty_change_with_query(body, |query| Some(naming::owner(query))).await?;
    let expected = call.expected()?;
    let cart = naming::key(&call, &name, owner)?;
    let command = Command::DeleteCart(DeleteCart { cart, expected });
    app.submit(&call, command, manner, Style::Strict, no_content()).await
}
