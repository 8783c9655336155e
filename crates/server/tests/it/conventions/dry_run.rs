//! `?dry_run=true`: what would be, and nothing of it.

use testkit::server::{Reply, TestServer, order_of};

/// Everything that a change could leave behind.
fn state(server: &TestServer) -> (u64, u64, Vec<(i64, i64)>, String) {
    let orders = server.get("/api/orders?count=true").by(&server.staff()).send().body;
    let shelves = vec![server.shelf("p001"), server.shelf("p003")];
    (server.last_seq(), server.last_admin_seq(), shelves, orders)
}

fn one_of(product: &str) -> String {
    order_of(&format!(r#"{{"product_id": "{product}", "quantity": 1}}"#))
}

/// Tries a change with a key, and sees that nothing stays, not even the key.
#[track_caller]
fn try_out(server: &TestServer, token: &str, method: &str, path: &str, body: &str) -> Reply {
    let separator = if path.contains('?') { '&' } else { '?' };
    let call = |query: &str| {
        let call = server.call(method, &format!("{path}{query}")).by(token).key("the only one");
        if body.is_empty() { call.send() } else { call.json(body).send() }
    };
    let before = state(server);
    let reply = call(&format!("{separator}dry_run=true"));
    assert_eq!(reply.status, 200, "{method} {path}: {reply}");
    assert_eq!(reply.header("idempotent-replayed"), None);
    assert_eq!(state(server), before, "{method} {path}");
    for id in ["\"ORD2\"", "\"1-2\"", "INV-2025-000002", "pay_2_1"] {
        assert!(!reply.body.contains(id), "{id} is not given: {reply}");
    }
    reply
}

on_every_store! {
    fn every_change_can_be_tried(server: &TestServer) {
        server.open_shop();
        let (staff, jane) = (server.staff(), server.token("jane", ""));
        let order = server.order("jane", "p001", 2);
        let check = |method: &str, path: &str, body: &str, status: u16, types: &[&str]| {
            let reply = try_out(server, &staff, method, path, body);
            assert_eq!(reply.at("/status"), status.to_string(), "{method} {path}: {reply}");
            let told: Vec<String> = (0..)
                .map_while(|nth| {
                    let pointer = format!("/events/{nth}/type");
                    reply.has(&pointer).then(|| reply.text(&pointer))
                })
                .collect();
            assert_eq!(told, types, "{method} {path}");
        };
        let path = |rest: &str| format!("/api/orders/{order}{rest}");
        let guest = one_of("p001").replacen('{', r#"{"user_id": null, "#, 1);
        let placed = ["order.created", "order.confirmed"];
        check("POST", "/api/orders", &guest, 204, &placed);
        check("POST", "/api/orders/with-payment", &guest, 200, &["order.created"]);
        let shipped = ["shipment.created", "order.shipped"];
        check("PUT", &path("/status"), r#"{"status": "shipped"}"#, 200, &shipped);
        check("DELETE", &path("?reason=x"), "", 200, &["order.cancelled"]);
        check("PATCH", &path("/paid"), "", 204, &["payment.captured", "order.paid"]);
        check("POST", &path("/hold"), "", 200, &["order.held"]);
        check("POST", &path("/shipments"), "", 201, &shipped);
        check("POST", &path("/release"), "", 409, &[]);
        check("POST", &path("/review"), r#"{"decision": "pass"}"#, 409, &[]);
        check("PUT", "/api/review-rules", r#"{"threshold": 1, "rules": []}"#, 200, &[]);
        check("POST", &path("/payments"), "", 400, &[]);
        check("POST", &path("/refunds"), r#"{"amount": 1}"#, 409, &[]);
        let cable = r#"{"items": [{"product_id": "p001", "quantity": 1}]}"#;
        check("POST", "/api/clients", r#"{"name": "ERP", "scope": "staff"}"#, 201, &[]);
        check("DELETE", "/api/clients/client_x", "", 404, &[]);
        check("POST", "/api/carts", cable, 201, &[]);
        check("PUT", "/api/carts/c", cable, 201, &[]);
        check("PUT", "/api/carts/c/items", cable, 404, &[]);
        check("DELETE", "/api/carts/c", "", 404, &[]);
        check("PUT", "/api/products/new", r#"{"name": "N", "price": 1}"#, 201, &[]);
        check("DELETE", "/api/products/p002", "", 204, &[]);
        check("PUT", "/api/stock/p001", r#"{"on_hand": 7}"#, 200, &[]);
        check("POST", "/api/stock/p001/adjust", r#"{"delta": 7}"#, 200, &[]);
        check("PUT", "/api/delivery-methods/boat", r#"{"name": "B", "price": 1}"#, 201, &[]);
        let oslo = r#"{"name": "Oslo", "currency": "NOK"}"#;
        check("PUT", "/api/stores/2", oslo, 201, &[]);
        check("PUT", "/api/stores/1", &oslo.replace("NOK", "USD"), 200, &[]);
        check("PUT", "/api/stores/1", oslo, 409, &[]);
        check("PUT", "/api/customers/joe", r#"{"name": "Joe"}"#, 201, &[]);
        check("PUT", "/api/customers/me", "{}", 201, &[]);
        check("DELETE", "/api/customers/jane", "", 409, &[]);
        check("DELETE", "/api/delivery-methods/standard", "", 204, &[]);
        let shown = server.get(&path("")).by(&jane).send();
        assert_eq!(shown.at("/version"), "2");
        // The next order gets the very numbers that were not given.
        assert_eq!(server.order("jane", "p001", 1), "ORD2");
    }
}

#[test]
fn what_would_be_is_told_without_ids() {
    let server = TestServer::start();
    server.open_shop();
    let jane = server.token("jane", "");
    let call = server.post("/api/orders?dry_run=true").by(&jane).json(one_of("p003"));
    let reply = call.header("Prefer", "return=representation").send();
    assert_eq!(reply.at("/status"), "201");
    assert_eq!(
        reply.at("/headers"),
        r#"{"content-type":"application/json","etag":"\"2\"","location":null}"#
    );
    for id in ["order_id", "retrieval_id", "invoice_number"] {
        assert_eq!(reply.at(&format!("/body/{id}")), "null");
        assert_eq!(reply.at(&format!("/order/{id}")), "null");
    }
    assert_eq!(reply.at("/body/total"), "209.99");
    assert_eq!(reply.at("/body"), reply.at("/order"));
    assert_eq!(reply.text("/order/status"), "confirmed");
    assert_eq!(reply.text("/order/shipping_address/city"), "New York");
    let ids =
        ["seq", "order_id", "request_id", "actor", "data/retrieval_id", "data/invoice_number"];
    for id in ids {
        assert_eq!(reply.at(&format!("/events/1/{id}")), "null");
    }
    let for_staff = try_out(
        &server,
        &server.staff(),
        "POST",
        "/api/orders/with-payment",
        &one_of("p003").replacen(
            '{',
            r#"{"user_id": "joe", "metadata": {"order_id": "ORD1"}, "#,
            1,
        ),
    );
    assert_eq!(
        for_staff.at("/body"),
        r#"{"orderId":null,"clientSecret":null,"totalAmount":209.99}"#
    );
    assert_eq!(for_staff.text("/order/status"), "pending");
    assert_eq!(for_staff.text("/order/expires_at"), "2025-06-27T12:30:00Z");
    assert_eq!(for_staff.text("/order/metadata/order_id"), "ORD1", "the shop's own word");
    assert_eq!(for_staff.text("/events/0/actor"), "staff:boss");
}

/// What is there already keeps its name.
#[test]
fn ids_that_are_given_are_told() {
    let server = TestServer::start();
    server.open_shop();
    let paid = server.paid("jane", "p001", 2);
    let staff = server.staff();
    let refund = try_out(&server, &staff, "POST", &paid.path("/refunds"), r#"{"amount": 1}"#);
    assert_eq!(refund.at("/status"), "201");
    assert_eq!(refund.at("/body/refund_id"), "null");
    assert_eq!(refund.text("/body/payment_id"), "pay_1_1");
    assert_eq!(refund.text("/body/status"), "pending");
    assert_eq!(refund.text("/headers/location"), "/api/orders/ORD1");
    assert_eq!(refund.text("/order/order_id"), "ORD1");
    assert_eq!(refund.at("/order/refunds/0/refund_id"), "null");
    let ship = try_out(&server, &staff, "POST", &paid.path("/shipments"), "");
    assert_eq!((ship.at("/body/shipment_id"), ship.at("/headers/location")), ("null", "null"));
    let cancel = try_out(&server, &staff, "DELETE", &paid.path(""), "");
    assert_eq!(cancel.text("/body/message"), "Order ORD1 cancelled successfully.");
    assert_eq!(cancel.at("/order/credit_note_number"), "null");
    assert_eq!(cancel.text("/order/invoice_number"), "INV-2025-000001");
    assert_eq!(cancel.at("/events/0/data/credit_note_number"), "null");
    assert_eq!(cancel.text("/events/0/order_id"), "ORD1");
}

/// What the command is refused is told inside; what the request is refused, as always.
#[test]
fn refusals_of_the_command_are_told_inside() {
    let server = TestServer::start();
    server.open_shop();
    let jane = server.token("jane", "");
    server.order("jane", "p001", 1);
    let inside = |token: &str, method: &str, path: &str, body: &str, expected: &str| {
        let reply = try_out(&server, token, method, path, body);
        let told = format!("{} {}", reply.at("/body/status"), reply.text("/body/code"));
        assert_eq!(told, expected);
        assert_eq!(reply.at("/status"), reply.at("/body/status"));
        assert_eq!(reply.text("/headers/content-type"), "application/problem+json");
        assert_eq!((reply.at("/order"), reply.at("/events")), ("null", "[]"));
        assert_eq!(reply.at("/body/instance"), "null");
    };
    let staff = server.staff();
    let none = one_of("none");
    inside(&jane, "POST", "/api/orders", &none, "404 product_not_found");
    inside(&jane, "POST", "/api/orders/with-payment", &none, "404 product_not_found");
    inside(&jane, "DELETE", "/api/orders/ORD1", "", "403 forbidden");
    inside(&jane, "DELETE", "/api/orders/ORD9", "", "404 order_not_found");
    inside(&jane, "PATCH", "/api/orders/ORD1/paid", "", "400 not_prepaid");
    let back = r#"{"status": "pending"}"#;
    inside(&staff, "PUT", "/api/orders/ORD1/status", back, "409 order_already_processed");
    let stale = server.delete("/api/orders/ORD1?dry_run=true").by(&staff).if_match("\"9\"").send();
    assert_eq!(stale.at("/body/code"), "\"version_mismatch\"");

    let outside = |token: Option<&str>, method: &str, path: &str, body: &str, expected: &str| {
        let mut call = server.call(method, path);
        if let Some(token) = token {
            call = call.by(token);
        }
        let reply = if body.is_empty() { call.send() } else { call.json(body).send() };
        assert_eq!(reply.code(), expected, "{method} {path}");
    };
    let orders = "/api/orders?dry_run=true";
    outside(None, "POST", orders, &none, "401 token_required");
    outside(Some(&jane), "POST", orders, "{", "400 invalid_json");
    outside(Some(&jane), "POST", orders, "{}", "400 validation_failed");
    let read = server.token("x", "orders:read");
    outside(Some(&read), "POST", orders, &none, "403 forbidden");
    outside(Some(&jane), "POST", "/api/order?dry_run=true", &none, "404 route_not_found");
    outside(Some(&jane), "PUT", orders, &none, "405 method_not_allowed");
    let other = none.replacen('{', r#"{"user_id": "joe", "#, 1);
    outside(Some(&jane), "POST", orders, &other, "403 forbidden");
    for query in ["dry_run=yes", "dry_run=", "dry_run=true&dry_run=true"] {
        let path = format!("/api/orders?{query}");
        outside(Some(&jane), "POST", &path, &none, "400 validation_failed");
    }
    outside(Some(&jane), "POST", "/api/orders?dryrun=true", &none, "400 unknown_parameter");
    outside(Some(&jane), "GET", "/api/orders/ORD1?dry_run=true", "", "400 unknown_parameter");
    let real = server.post("/api/orders?dry_run=false").by(&jane).json(one_of("p001")).send();
    assert_eq!((real.status, real.header("location")), (204, Some("/api/orders/ORD2")));
}

/// No provider is asked, so the answer is what can be known without one.
#[test]
fn a_payment_is_tried_without_its_provider() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let open = server.payable("jane", "p001", 1);
    server.behave(r#""delay_ms": 60000, "callback": "off""#);
    let jane = server.token("jane", "");
    let pay = || try_out(&server, &jane, "PATCH", "/api/orders/ORD1/paid", "");
    let reply = pay();
    assert_eq!((reply.at("/status"), reply.at("/body")), ("204", "null"));
    assert_eq!((reply.text("/order/status"), reply.at("/events")), ("pending".into(), "[]"));
    let again = try_out(&server, &jane, "POST", &open.path("/payments"), "");
    assert_eq!(again.at("/body"), r#"{"orderId":"ORD1","clientSecret":null,"totalAmount":20.00}"#);
    server.behave(r#""callback": "off""#);
    server.at_provider(&open.intent, "confirm");
    assert_eq!(server.patch("/api/orders/ORD1/paid").by(&jane).send().status, 204);
    let reply = pay();
    assert_eq!((reply.at("/status"), reply.text("/body/code")), ("400", "already_paid".into()));
}

/// One request in many does not make the others wait or fail.
#[test]
fn tries_and_changes_do_not_disturb_each_other() {
    let server = TestServer::start();
    server.open_shop();
    let jane = server.token("jane", "");
    let calls = (0..40).map(|nth| {
        let query = if nth % 2 == 0 { "?dry_run=true" } else { "" };
        server.post(&format!("/api/orders{query}")).by(&jane).json(one_of("p003"))
    });
    let replies = server.at_once(calls.collect());
    let placed = replies.iter().filter(|it| it.status == 204).count();
    assert_eq!(placed, 1);
    for reply in replies.iter().step_by(2) {
        assert!(["204", "400"].contains(&reply.at("/status")), "{reply}");
    }
    assert_eq!((server.shelf("p003"), server.last_seq()), ((1, 1), 2));
}
