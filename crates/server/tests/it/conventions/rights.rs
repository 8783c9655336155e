//! Who may call what: every route, without a token and with each kind of one.

use server::auth::Grant;
use testkit::server::TestServer;

use crate::openapi::routes;

const SCOPES: [&str; 7] = [
    "customer",
    "orders:read",
    "orders:write",
    "catalog:write",
    "events:read",
    "webhooks:write",
    "staff",
];

/// Takes a file.
const IMPORT: &str = "/api/products/import";

/// Without a token, then for each scope in the order above: `1` is 401, `3` is 403, `.` is let
/// through to whatever comes then.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/api/orders", "1..3333."),
    ("POST", "/api/orders", "1.3.333."),
    ("GET", "/api/orders/{id}", "1..3333."),
    ("DELETE", "/api/orders/{id}", "1.3.333."),
    ("PUT", "/api/orders/{id}/status", "133.333."),
    ("PATCH", "/api/orders/{id}/paid", "1.3.333."),
    ("POST", "/api/orders/with-payment", "1.3.333."),
    ("POST", "/api/orders/{id}/payments", "1.3.333."),
    ("POST", "/api/orders/{id}/refunds", "133.333."),
    ("GET", "/api/orders/{id}/shipments", "1..3333."),
    ("POST", "/api/orders/{id}/shipments", "133.333."),
    ("GET", "/api/orders/{id}/shipments/{shipment_id}", "1..3333."),
    ("PATCH", "/api/orders/{id}/shipments/{shipment_id}", "133.333."),
    ("POST", "/api/orders/{id}/hold", "1333333."),
    ("POST", "/api/orders/{id}/release", "1333333."),
    ("POST", "/api/orders/{id}/review", "1333333."),
    ("GET", "/api/orders/{id}/events", "13.3333."),
    ("POST", "/api/carts", "1.3.333."),
    ("GET", "/api/carts/{id}", "1.3.333."),
    ("PUT", "/api/carts/{id}", "1.3.333."),
    ("DELETE", "/api/carts/{id}", "1.3.333."),
    ("PUT", "/api/carts/{id}/items", "1.3.333."),
    ("GET", "/api/products", "........"),
    ("POST", IMPORT, "1333.33."),
    ("GET", "/api/products/{id}", "........"),
    ("PUT", "/api/products/{id}", "1333.33."),
    ("DELETE", "/api/products/{id}", "1333.33."),
    ("GET", "/api/stock/{product_id}", "1333.33."),
    ("PUT", "/api/stock/{product_id}", "1333.33."),
    ("POST", "/api/stock/{product_id}/adjust", "1333.33."),
    ("GET", "/api/delivery-methods", "........"),
    ("GET", "/api/delivery-methods/{id}", "........"),
    ("PUT", "/api/delivery-methods/{id}", "1333.33."),
    ("DELETE", "/api/delivery-methods/{id}", "1333.33."),
    ("GET", "/api/customers", "1333.33."),
    ("GET", "/api/customers/me", "1.33333."),
    ("PUT", "/api/customers/me", "1.33333."),
    ("GET", "/api/customers/{id}", "1333.33."),
    ("PUT", "/api/customers/{id}", "1333.33."),
    ("DELETE", "/api/customers/{id}", "1333.33."),
    ("GET", "/api/stores", "1333333."),
    ("GET", "/api/stores/{number}", "1333333."),
    ("PUT", "/api/stores/{number}", "1333333."),
    ("GET", "/api/review-rules", "1333333."),
    ("PUT", "/api/review-rules", "1333333."),
    ("POST", "/api/review-rules/try", "1333333."),
    ("POST", "/api/stores/{number}/rotate-secret", "1333333."),
    ("POST", "/v1/createTempCart", "........"),
    ("POST", "/v2/createTempCart", "........"),
    ("POST", "/v1/orderNumbers", "........"),
    ("POST", "/v2/orderNumbers", "........"),
    ("POST", "/v1/orderDetail", "........"),
    ("POST", "/v2/orderDetail", "........"),
    ("POST", "/v1/updateMerchantOrderId", "........"),
    ("POST", "/v2/updateMerchantOrderId", "........"),
    ("POST", "/v1/updateVendorOrderStatus", "........"),
    ("POST", "/v2/updateVendorOrderStatus", "........"),
    ("POST", "/v1/setShipmentTracking", "........"),
    ("POST", "/v2/setShipmentTracking", "........"),
    ("GET", "/api/events", "13333.3."),
    ("GET", "/api/reconciliation", "1333333."),
    ("GET", "/sandbox/payments/{intent}", "1333333."),
    ("POST", "/sandbox/payments/{intent}/confirm", "1333333."),
    ("POST", "/sandbox/payments/{intent}/decline", "1333333."),
    ("POST", "/sandbox/payments/{intent}/processing", "1333333."),
    ("POST", "/sandbox/payments/{intent}/cancel", "1333333."),
    ("PUT", "/sandbox/behaviour", "1333333."),
    ("GET", "/api/admin/log", "1333333."),
    ("GET", "/api/clients", "1333333."),
    ("POST", "/api/clients", "1333333."),
    ("GET", "/api/clients/{id}", "1333333."),
    ("DELETE", "/api/clients/{id}", "1333333."),
    ("POST", "/oauth/token", "........"),
    ("GET", "/.well-known/jwks.json", "........"),
    ("GET", "/.well-known/oauth-authorization-server", "........"),
    ("GET", "/healthz", "........"),
    ("GET", "/readyz", "........"),
    ("GET", "/metrics", "........"),
    ("GET", "/openapi.json", "........"),
    ("GET", "/checkout", "........"),
    ("POST", "/checkout", "........"),
    ("GET", "/checkout/delivery", "........"),
    ("POST", "/checkout/delivery", "........"),
    ("GET", "/checkout/payment", "........"),
    ("POST", "/checkout/payment", "........"),
    ("POST", "/checkout/pay", "........"),
    ("GET", "/checkout/wait", "........"),
    ("GET", "/order-complete", "........"),
    ("GET", "/sandbox/pay/{secret}", "........"),
    ("POST", "/sandbox/pay/{secret}", "........"),
    ("GET", "/docs", "........"),
    ("GET", "/docs/retrieval", "........"),
    ("GET", "/docs/assets/{name}", "........"),
    ("GET", "/problems", "........"),
    ("GET", "/problems/", "........"),
    ("GET", "/problems/{code}", "........"),
    ("HEAD", "/api/orders", "1..3333."),
    ("HEAD", "/healthz", "........"),
];

/// A sound body, so that the right is what decides.
fn body(method: &str, path: &str) -> &'static str {
    match (method, path) {
        ("POST", "/api/orders" | "/api/orders/with-payment") => {
            r#"{"user_id": "u", "items": [{"product_id": "p", "quantity": 1}]}"#
        }
        ("POST", IMPORT) => r#"{"product_id": "x2", "name": "A", "price": 1}"#,
        ("POST", "/api/clients") => r#"{"name": "A", "scope": "staff"}"#,
        ("PUT", "/api/orders/{id}/status") => r#"{"status": "shipped"}"#,
        (_, "/api/review-rules" | "/api/review-rules/try") if method != "GET" => {
            r#"{"threshold": 1, "rules": []}"#
        }
        ("POST", "/api/orders/{id}/review") => r#"{"decision": "pass"}"#,
        ("PUT", "/api/stock/{product_id}") => r#"{"on_hand": 1}"#,
        ("POST", "/api/orders/{id}/refunds") => r#"{"amount": 1}"#,
        ("PUT", "/sandbox/behaviour") | ("PATCH", "/api/orders/{id}/shipments/{shipment_id}") => {
            "{}"
        }
        ("PUT" | "POST", path) if path.starts_with("/api/carts") => r#"{"items": []}"#,
        ("POST", path) if !path.starts_with("/api/stock") => "",
        ("PUT", "/api/customers/me" | "/api/customers/{id}") => "{}",
        ("PUT", "/api/stores/{number}") => r#"{"name": "A", "currency": "USD"}"#,
        ("PUT", _) => r#"{"name": "A", "price": 1}"#,
        ("POST", _) => r#"{"delta": 1}"#,
        _ => "",
    }
}

#[test]
fn every_route_asks_for_its_right() {
    let server = TestServer::start();
    let call = |method: &str, path: &str, token: Option<&str>| {
        let names = [
            "{id}",
            "{product_id}",
            "{intent}",
            "{shipment_id}",
            "{name}",
            "{code}",
            "{number}",
            "{secret}",
        ];
        let filled = names.into_iter().fold(path.to_owned(), |it, name| it.replace(name, "x1"));
        let mut call = server.call(method, &filled);
        if let Some(token) = token {
            call = call.by(token);
        }
        let body = body(method, path);
        let kind = if path == IMPORT { "application/x-ndjson" } else { "application/json" };
        if body.is_empty() { call.send() } else { call.bytes(kind, body.into()).send() }
    };
    let letter = |reply: &testkit::server::Reply| match reply.status {
        401 => {
            assert!(reply.header("www-authenticate").is_some_and(|it| it.starts_with("Bearer")));
            '1'
        }
        403 => '3',
        500.. => panic!("{reply}"),
        _ => '.',
    };
    for &(method, path, expected) in ROUTES {
        let mut found = String::from(letter(&call(method, path, None)));
        for scope in SCOPES {
            let token = server.token("u", scope);
            found.push(letter(&call(method, path, Some(&token))));
        }
        assert_eq!(found, expected, "{method} {path}");
        let forged = format!("{}x", server.staff());
        let needs_none = [
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.json",
            "/checkout",
            "/order-complete",
            "/sandbox/pay/",
            "/docs",
            "/problems",
            "/.well-known",
            "/oauth",
            // Their secret stands in the body.
            "/v1/",
            "/v2/",
        ]
        .iter()
        .any(|it| path.starts_with(it));
        let reply = call(method, path, Some(&forged));
        assert_eq!(reply.status == 401, !needs_none, "a token that is given must be valid: {path}");
    }
}

#[test]
fn the_table_names_every_route() {
    let mut named: Vec<(String, String)> = ROUTES
        .iter()
        .filter(|(method, ..)| *method != "HEAD")
        .map(|(method, path, _)| ((*path).to_owned(), (*method).to_owned()))
        .collect();
    named.sort();
    assert_eq!(named, routes());
}

#[test]
fn a_token_is_valid_for_its_time() {
    let server = TestServer::start();
    let token = server.staff();
    let list = |authorization: &str| {
        let call = server.get("/api/orders").header("Authorization", authorization);
        let reply = call.send();
        match reply.status {
            200 => "200".to_owned(),
            _ => {
                format!("{} {}", reply.code(), reply.header("www-authenticate").unwrap_or_default())
            }
        }
    };
    let invalid = "401 invalid_token Bearer error=\"invalid_token\"";
    let malformed = "401 token_required Bearer error=\"invalid_request\"";
    assert_eq!(list(&format!("Bearer {token}")), "200");
    assert_eq!(list(&format!("bearer  {token}")), "200");
    assert_eq!(list("Bearer x.y.z"), invalid);
    assert_eq!(list(&format!("Bearer {}", token.replace('.', ""))), invalid);
    assert_eq!(list(&format!("Basic {token}")), malformed);
    assert_eq!(list(&token), malformed);
    assert_eq!(list("Bearer"), malformed);
    server.clock().advance_ms(365 * 24 * 3600 * 1000 - 1);
    assert_eq!(list(&format!("Bearer {token}")), "200");
    server.clock().advance_ms(1);
    assert_eq!(list(&format!("Bearer {token}")), invalid);
}

/// Of several scopes each gives its rights; staff of some stores have none over others.
#[test]
fn scopes_add_up() {
    let server = TestServer::start();
    let check = |scope: &str, path: &str, expected: u16| {
        let reply = server.get(path).by(&server.token("u", scope)).send();
        assert_eq!(reply.status, expected, "{scope} {path}");
    };
    check("orders:read events:read", "/api/orders", 200);
    check("orders:read events:read", "/api/events", 200);
    check("openid email", "/api/orders", 200);
    check("openid email", "/api/events", 403);
    check("STAFF", "/api/events", 403);
    let nowhere = Grant { subject: "u", scope: "staff", stores: Some(&[]), ..Grant::default() };
    server.open_shop();
    server.order("jane", "p001", 1);
    let feed = server.get("/api/events").by(&server.grant(&nowhere)).send();
    assert_eq!((feed.at("/events"), feed.at("/last_seq")), ("[]", "2"));
}
