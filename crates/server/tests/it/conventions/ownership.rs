//! What is not one's own: every route of the description, called by those who must not get at it.

use std::collections::BTreeMap;

use serde_json::Value;
use server::{auth::Grant, openapi::document};
use testkit::server::{Payable, Reply, TestServer, order_of};

/// What the caller is told: a refusal, or an answer in which nothing is somebody else's.
const REFUSED: [&str; 3] = ["401", "403", "404"];

/// A call, and what becomes of it without a token, with the token of another customer, of staff who
/// are narrowed to another store, and of a program that has the right to something else. `empty`
/// is an answer with nothing in it, `public` one that everybody gets.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/api/orders", "401 empty empty 403"),
    ("POST", "/api/orders", "401 403 403 403"),
    ("POST", "/api/orders/with-payment", "401 403 403 403"),
    ("GET", "/api/orders/{id}", "401 404 404 403"),
    ("DELETE", "/api/orders/{id}", "401 404 404 403"),
    ("PUT", "/api/orders/{id}/status", "401 403 404 403"),
    ("PATCH", "/api/orders/{id}/paid", "401 404 404 403"),
    ("POST", "/api/orders/{id}/payments", "401 404 404 403"),
    ("POST", "/api/orders/{id}/refunds", "401 403 404 403"),
    ("GET", "/api/orders/{id}/shipments", "401 404 404 403"),
    ("POST", "/api/orders/{id}/shipments", "401 403 404 403"),
    ("GET", "/api/orders/{id}/shipments/{shipment_id}", "401 404 404 403"),
    ("PATCH", "/api/orders/{id}/shipments/{shipment_id}", "401 403 404 403"),
    ("POST", "/api/orders/{id}/hold", "401 403 404 403"),
    ("POST", "/api/orders/{id}/release", "401 403 404 403"),
    ("POST", "/api/orders/{id}/review", "401 403 404 403"),
    ("GET", "/api/orders/{id}/events", "401 403 404 403"),
    ("POST", "/api/carts", "401 403 403 403"),
    ("GET", "/api/carts/{id}", "401 403 404 403"),
    ("PUT", "/api/carts/{id}", "401 403 404 403"),
    ("DELETE", "/api/carts/{id}", "401 403 404 403"),
    ("PUT", "/api/carts/{id}/items", "401 403 404 403"),
    ("GET", "/api/products", "public public public public"),
    ("GET", "/api/products/{id}", "public public public public"),
    ("PUT", "/api/products/{id}", "401 403 403 403"),
    ("DELETE", "/api/products/{id}", "401 403 403 403"),
    ("POST", "/api/products/import", "401 403 403 403"),
    ("GET", "/api/stock/{product_id}", "401 403 403 403"),
    ("PUT", "/api/stock/{product_id}", "401 403 403 403"),
    ("POST", "/api/stock/{product_id}/adjust", "401 403 403 403"),
    ("GET", "/api/delivery-methods", "public public public public"),
    ("GET", "/api/delivery-methods/{id}", "public public public public"),
    ("PUT", "/api/delivery-methods/{id}", "401 403 403 403"),
    ("DELETE", "/api/delivery-methods/{id}", "401 403 403 403"),
    ("GET", "/api/events", "401 403 empty 403"),
    ("GET", "/api/reconciliation", "401 403 empty 403"),
    ("GET", "/api/admin/log", "401 403 403 403"),
    ("GET", "/api/clients", "401 403 403 403"),
    ("POST", "/api/clients", "401 403 403 403"),
    ("GET", "/api/clients/{id}", "401 403 403 403"),
    ("DELETE", "/api/clients/{id}", "401 403 403 403"),
    ("GET", "/sandbox/payments/{intent}", "401 403 403 403"),
    ("POST", "/sandbox/payments/{intent}/confirm", "401 403 403 403"),
    ("POST", "/sandbox/payments/{intent}/decline", "401 403 403 403"),
    ("POST", "/sandbox/payments/{intent}/processing", "401 403 403 403"),
    ("POST", "/sandbox/payments/{intent}/cancel", "401 403 403 403"),
    ("PUT", "/sandbox/behaviour", "401 403 403 403"),
    ("POST", "/oauth/token", "401 401 401 401"),
    ("GET", "/.well-known/jwks.json", "public public public public"),
    ("GET", "/.well-known/oauth-authorization-server", "public public public public"),
    ("GET", "/healthz", "public public public public"),
    ("GET", "/readyz", "public public public public"),
    ("GET", "/metrics", "public public public public"),
    ("GET", "/openapi.json", "public public public public"),
    ("GET", "/api/stores", "401 403 empty 403"),
    ("GET", "/api/stores/{number}", "401 403 403 403"),
    ("PUT", "/api/stores/{number}", "401 403 403 403"),
    ("GET", "/api/review-rules", "401 403 403 403"),
    ("PUT", "/api/review-rules", "401 403 403 403"),
    ("POST", "/api/review-rules/try", "401 403 403 403"),
    ("POST", "/api/stores/{number}/rotate-secret", "401 403 403 403"),
    // No token counts there: what is wrong with the secret is told in the answer.
    ("POST", "/v1/createTempCart", "400 400 400 400"),
    ("POST", "/v2/createTempCart", "400 400 400 400"),
    ("POST", "/v1/orderNumbers", "400 400 400 400"),
    ("POST", "/v1/orderDetail", "400 400 400 400"),
    ("POST", "/v1/updateMerchantOrderId", "200 200 200 200"),
    ("POST", "/v1/updateVendorOrderStatus", "200 200 200 200"),
    ("POST", "/v1/setShipmentTracking", "200 200 200 200"),
    ("POST", "/v2/orderNumbers", "400 400 400 400"),
    ("POST", "/v2/orderDetail", "400 400 400 400"),
    ("POST", "/v2/updateMerchantOrderId", "200 200 200 200"),
    ("POST", "/v2/updateVendorOrderStatus", "200 200 200 200"),
    ("POST", "/v2/setShipmentTracking", "200 200 200 200"),
    ("GET", "/api/customers", "401 403 403 403"),
    // Everybody's own.
    ("GET", "/api/customers/me", "401 full full 403"),
    ("PUT", "/api/customers/me", "401 200 200 403"),
    ("GET", "/api/customers/{id}", "401 403 403 403"),
    ("PUT", "/api/customers/{id}", "401 403 403 403"),
    ("DELETE", "/api/customers/{id}", "401 403 403 403"),
];

/// Jane's shop: all that a caller may try to get at.
struct Jane {
    order: String,
    payable: Payable,
    client: String,
}

impl Jane {
    fn of(server: &TestServer) -> Jane {
        server.open_shop();
        let order = server.order("jane", "p001", 3);
        let call = server.post(&format!("/api/orders/{order}/shipments")).by(&server.staff());
        let reply = call.json(r#"{"items": [{"line": 1, "quantity": 1}]}"#).send();
        assert_eq!(reply.text("/shipment_id"), "shp_1_1", "{reply}");
        let cart = r#"{"items": [{"product_id": "p001", "quantity": 7}]}"#;
        let reply = server.put("/api/carts/c").by(&server.token("jane", "")).json(cart).send();
        assert_eq!(reply.status, 201, "{reply}");
        let payable = server.payable("jane", "p001", 1);
        let (client, _) = crate::clients::create(server, "orders:read");
        Jane { order, payable, client }
    }

    /// The address of what is hers.
    fn filled(&self, path: &str) -> String {
        let order = match path.ends_with("/payments") {
            true => &self.payable.order,
            false => &self.order,
        };
        let id = match path.split('/').nth(2).unwrap_or_default() {
            "orders" => order.as_str(),
            "carts" => "c",
            "delivery-methods" => "standard",
            "clients" => &self.client,
            "customers" => "jane",
            _ => "p001",
        };
        let names = [
            ("{id}", id),
            ("{product_id}", "p001"),
            ("{shipment_id}", "shp_1_1"),
            ("{intent}", &self.payable.intent),
            ("{number}", "1"),
        ];
        let filled = names.into_iter().fold(path.to_owned(), |it, (name, id)| it.replace(name, id));
        // A cart is named with its owner.
        if path.starts_with("/api/carts/") { format!("{filled}?user_id=jane") } else { filled }
    }
}

/// A sound body that names her, or her store.
fn body(method: &str, path: &str) -> String {
    let hers = r#""user_id": "jane", "store_id": 1, "#;
    let cable = r#"{"product_id": "p001", "quantity": 1}"#;
    match (method, path) {
        ("POST", "/api/orders" | "/api/orders/with-payment") => {
            order_of(cable).replacen('{', &format!("{{{hers}"), 1)
        }
        ("POST", "/api/carts") => format!(r#"{{{hers} "items": [{cable}]}}"#),
        ("PUT", path) if path.starts_with("/api/carts") => format!(r#"{{"items": [{cable}]}}"#),
        ("PUT", "/api/orders/{id}/status") => r#"{"status": "shipped"}"#.into(),
        ("POST", "/api/orders/{id}/refunds") => r#"{"amount": 1}"#.into(),
        ("PUT", "/api/review-rules") | ("POST", "/api/review-rules/try") => {
            r#"{"threshold": 1, "rules": []}"#.into()
        }
        ("POST", "/api/orders/{id}/review") => r#"{"decision": "pass"}"#.into(),
        ("PUT", "/api/stock/{product_id}") => r#"{"on_hand": 1}"#.into(),
        ("POST", "/api/stock/{product_id}/adjust") => r#"{"delta": 1}"#.into(),
        ("POST", "/api/clients") => r#"{"name": "ERP", "scope": "staff"}"#.into(),
        ("PATCH", path) if path.contains("shipments") => r#"{"status": "delivered"}"#.into(),
        ("PUT", "/sandbox/behaviour") => r#"{"fail_next": 5}"#.into(),
        ("PUT", "/api/customers/{id}" | "/api/customers/me") => r#"{"name": "A"}"#.into(),
        ("PUT", "/api/stores/{number}") => r#"{"name": "A", "currency": "USD"}"#.into(),
        ("PUT", _) => r#"{"name": "A", "price": 1}"#.into(),
        _ => String::new(),
    }
}

fn call(server: &TestServer, jane: &Jane, method: &str, path: &str, token: Option<&str>) -> Reply {
    // What everybody may do shall leave nothing behind.
    let is_own = (method, path) == ("PUT", "/api/customers/me");
    let trial = if is_own { "?dry_run=true" } else { "" };
    let mut call = server.call(method, &format!("{}{trial}", jane.filled(path)));
    if let Some(token) = token {
        call = call.by(token);
    }
    if path == "/oauth/token" {
        let form = b"grant_type=client_credentials".to_vec();
        return call.bytes("application/x-www-form-urlencoded", form).send();
    }
    if path == "/api/products/import" {
        let line = br#"{"product_id": "p001", "name": "A", "price": 1}"#.to_vec();
        return call.bytes("application/x-ndjson", line).send();
    }
    let body = body(method, path);
    if body.is_empty() { call.send() } else { call.json(body).send() }
}

/// How the table says it.
fn told(method: &str, path: &str, reply: &Reply) -> String {
    let status = reply.status.to_string();
    if REFUSED.contains(&status.as_str()) || reply.status != 200 || method != "GET" {
        return status;
    }
    for hers in ["ORD1", "ORD2", "jane", "shp_1", "pay_2"] {
        // The description speaks of somebody else.
        assert!(!reply.body.contains(hers) || path == "/openapi.json", "{method} {path}: {reply}");
    }
    let listed: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    let is_list = |it: &Value| it.as_array().is_some_and(Vec::is_empty);
    let is_empty = listed.as_object().is_some_and(|it| it.values().any(is_list));
    let is_public =
        path.contains("products") || path.contains("delivery-methods") || !path.starts_with("/api");
    if is_public { "public".into() } else { String::from(if is_empty { "empty" } else { "full" }) }
}

#[test]
fn nobody_gets_at_what_is_not_theirs() {
    let server = TestServer::start();
    let jane = Jane::of(&server);
    let narrowed = Grant { subject: "n", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let callers = [
        None,
        Some(server.token("mallory", "")),
        Some(server.grant(&narrowed)),
        Some(server.token("program", "webhooks:write")),
    ];
    let numbers = || (server.last_seq(), server.last_admin_seq());
    let before = numbers();
    let mut wrong = Vec::new();
    for &(method, path, expected) in ROUTES {
        let found: Vec<String> = callers
            .iter()
            .map(|token| told(method, path, &call(&server, &jane, method, path, token.as_deref())))
            .collect();
        if found.join(" ") != expected {
            wrong.push(format!("{method} {path}: {} where {expected} is wanted", found.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(numbers(), before, "nothing has changed");
    let cart = server.get("/api/carts/c").by(&server.token("jane", "")).send();
    assert_eq!(cart.at("/items/0/quantity"), "7", "{cart}");
    let open = server.get(&jane.payable.path("")).by(&server.token("jane", "")).send();
    assert_eq!(open.text("/payment_status"), "unpaid");
}

/// Somebody with the right gets through: the table is not one of faulty requests.
#[test]
fn those_who_may_are_let_through() {
    let server = TestServer::start();
    let jane = Jane::of(&server);
    let staff = server.staff();
    // What is deleted or cancelled goes last.
    let (last, first): (Vec<_>, Vec<_>) =
        ROUTES.iter().partition(|(method, ..)| *method == "DELETE");
    for &&(method, path, _) in first.iter().chain(&last) {
        let reply = call(&server, &jane, method, path, Some(&staff));
        // A shop's own system has its own secret, and its own tests.
        if path.starts_with("/v1/") || path.starts_with("/v2/") {
            continue;
        }
        let is_ours = path != "/oauth/token";
        assert_eq!(
            is_ours,
            !REFUSED.contains(&reply.status.to_string().as_str()),
            "{path} {reply}"
        );
        assert_ne!(reply.status, 400, "{method} {path}: {reply}");
    }
}

#[test]
fn every_route_of_the_description_has_its_row() {
    let description: Value = serde_json::from_str(document()).expect("JSON");
    let paths = description["paths"].as_object().expect("paths");
    let described = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").keys();
        methods.map(|method| ((path.clone(), method.to_uppercase()), 1))
    });
    let mut rows = BTreeMap::new();
    for (method, path, _) in ROUTES {
        *rows.entry(((*path).to_owned(), (*method).to_owned())).or_insert(0) += 1;
    }
    assert_eq!(rows, described.collect::<BTreeMap<_, _>>());
}
