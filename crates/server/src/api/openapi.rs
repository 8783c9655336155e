//! The API's description.

use axum::{http::header::CONTENT_TYPE, response::IntoResponse};

pub(crate) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], crate::openapi::document())
}
