//! `DELETE /api/customers/{id}`: afterwards the person is in no table, and the books are right.

use server::auth::Grant;
use testkit::server::{Reply, TestServer, order_of};

use crate::review_rules::{put_rules, rule};

/// What a search of the tables looks for.
const PERSONAL: [&str; 7] =
    ["Janeway", "Enterprise", "12 Starfleet", "Bloomington", "kathryn@", "555 0174", "coffee"];

const PERSON: &str = r#""notes": "coffee, black",
    "contact": {"email": "kathryn@example.com", "phone": "+1 555 0174"},
    "billing_address": {"name": "K. Janeway", "company": "Enterprise Ltd",
        "address": "12 Starfleet Way", "city": "Bloomington", "state": "IN", "zip": "47401",
        "country": "US"},
    "shipping_address": {"name": "Kathryn Janeway", "address": "12 Starfleet Way",
        "city": "Bloomington", "state": "IN", "zip": "47401", "country": "US"}"#;

fn erase(server: &TestServer, id: &str) -> Reply {
    server.delete(&format!("/api/customers/{id}")).by(&server.staff()).send()
}

fn found(server: &TestServer) -> Vec<(&'static str, Vec<String>)> {
    let places = PERSONAL.map(|it| (it, server.tables_with(it)));
    places.into_iter().filter(|(_, tables)| !tables.is_empty()).collect()
}

/// Places with a key and asks for the order; its id and the answer.
fn place(server: &TestServer, key: &str) -> Reply {
    let items = r#"[{"product_id": "p001", "quantity": 1}]"#;
    let call = server.post("/api/orders").by(&server.token("kathryn", "")).key(key);
    let call = call.header("Prefer", "return=representation");
    call.json(format!(r#"{{"items": {items}, {PERSON}}}"#)).send()
}

on_every_store! {
    fn nothing_of_the_person_is_left(server: &TestServer) {
        server.open_shop();
        let counted = ["customer", "address", "email"].map(|by| {
            let window = r#""orders": 100, "within_minutes": 43200"#;
            rule(by, &format!(r#""kind": "velocity", "by": "{by}", {window}"#))
        });
        put_rules(server, &counted.join(", "));
        server.must_put(
            "/api/customers/kathryn",
            r#""name": "Kathryn Janeway", "email": "kathryn@example.com""#,
        );
        let kathryn = server.token("kathryn", "");
        let cart = format!(r#"{{"items": [{{"product_id": "p001", "quantity": 2}}], {PERSON}}}"#);
        let put = || server.put("/api/carts/c").by(&kathryn).key("cart").json(cart.clone()).send();
        assert_eq!(put().status, 201);
        let ordered = server.put("/api/carts/d").by(&kathryn).json(cart.clone()).send();
        assert_eq!(ordered.status, 201);
        let order = r#"{"cart_id": "d", "payment_method": "invoice"}"#;
        assert_eq!(server.post("/api/orders").by(&kathryn).json(order).send().status, 201);
        let first = place(server, "order");
        assert_eq!(first.status, 201, "{first}");
        for no in ["ORD1", "ORD2"] {
            server.advance(no, "shipped");
        }
        let deliver = |no: &str, key: &str| {
            let call = server.put(&format!("/api/orders/{no}/status")).by(&server.staff());
            call.key(key).json(r#"{"status": "delivered"}"#).send()
        };
        let delivered = deliver("ORD1", "deliver");
        assert_eq!(deliver("ORD2", "deliver-2").status, 200);
        let before = server.get("/api/orders/ORD2").by(&server.staff()).send();
        server.eventually_found("janeway", 2);
        assert_eq!(found(server).len(), if server.has_tables() { PERSONAL.len() } else { 0 });

        let gone = erase(server, "kathryn");
        assert_eq!(gone.to_string(), "204");
        assert_eq!(found(server), []);
        let get = server.get("/api/customers/kathryn").by(&server.staff()).send();
        assert_eq!(get.code(), "404 customer_not_found");
        let after = server.get("/api/orders/ORD2").by(&server.staff()).send();
        assert_eq!(
            ["/shipping_address", "/billing_address", "/notes"].map(|it| after.at(it)),
            ["null"; 3]
        );
        assert_eq!(after.at("/contact"), r#"{"email":null,"phone":null}"#);
        for kept in ["/user_id", "/items", "/total", "/invoice_number", "/status", "/metadata"] {
            assert_eq!(after.at(kept), before.at(kept), "{kept}");
        }
        let version = |it: &Reply| it.at("/version").parse::<u64>().unwrap();
        assert_eq!(version(&after), version(&before) + 1);
        let events = server.get("/api/orders/ORD2/events").by(&server.staff()).send();
        assert!(events.body.contains("order.person_erased"), "{events}");
        // Nor by a look back, a search, a cart, or what was answered before.
        let back = server.get("/api/orders/ORD2?at=4").by(&server.staff()).send();
        assert_eq!(back.at("/shipping_address"), "null");
        let search = server.get("/api/orders?q=janeway").by(&server.staff()).send();
        assert_eq!(search.at("/orders"), "[]");
        let cart = server.get("/api/carts/c").by(&kathryn).send();
        assert_eq!(cart.code(), "404 cart_not_found");
        let again = place(server, "order");
        assert_eq!((again.status, again.header("idempotent-replayed")), (204, Some("true")));
        for name in ["location", "etag"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        assert_eq!((again.body.as_str(), again.header("content-type")), ("", None));
        let again = deliver("ORD1", "deliver");
        assert_eq!((again.status, again.header("etag")), (204, delivered.header("etag")));
        assert_eq!(again.body, "");
        assert_eq!((put().status, put().body.as_str()), (204, ""));
        assert_eq!(found(server), [], "a replay brings nothing back");
        assert_eq!(erase(server, "kathryn").code(), "404 customer_not_found");
    }

    fn a_customer_of_many_orders_is_erased_in_pieces(server: &TestServer) {
        server.open_shop();
        server.stock("p001", 1000);
        let staff = server.staff();
        let calls = (0..150).map(|_| {
            let items = r#"[{"product_id": "p001", "quantity": 1}]"#;
            let body = format!(r#"{{"user_id": "kathryn", "items": {items}, {PERSON}}}"#);
            server.post("/api/orders").by(&staff).json(body)
        });
        assert!(server.at_once(calls.collect()).iter().all(|it| it.status == 204));
        let cancels = (1..=150).map(|no| server.delete(&format!("/api/orders/ORD{no}")).by(&staff));
        assert!(server.at_once(cancels.collect()).iter().all(|it| it.status == 200));
        server.order("joe", "p001", 1);
        let call = || server.delete("/api/customers/kathryn").by(&staff).key("erase").send();
        let gone = (0..50).map(|_| call().status).find(|it| *it != 202);
        assert_eq!(gone, Some(204));
        assert_eq!(found(server), []);
        let replay = call();
        assert_eq!((replay.status, replay.header("idempotent-replayed")), (204, Some("true")));
        let erased = server.get("/api/orders/ORD150").by(&staff).send();
        assert_eq!(erased.at("/shipping_address"), "null");
        let joes = server.get("/api/orders/ORD151").by(&staff).send();
        assert_eq!(joes.text("/shipping_address/city"), "New York");
    }
}

#[test]
fn an_order_that_is_open_needs_its_address() {
    let server = TestServer::start();
    server.open_shop();
    let jane = server.token("jane", "");
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    for _ in 0..2 {
        server.post("/api/orders").by(&jane).json(body.clone()).send();
    }
    let before = (server.last_seq(), server.last_admin_seq());
    let refused = |orders: &str| {
        format!(
            "409 customer_has_open_orders: Customer 'jane' has orders that are open still: {orders}"
        )
    };
    assert_eq!(erase(&server, "jane").refusal(), refused("ORD2, ORD1"));
    assert_eq!((server.last_seq(), server.last_admin_seq()), before);
    server.advance("ORD1", "cancelled");
    server.advance("ORD2", "shipped");
    assert_eq!(erase(&server, "jane").refusal(), refused("ORD2"), "it may come back");
    server.advance("ORD2", "delivered");
    assert_eq!(erase(&server, "jane").status, 204);
}

#[test]
fn whoever_comes_again_is_somebody_new() {
    let server = TestServer::start();
    server.open_shop();
    server.must_put("/api/customers/jane", r#""name": "Jane""#);
    assert_eq!(erase(&server, "jane").status, 204);
    let order = server.order("jane", "p001", 1);
    let shown = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
    assert_eq!(shown.text("/shipping_address/city"), "New York");
    let jane = server.get("/api/customers/jane").by(&server.staff()).send();
    assert_eq!((jane.status, jane.at("/name")), (200, "null"));
}

#[test]
fn a_person_of_whom_there_is_a_cart_alone() {
    let server = TestServer::start();
    server.open_shop();
    let cart = format!(r#"{{"items": [], {PERSON}}}"#);
    let kathryn = server.token("kathryn", "");
    server.put("/api/carts/c").by(&kathryn).json(cart).send();
    assert_eq!(erase(&server, "kathryn").status, 204);
    assert_eq!(found(&server), []);
}

#[test]
fn who_may_erase_whom() {
    let server = TestServer::start();
    server.must_put("/api/customers/jane", r#""name": "Jane""#);
    let grant = Grant { subject: "b", scope: "staff", stores: Some(&[1]), ..Grant::default() };
    let narrowed = server.delete("/api/customers/jane").by(&server.grant(&grant)).send();
    assert_eq!(narrowed.code(), "403 forbidden", "a person's orders are in every store");
    let own = server.delete("/api/customers/jane").by(&server.token("jane", "")).send();
    assert_eq!(own.code(), "403 forbidden");
    let stale = server.delete("/api/customers/jane").by(&server.staff()).if_match("\"9\"").send();
    assert_eq!(stale.code(), "412 version_mismatch");
    let tried = server.delete("/api/customers/jane?dry_run=true").by(&server.staff()).send();
    assert_eq!((tried.status, tried.at("/status")), (200, "204"));
    assert_eq!(erase(&server, "nobody").code(), "404 customer_not_found");
    assert_eq!(erase(&server, "a%20b").code(), "404 customer_not_found");
    let jane = server.get("/api/customers/jane").by(&server.staff()).send();
    assert_eq!(jane.status, 200, "she is still there");
}
