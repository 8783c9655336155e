//! `DELETE /api/products/{id}`.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, catalog::delete::DeleteProduct};

use crate::{
    app::Shared,
    call::{Call, Named},
    json::Style,
    problem::Problem,
    refused,
    reply::no_content,
};

/// Delete a product
///
/// Orders keep their lines.
#[utoipa::path(
    delete, path = "/api/products/{id}", operation_id = "delete_product", tag = "products",
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
    let id =
        id.parse().map_err(|_| refused::not_found("product_not_found", "Product not found"))?;
    let command = Command::DeleteProduct(DeleteProduct { id, expected });
    app.submit(&call, command, manner, Style::Strict, no_content()).await
}
