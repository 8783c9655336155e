//! `GET /.well-known/oauth-authorization-server`.

use server::auth::{Grant, Trust};
use testkit::server::{Reply, TestServer, Wish};

use crate::clients::{create, token_of};

fn metadata(server: &TestServer) -> Reply {
    let call = server.get("/.well-known/oauth-authorization-server");
    call.header("Host", "orders.internal:8080").send()
}

#[test]
fn it_says_where_tokens_are_to_be_had() {
    let server = TestServer::start();
    insta::assert_snapshot!(metadata(&server).lines(), @r#"
    200
    cache-control: public, max-age=60
    content-type: application/json

    {"issuer":"http://orders.internal:8080",
    "token_endpoint":"http://orders.internal:8080/oauth/token",
    "jwks_uri":"http://orders.internal:8080/.well-known/jwks.json",
    "scopes_supported":["customer",
    "staff",
    "orders:read",
    "orders:write",
    "catalog:write",
    "events:read",
    "webhooks:write"],
    "response_types_supported":[],
    "grant_types_supported":["client_credentials"],
    "token_endpoint_auth_methods_supported":["client_secret_basic",
    "client_secret_post"]}
    "#);
}

/// With an address of its own the server signs in that name, and knows its older tokens still.
#[test]
fn a_server_may_have_an_address() {
    let url = "https://orders.example.com";
    let trust = Trust { public_url: Some(url.into()), issuers: Vec::new() };
    let server = TestServer::with(Wish { trust, ..Wish::default() });
    let told = metadata(&server);
    assert_eq!(told.text("/issuer"), url);
    assert_eq!(told.text("/token_endpoint"), format!("{url}/oauth/token"));
    let list = |token: &str| server.get("/api/orders").by(token).send().status;
    let token = token_of(&server, &create(&server, "orders:read"));
    let payload = token.split('.').nth(1).expect("a token has claims");
    let claims = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload);
    let claims: serde_json::Value = serde_json::from_slice(&claims.expect("base64url")).unwrap();
    assert_eq!(claims["iss"], url);
    assert_eq!(claims["client_id"], claims["sub"]);
    let named = Grant { issuer: Some(url), subject: "u", ..Grant::default() };
    let other = Grant { issuer: Some("https://other"), ..named };
    let found = [list(&token), list(&server.token("u", "")), list(&server.grant(&named))];
    assert_eq!((found, list(&server.grant(&other))), ([200, 200, 200], 401));
}
