//! What other programs look for before they know anything of this server (RFC 8615).

pub(crate) mod jwks;
pub(crate) mod metadata;

pub(crate) use self::{jwks::jwks, metadata::metadata};

use axum::{
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use crate::reply::json;

/// It may be kept for a moment: a new key signs only after it was to be seen here.
fn published(document: &impl serde::Serialize) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=60")];
    (headers, json(document)).into_response()
}
