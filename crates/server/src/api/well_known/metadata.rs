//! `GET /.well-known/oauth-authorization-server`: where tokens are to be had (RFC 8414).

use axum::{
    extract::State,
    http::{HeaderMap, header::HOST},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::published;
use crate::{app::Shared, auth::Scopes};

#[derive(Serialize, ToSchema)]
#[schema(as = TokenServer)]
struct TokenServerView {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

/// Say where tokens are to be had
///
/// The addresses begin with the setting `public_url`, or, without it, with the `Host` that the
/// request names.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", operation_id = "get_token_server",
    tag = "tokens",
    responses((status = 200, description = "The metadata of RFC 8414", body = TokenServerView)),
)]
pub(crate) async fn metadata(State(app): Shared, headers: HeaderMap) -> Response {
    let host = headers.get(HOST).and_then(|it| it.to_str().ok()).unwrap_or("localhost");
    let issuer = match app.verifier.public_url() {
        Some(url) => url.to_owned(),
        None => format!("http://{host}"),
    };
    let base = issuer.trim_end_matches('/');
    published(&TokenServerView {
        token_endpoint: format!("{base}/oauth/token"),
        jwks_uri: format!("{base}/.well-known/jwks.json"),
        issuer: issuer.clone(),
        scopes_supported: Scopes::all_words().collect(),
        response_types_supported: [],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    })
}
