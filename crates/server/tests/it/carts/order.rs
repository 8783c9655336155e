//! `POST /api/orders` from a cart.

use testkit::server::{Payable, Reply, TestServer};

const ADDRESS: &str = r#""shipping_address": {"name": "Jane Doe", "address": "123 Main St",
    "city": "New York", "state": "NY", "zip": "10001", "country": "US"}"#;

/// Jane's cart of two cables.
fn fill(server: &TestServer, members: &str) {
    server.open_shop();
    let body = format!(r#"{{"items": [{{"product_id": "p001", "quantity": 2}}]{members}}}"#);
    let reply = server.put("/api/carts/abc123").by(&server.token("jane", "")).json(body).send();
    assert_eq!(reply.status, 201, "{reply}");
}

fn order(server: &TestServer, token: &str, members: &str) -> Reply {
    let body = format!(r#"{{"cart_id": "abc123", {members}}}"#);
    server.post("/api/orders").by(token).json(body).send()
}

on_every_store! {
    fn a_cart_becomes_an_order_once(server: &TestServer) {
        fill(server, "");
        let (jane, staff) = (server.token("jane", ""), server.staff());
        let body = format!(r#""payment_method": "cash_on_delivery", {ADDRESS}"#);
        let reply = order(server, &jane, &body);
        assert_eq!(reply.status, 201, "{reply}");
        assert_eq!(reply.header("location"), Some("/api/orders/ORD1"));
        let expected = concat!(
            r#"{"order_id":"ORD1","status":"confirmed","#,
            r#""message":"Order received and confirmed."}"#,
        );
        assert_eq!(reply.body, expected);
        let placed = server.get("/api/orders/ORD1").by(&jane).send();
        assert_eq!((placed.text("/user_id"), placed.at("/total")), ("jane".into(), "30.00"));
        assert_eq!(placed.text("/shipping_address/city"), "New York");
        assert_eq!(server.shelf("p001"), (100, 2));

        let again = "409 cart_already_ordered: Cart 'abc123' has been ordered: it is order ORD1";
        let refused = order(server, &jane, &body);
        assert_eq!((refused.refusal(), refused.text("/order_id")), (again.into(), "ORD1".into()));
        let of_jane = format!(r#""user_id": "jane", {body}"#);
        assert_eq!(order(server, &staff, &of_jane).refusal(), again);
        let erp = server.token("erp", "orders:write");
        let untold = "409 cart_already_ordered: Cart 'abc123' has been ordered";
        assert_eq!(order(server, &erp, &of_jane).refusal(), untold);
        let changed = server.put("/api/carts/abc123").by(&jane).json("{}").send();
        assert_eq!(changed.refusal(), again);
        assert_eq!(server.delete("/api/carts/abc123").by(&jane).send().refusal(), again);
        let cart = server.get("/api/carts/abc123").by(&jane).send();
        assert_eq!((cart.text("/status"), cart.at("/version")), ("ordered".into(), "2"));
        assert_eq!(server.shelf("p001"), (100, 2));
    }

    fn a_prepaid_one_waits_for_its_payment(server: &TestServer) {
        fill(server, &format!(r#", {ADDRESS}, "contact": {{"email": "j@example.com"}}"#));
        let jane = server.token("jane", "");
        let reply = order(server, &jane, r#""user_id": "jane", "payment_method": "credit_card""#);
        assert_eq!(reply.status, 201, "{reply}");
        let expected = concat!(
            r#"{"order_id":"ORD1","status":"pending","#,
            r#""message":"Order received and pending payment."}"#,
        );
        assert_eq!(reply.body, expected);
        let placed = server.get("/api/orders/ORD1").by(&jane).send();
        assert_eq!(placed.at("/payments"), "[]");
        assert_eq!(placed.text("/expires_at"), "2025-06-27T12:30:00Z");
        assert_eq!(placed.text("/contact/email"), "j@example.com");
        let payable = Payable::of(&server.post("/api/orders/ORD1/payments").by(&jane).send());
        server.at_provider(&payable.intent, "confirm");
        server.eventually("ORD1", "/payment_status", "paid");
    }

    fn a_prepaid_one_that_nobody_pays_runs_out(server: &TestServer) {
        fill(server, &format!(", {ADDRESS}"));
        let jane = server.token("jane", "");
        let reply = order(server, &jane, r#""payment_method": "credit_card""#);
        assert_eq!(reply.text("/status"), "pending");
        assert_eq!(server.shelf("p001"), (100, 2));
        server.clock().advance_ms(30 * 60 * 1000);
        server.eventually_in(1000, "ORD1", "/status", "cancelled");
        assert_eq!(server.shelf("p001"), (100, 0));
    }

    fn a_repeat_is_answered_again(server: &TestServer) {
        fill(server, &format!(", {ADDRESS}"));
        let jane = server.token("jane", "");
        let body = r#"{"cart_id": "abc123", "payment_method": "invoice"}"#;
        let place = || server.post("/api/orders").by(&jane).key("k").json(body).send();
        let (first, second) = (place(), place());
        assert_eq!((first.status, second.status), (201, 201), "{second}");
        assert_eq!(first.body, second.body);
        assert_eq!(second.header("idempotent-replayed"), Some("true"));
    }
}

#[test]
fn of_many_at_once_one_is_placed() {
    let server = TestServer::start();
    fill(&server, &format!(", {ADDRESS}"));
    let jane = server.token("jane", "");
    let call = || server.post("/api/orders").by(&jane).json(r#"{"cart_id": "abc123"}"#);
    let replies = server.at_once((0..16).map(|_| call()).collect());
    let placed = replies.iter().filter(|it| it.status == 201).count();
    let refused = replies.iter().filter(|it| it.status == 409).count();
    assert_eq!((placed, refused), (1, 15));
    assert_eq!(server.shelf("p001"), (100, 2));
}

#[test]
fn what_is_refused_leaves_the_cart_open() {
    let server = TestServer::start();
    fill(&server, "");
    let jane = server.token("jane", "");
    let check = |members: &str, expected: &str| {
        let told = order(&server, &jane, members).refusal();
        assert!(told.starts_with(expected), "{told}");
        let cart = server.get("/api/carts/abc123").by(&jane).send();
        assert_eq!((cart.text("/status"), cart.at("/version")), ("open".into(), "1"));
    };
    check(r#""items": [{"product_id": "p001", "quantity": 1}]"#, "400 validation_failed");
    check(r#""payment_method": "gold""#, "400 validation_failed");
    check(r#""user_id": "joe""#, "403 forbidden");
    check(r#""user_id": "jane""#, "400 validation_failed: A delivery address is required");
    check(&format!(r#""deliveryMethodId": "x", {ADDRESS}"#), "404 delivery_method_not_found");
    server.stock("p001", 1);
    check(ADDRESS, "400 insufficient_stock");
    let both = order(&server, &jane, r#""items": [{"product_id": "p001", "quantity": 1}]"#);
    assert!(both.refusal().ends_with("[/cart_id cart_or_items]"), "{both}");
    let neither = server.post("/api/orders").by(&jane).json("{}").send().refusal();
    assert!(neither.ends_with("[/items required]"), "{neither}");
    server.put("/api/carts/abc123/items").by(&jane).json(r#"{"items": []}"#).send();
    let empty = "400 cart_empty: Cart 'abc123' is empty [/cart_id cart_empty]";
    assert_eq!(order(&server, &jane, ADDRESS).refusal(), empty);
}

#[test]
fn a_cart_of_another_is_not_ordered() {
    let server = TestServer::start();
    fill(&server, &format!(", {ADDRESS}"));
    let (joe, staff) = (server.token("joe", ""), server.staff());
    let none = "404 cart_not_found: Cart not found";
    assert_eq!(order(&server, &joe, r#""metadata": {}"#).refusal(), none);
    assert_eq!(order(&server, &staff, r#""user_id": null"#).refusal(), none, "a guest has none");
    let told = order(&server, &staff, r#""metadata": {}"#).refusal();
    assert!(told.ends_with("[/user_id required]"), "{told}");
    assert_eq!(order(&server, &staff, r#""user_id": "jane""#).status, 201);
}
