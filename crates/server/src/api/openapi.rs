//! The API's description.

use axum::{http::header::CONTENT_TYPE, response::IntoResponse};

/// Get this description
///
/// The same as a page to try it out is at `/docs`.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "get_description", tag = "server",
    responses((status = 200, description = "An OpenAPI 3.1 description", body = Object)),
)]
pub(crate) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], crate::openapi::document())
}
