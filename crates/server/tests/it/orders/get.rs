//! `GET /api/orders/{id}`.

use server::auth::Grant;
use testkit::server::{Reply, TestServer, order_of};

#[test]
fn an_order_is_shown_to_its_owner_and_to_the_shop() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let see = |token: &str, id: &str| server.get(&format!("/api/orders/{id}")).by(token).send();
    let of_owner = see(&server.token("jane", ""), &order);
    assert_eq!((of_owner.status, of_owner.header("etag")), (200, Some("\"2\"")));
    assert_eq!(of_owner.body, see(&server.staff(), &order).body);
    assert_eq!(of_owner.body, see(&server.token("erp", "orders:read"), "1-1").body);
    let narrowed =
        Grant { subject: "boss", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let nothing = "404 order_not_found: Order not found";
    assert_eq!(see(&server.token("joe", ""), &order).refusal(), nothing);
    assert_eq!(see(&server.token("joe", ""), "1-1").refusal(), nothing);
    assert_eq!(see(&server.grant(&narrowed), &order).refusal(), nothing);
    let no_right = "403 forbidden: Your token does not give the right to do this";
    assert_eq!(see(&server.token("erp", "orders:write"), &order).refusal(), no_right);
    let unknown = "400 unknown_parameter: x is not a parameter of this call [/x unknown_parameter]";
    assert_eq!(see(&server.staff(), "ORD1?x=1").refusal(), unknown);
}

#[test]
fn ids_of_another_shape_name_nothing() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    for id in [
        "ORD0",
        "ORD01",
        "ORD-1",
        "ORD1.0",
        "ORD18446744073709551616",
        "ORD9223372036854775808",
        "ORD",
        "ord1",
        "1",
        "1-0",
        "01-1",
        "1-01",
        "1-1-1",
        "-",
        "4294967296-1",
        "1-9999999999999999999999",
        "%00",
        "%FF",
        "ORD1%00",
        "%F0%9F%92%A9",
        "..%2F..",
        "'%20OR%201=1",
        "ORD1%0A",
    ] {
        let reply = server.get(&format!("/api/orders/{id}")).by(&server.staff()).send();
        assert_eq!(reply.refusal(), "404 order_not_found: Order not found", "{id}");
    }
    let long = "9".repeat(5000);
    let reply = server.get(&format!("/api/orders/ORD{long}")).by(&server.staff()).send();
    assert_eq!(reply.status, 404);
}

#[test]
fn guests_orders_are_the_shops_alone() {
    let server = TestServer::start();
    server.open_shop();
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    let body = body.replacen('{', r#"{"user_id": null, "contact": {"email": "a@b"}, "#, 1);
    let reply = server.post("/api/orders").by(&server.staff()).json(body).send();
    assert_eq!(reply.status, 204, "{reply}");
    let shown = server.get("/api/orders/ORD1").by(&server.staff()).send();
    assert_eq!((shown.at("/user_id"), shown.text("/contact/email").as_str()), ("null", "a@b"));
    let reply = server.get("/api/orders/ORD1").by(&server.token("null", "")).send();
    assert_eq!(reply.status, 404);
}

on_every_store! {
    fn an_order_is_shown_as_it_was(server: &TestServer) {
        server.open_shop();
        server.order("jane", "p001", 1);
        let placed = see(server, "ORD1");
        server.clock().advance_ms(1000);
        server.order("joe", "p001", 1);
        server.advance("ORD1", "shipped");
        let shipped = see(server, "ORD1");
        server.clock().advance_ms(500);
        server.advance("ORD1", "delivered");
        let delivered = see(server, "ORD1");
        let check = |at: &str, expected: &Reply| {
            let then = see(server, &format!("ORD1?at={at}"));
            assert_eq!(then.essence(), expected.essence(), "{at}");
        };
        for at in ["2", "3", "4", "2025-06-27T12:00:00Z", "2025-06-27T12:00:00.999Z"] {
            check(at, &placed);
        }
        for at in ["6", "2025-06-27T12:00:01Z", "2025-06-27T14:00:01.499%2B02:00"] {
            check(at, &shipped);
        }
        for at in ["7", "9223372036854775807", "2025-06-27T12:00:01.5Z", "2099-01-01T00:00:00Z"] {
            check(at, &delivered);
        }
        let born = see(server, "ORD1?at=1");
        assert_eq!((born.at("/status"), born.header("etag")), ("\"pending\"", Some("\"1\"")));
        assert_eq!((born.at("/retrieval_id"), born.at("/invoice_number")), ("null", "null"));
        assert_eq!(born.text("/shipping_address/name"), "Jane Doe");
        assert_eq!(born.body, see(server, "1-1?at=1").body);
        let half_shipped = see(server, "ORD1?at=5");
        assert_eq!(half_shipped.text("/shipping_status"), "partially_shipped");
        let too_early = "ORD1?at=2025-06-27T11:59:59.999Z";
        for before in ["ORD1?at=0", too_early, "ORD2?at=2", "ORD3?at=9"] {
            let nothing = "404 order_not_found: Order not found";
            assert_eq!(see(server, before).refusal(), nothing, "{before}");
        }
    }
}

on_every_store! {
    /// What was told before is only told again while it is true, also to those who ask while it
    /// changes.
    fn an_order_is_shown_as_it_is(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 1);
        let path = format!("/api/orders/{order}");
        let (staff, jane) = (server.staff(), server.token("jane", ""));
        for round in 0..25 {
            for (verb, on_hold) in [("hold", "true"), ("release", "false")] {
                let asked = (0..6).map(|_| server.get(&path).by(&staff));
                let change = server.post(&format!("{path}/{verb}")).by(&staff);
                let change = match verb {
                    "hold" => change.json(r#"{"reason": "a look"}"#),
                    _ => change,
                };
                let replies = server.at_once(asked.chain([change]).collect());
                assert!(replies.iter().all(|it| it.status == 200), "{replies:?}");
                let changed = &replies[6];
                for token in [&staff, &jane, &staff] {
                    let shown = server.get(&path).by(token).send();
                    assert_eq!(shown.at("/on_hold"), on_hold, "in round {round}");
                    assert_eq!(shown.header("etag"), changed.header("etag"), "in round {round}");
                }
            }
        }
        assert_eq!(server.get(&path).by(&server.token("joe", "")).send().status, 404);
        let tag = server.get(&path).by(&jane).send().header("etag").map(str::to_owned).unwrap();
        let known = server.get(&path).by(&jane).header("If-None-Match", &tag).send();
        assert_eq!((known.status, known.body.as_str()), (304, ""));
    }
}

fn see(server: &TestServer, id: &str) -> Reply {
    server.get(&format!("/api/orders/{id}")).by(&server.staff()).send()
}

#[test]
fn who_may_see_an_order_as_it_was() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    let call = |token: &str, at: &str| server.get(&format!("/api/orders/ORD1?at={at}")).by(token);
    let no_right = "403 forbidden: Your token does not give the right to do this";
    assert_eq!(call(&server.token("jane", ""), "1").send().refusal(), no_right);
    assert_eq!(call(&server.token("erp", "orders:read"), "1").send().status, 200);
    let narrowed =
        Grant { subject: "boss", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    assert_eq!(call(&server.grant(&narrowed), "1").send().code(), "404 order_not_found");
    let known = call(&server.staff(), "1").header("If-None-Match", "\"1\"").send();
    assert_eq!((known.status, known.header("etag")), (304, Some("\"1\"")));
    for wrong in ["", "-1", "now", "1.5", "2025-06-27", "99999999999999999999", "1&at=2"] {
        assert_eq!(call(&server.staff(), wrong).send().code(), "400 validation_failed", "{wrong}");
        let customer = call(&server.token("jane", ""), wrong).send();
        assert_eq!(customer.code(), "400 validation_failed", "{wrong}");
    }
}
