//! `GET /.well-known/jwks.json`: the public halves of the keys whose tokens count (RFC 7517).

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::published;
use crate::app::Shared;

#[derive(Serialize, ToSchema)]
#[schema(as = KeySet)]
struct KeySetView<'a> {
    #[schema(value_type = Vec<PublicKeyView>)]
    keys: Vec<&'a jsonwebtoken::jwk::Jwk>,
}

/// As RFC 8037 says of Ed25519.
#[derive(ToSchema)]
#[schema(as = PublicKey)]
#[expect(dead_code, reason = "described, never made")]
struct PublicKeyView {
    kty: String,
    crv: String,
    x: String,
    kid: String,
    alg: String,
    r#use: String,
}

/// Get the public keys
///
/// Those by which others can check this server's tokens. One that is new is here before it signs;
/// one that is withdrawn is gone.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", operation_id = "get_public_keys", tag = "tokens",
    responses((status = 200, description = "All of them", body = KeySetView)),
)]
pub(crate) async fn jwks(State(app): Shared) -> Response {
    published(&KeySetView { keys: app.verifier.own().public() })
}
