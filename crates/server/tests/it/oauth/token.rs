//! `POST /oauth/token`, as RFC 6749 has it.

use base64::{Engine, engine::general_purpose::STANDARD};
use testkit::server::{Reply, TestServer};

use crate::clients::{create, token};

const GRANT: &str = "grant_type=client_credentials";

/// What every answer must have, and in short what it is.
#[track_caller]
fn told(reply: &Reply) -> String {
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply}");
    assert_eq!(reply.header("pragma"), Some("no-cache"), "{reply}");
    assert_eq!(reply.header("content-type"), Some("application/json"), "{reply}");
    let challenge = reply.header("www-authenticate");
    assert_eq!(challenge, (reply.status == 401).then_some("Basic realm=\"orderd\""), "{reply}");
    match reply.status {
        200 => format!("200 {}", reply.text("/scope")),
        status => {
            assert!(!reply.text("/error_description").is_empty());
            format!("{status} {}", reply.text("/error"))
        }
    }
}

fn basic(server: &TestServer, id: &str, secret: &str, form: &str) -> Reply {
    let encoded = STANDARD.encode(format!("{id}:{secret}"));
    let call = server.post("/oauth/token").header("Authorization", &format!("Basic {encoded}"));
    call.bytes("application/x-www-form-urlencoded", form.into()).send()
}

on_every_store! {
    fn a_client_gets_tokens_for_its_secret(server: &TestServer) {
        let (id, secret) = create(server, "orders:read events:read");
        let form = format!("{GRANT}&client_id={id}&client_secret={secret}");
        let by_form = token(server, &form);
        assert_eq!(told(&by_form), "200 orders:read events:read");
        assert_eq!(by_form.text("/token_type"), "Bearer");
        assert_eq!(by_form.at("/expires_in"), "3600");
        let by_header = basic(server, &id, &secret, GRANT);
        assert_eq!(told(&by_header), "200 orders:read events:read");
        let less = token(server, &format!("{form}&scope=events%3Aread"));
        assert_eq!(told(&less), "200 events:read");
        let list = |reply: &Reply| {
            server.get("/api/orders").by(&reply.text("/access_token")).send().status
        };
        assert_eq!([list(&by_form), list(&by_header), list(&less)], [200, 200, 403]);
        server.clock().advance_ms(3_599_999);
        assert_eq!(list(&by_form), 200);
        server.clock().advance_ms(1);
        assert_eq!(list(&by_form), 401, "an hour has gone by");
    }
}

#[test]
fn what_is_wrong_is_told_in_the_words_of_the_rfc() {
    let server = TestServer::start();
    let (id, secret) = create(&server, "orders:read events:read");
    let named = format!("client_id={id}&client_secret={secret}");
    let check = |form: &str, expected: &str| {
        assert_eq!(told(&token(&server, form)), expected, "{form}");
    };
    check(&format!("{GRANT}&{named}"), "200 orders:read events:read");
    check(&format!("{GRANT}&{named}&scope="), "200 orders:read events:read");
    check(&format!("{GRANT}&{named}&resource=x"), "200 orders:read events:read");
    check("", "401 invalid_client");
    check(GRANT, "401 invalid_client");
    check(&format!("{GRANT}&client_id={id}"), "401 invalid_client");
    check(&format!("{GRANT}&client_id={id}&client_secret="), "401 invalid_client");
    check(&format!("{GRANT}&client_id={id}&client_secret={secret}x"), "401 invalid_client");
    check(&format!("{GRANT}&client_id=client_x&client_secret={secret}"), "401 invalid_client");
    check(&format!("{GRANT}&client_id=%20&client_secret={secret}"), "401 invalid_client");
    check(&named, "400 invalid_request");
    check(&format!("{GRANT}&{named}&{GRANT}"), "400 invalid_request");
    check(&format!("{GRANT}&{named}&client_id={id}"), "400 invalid_request");
    check(&format!("{GRANT}&{named}&scope=%FF"), "400 invalid_request");
    check(&format!("grant_type=password&{named}"), "400 unsupported_grant_type");
    check(&format!("{GRANT}&{named}&scope=orders:write"), "400 invalid_scope");
    check(&format!("{GRANT}&{named}&scope=openid"), "400 invalid_scope");
    check(&format!("{GRANT}&{named}&scope=orders:read+staff"), "400 invalid_scope");
    check(&format!("{GRANT}&{named}&scope=+"), "400 invalid_scope");
    let json = server.post("/oauth/token").json("{}").send();
    assert_eq!(told(&json), "400 invalid_request");
}

#[test]
fn a_client_is_named_in_one_way() {
    let server = TestServer::start();
    let (id, secret) = create(&server, "orders:read");
    let check = |id: &str, secret: &str, form: &str, expected: &str| {
        assert_eq!(told(&basic(&server, id, secret, form)), expected, "{id} {form}");
    };
    check(&id, &secret, GRANT, "200 orders:read");
    check(&id, &secret, &format!("{GRANT}&client_id={id}"), "200 orders:read");
    check(&id.replace('_', "%5F"), &secret, GRANT, "200 orders:read");
    check(&id, &secret, &format!("{GRANT}&client_secret={secret}"), "400 invalid_request");
    check(&id, &secret, &format!("{GRANT}&client_id=other"), "400 invalid_request");
    check(&id, "x", GRANT, "401 invalid_client");
    check(&id, "", GRANT, "401 invalid_client");
    for value in ["Basic", "Basic !", "Basic eDp5Og", "Bearer x"] {
        let call = server.post("/oauth/token").header("Authorization", value);
        let reply = call.bytes("application/x-www-form-urlencoded", GRANT.into()).send();
        assert_eq!(told(&reply), "401 invalid_client", "{value}");
    }
}

#[test]
fn it_is_asked_by_post_and_not_at_length() {
    let server = TestServer::start();
    assert_eq!(server.get("/oauth/token").send().code(), "405 method_not_allowed");
    let long = "a".repeat(300 * 1024);
    assert_eq!(token(&server, &long).code(), "413 body_too_large");
}
