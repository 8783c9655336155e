//! `Idempotency-Key`: a request that is made again is answered again, and done once.

use server::Settings;
use testkit::server::{Reply, TestServer, Wish, order_of};

fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    server
}

fn cables(quantity: &str) -> String {
    order_of(&format!(r#"{{"product_id": "p001", "quantity": {quantity}}}"#))
}

/// What a replay must repeat, and whether it says that it is one.
fn answer(reply: &Reply) -> (u16, &str, Option<&str>, Option<&str>, bool) {
    let replayed = match reply.header("idempotent-replayed") {
        None => false,
        Some("true") => true,
        Some(other) => panic!("Idempotent-Replayed: {other}"),
    };
    (reply.status, &reply.body, reply.header("location"), reply.header("etag"), replayed)
}

#[track_caller]
fn assert_replayed(first: &Reply, second: &Reply) {
    let (status, body, location, etag, replayed) = answer(first);
    assert!((200..300).contains(&status) && !replayed, "{first}");
    assert_eq!(answer(second), (status, body, location, etag, true));
    assert_eq!(first.header("content-type"), second.header("content-type"));
}

on_every_store! {
    fn every_change_is_repeatable(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        let guest = cables("2").replacen('{', r#"{"user_id": null, "#, 1);
        let twice = |key: &str, call: &dyn Fn() -> Reply| {
            let first = call();
            let logged = (server.last_seq(), server.last_admin_seq());
            assert_replayed(&first, &call());
            assert_eq!((server.last_seq(), server.last_admin_seq()), logged, "{key}");
        };
        let call = |method: &str, path: &str, key: &str, body: &str| {
            let call = server.call(method, path).by(&staff).key(key);
            if body.is_empty() { call.send() } else { call.json(body).send() }
        };
        twice("place", &|| call("POST", "/api/orders", "1", &guest));
        twice("pay", &|| call("PATCH", "/api/orders/ORD1/paid", "2", ""));
        twice("ship", &|| call("PUT", "/api/orders/ORD1/status", "3", r#"{"status": "shipped"}"#));
        twice("place", &|| call("POST", "/api/orders", "4", &guest));
        twice("cancel", &|| call("DELETE", "/api/orders/ORD2?reason=x", "5", ""));
        twice("put", &|| call("PUT", "/api/products/new", "6", r#"{"name": "N", "price": 1}"#));
        twice("set", &|| call("PUT", "/api/stock/new", "7", r#"{"on_hand": 3}"#));
        twice("adjust", &|| call("POST", "/api/stock/new/adjust", "8", r#"{"delta": 3}"#));
        assert_eq!(server.shelf("new"), (6, 0));
        twice("delete", &|| call("DELETE", "/api/products/new", "9", ""));
        let boat = r#"{"name": "Boat", "price": 1}"#;
        twice("put", &|| call("PUT", "/api/delivery-methods/boat", "10", boat));
        twice("delete", &|| call("DELETE", "/api/delivery-methods/boat", "11", ""));
        server.behave(r#""callback": "off""#);
        twice("pay", &|| call("POST", "/api/orders/with-payment", "12", &guest));
        let open = server.get("/api/orders/ORD3").by(&staff).send();
        let intent = open.text("/payments/0/provider_reference");
        twice("start", &|| call("POST", "/api/orders/ORD3/payments", "13", ""));
        server.at_provider(&intent, "confirm");
        twice("paid", &|| call("PATCH", "/api/orders/ORD3/paid", "14", ""));
        twice("hold", &|| call("POST", "/api/orders/ORD3/hold", "15", ""));
        twice("release", &|| call("POST", "/api/orders/ORD3/release", "16", ""));
        let cash = r#"{"amount": 1}"#;
        twice("refund", &|| call("POST", "/api/orders/ORD1/refunds", "17", cash));
        twice("ship", &|| call("POST", "/api/orders/ORD3/shipments", "18", ""));
        let arrived = r#"{"status": "delivered"}"#;
        let path = "/api/orders/ORD3/shipments/shp_3_1";
        twice("arrive", &|| call("PATCH", path, "19", arrived));
        let client = call("POST", "/api/clients", "22", r#"{"name": "ERP", "scope": "staff"}"#);
        let path = format!("/api/clients/{}", client.text("/client_id"));
        twice("remove", &|| call("DELETE", &path, "23", ""));
        let cable = r#"{"items": [{"product_id": "p001", "quantity": 1}]}"#;
        twice("create", &|| call("POST", "/api/carts", "24", cable));
        twice("put", &|| call("PUT", "/api/carts/c", "25", cable));
        twice("put items", &|| call("PUT", "/api/carts/c/items", "26", cable));
        let address = guest.split_once("\"shipping_address\"").unwrap().1;
        let of_cart =
            format!(r#"{{"user_id": null, "cart_id": "c", "shipping_address"{address}"#);
        twice("order", &|| call("POST", "/api/orders", "27", &of_cart));
        let large = r#"{"enabled": true, "threshold": 1, "rules": [
            {"rule_id": "r", "kind": "total_over", "amount": 1, "score": 1, "reason": "x"}]}"#;
        twice("rules", &|| call("PUT", "/api/review-rules", "34", large));
        twice("stopped", &|| call("POST", "/api/orders", "35", &guest));
        let fail = r#"{"decision": "fail"}"#;
        twice("review", &|| call("POST", "/api/orders/ORD5/review", "36", fail));
        let oslo = r#"{"name": "Oslo", "currency": "NOK"}"#;
        twice("put", &|| call("PUT", "/api/stores/2", "30", oslo));
        let jane = r#"{"name": "Jane"}"#;
        twice("put", &|| call("PUT", "/api/customers/jane", "31", jane));
        twice("put", &|| call("PUT", "/api/customers/me", "32", jane));
        twice("erase", &|| call("DELETE", "/api/customers/boss", "33", ""));
        twice("put", &|| call("PUT", "/api/carts/d", "28", cable));
        twice("delete", &|| call("DELETE", "/api/carts/d", "29", ""));
    }

    fn a_replay_is_told_even_when_the_request_would_now_be_refused(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let body = order_of(r#"{"product_id": "p003", "quantity": 1}"#);
        let place = || server.post("/api/orders").by(&jane).key("k").json(body.clone()).send();
        let first = place();
        server.product("p003", r#""name": "Premium Headphones", "price": 1, "active": false"#);
        server.clock().advance_ms(24 * 3600 * 1000);
        assert_replayed(&first, &place());
        let cancel = || {
            let call = server.delete("/api/orders/ORD1").by(&server.staff());
            call.if_match("\"2\"").key("c").send()
        };
        assert_replayed(&cancel(), &cancel());
    }
}

#[test]
fn a_key_belongs_to_one_request() {
    let server = shop();
    let jane = server.token("jane", "");
    let body = cables("2");
    let place = |path: &str, body: &str| server.post(path).by(&jane).key("k").json(body).send();
    let first = place("/api/orders", &body);
    let reused = "422 idempotency_key_reused: This Idempotency-Key was used for another request";
    assert_eq!(place("/api/orders", &cables("3")).refusal(), reused);
    assert_eq!(place("/api/orders", &body.replacen('{', "{\"x\": 1, ", 1)).refusal(), reused);
    assert_eq!(server.delete("/api/orders/ORD1").by(&jane).key("k").send().refusal(), reused);
    assert_replayed(&first, &place("/api/orders", &body));
    let staff = server.staff();
    let cancel =
        |query: &str| server.delete(&format!("/api/orders/ORD1{query}")).by(&staff).key("c").send();
    assert_eq!(cancel("?reason=a").status, 200);
    assert_eq!(cancel("?reason=b").refusal(), reused);
    assert_eq!(cancel("").refusal(), reused);
    assert_eq!(server.last_seq(), 3);
}

#[test]
fn bodies_are_compared_by_what_they_mean() {
    let server = shop();
    let jane = server.token("jane", "");
    let place = |body: &str| server.post("/api/orders").by(&jane).key("k").json(body).send();
    let items = r#"[{"product_id":"p001","quantity":2}]"#;
    let address = r#"{"city":"Oslo","address":"Gate 1","zip":"0153","country":"NO"}"#;
    let first = place(&format!(r#"{{"items":{items},"shipping_address":{address},"notes":"é"}}"#));
    let of_quantity = |quantity: &str| {
        let item = format!(r#"{{"quantity":{quantity},"product_id":"p001"}}"#);
        format!(r#"{{"items":[{item}],"shipping_address":{address},"notes":"é"}}"#)
    };
    for same in [
        format!(r#" {{ "notes" : "\u00e9", "shipping_address":{address} , "items":{items} }} "#),
        of_quantity("2.0"),
        of_quantity("20e-1"),
    ] {
        assert_replayed(&first, &place(&same));
    }
    for other in [
        format!(r#"{{"items":{items},"shipping_address":{address},"notes":"e"}}"#),
        format!(r#"{{"items":{items},"shipping_address":{address}}}"#),
        format!(r#"{{"items":{items},"shipping_address":{address},"notes":"é","x":null}}"#),
    ] {
        assert_eq!(place(&other).code(), "422 idempotency_key_reused", "{other}");
    }
    assert_eq!(server.shelf("p001"), (100, 2));
}

#[test]
fn a_key_is_its_callers_own_and_may_be_quoted() {
    let server = shop();
    let place = |token: &str, key: &str| {
        server.post("/api/orders").by(token).key(key).json(cables("1")).send()
    };
    let (jane, joe) = (server.token("jane", ""), server.token("joe", ""));
    let first = place(&jane, "8e03978e-40d5-43dd-bc93-6894a57f9324");
    assert_replayed(&first, &place(&jane, "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""));
    assert_replayed(
        &first,
        &place(&server.token("jane", "customer"), "8e03978e-40d5-43dd-bc93-6894a57f9324"),
    );
    let of_joe = place(&joe, "8e03978e-40d5-43dd-bc93-6894a57f9324");
    assert_eq!(of_joe.header("location"), Some("/api/orders/ORD2"));
    assert_replayed(&place(&jane, &"x".repeat(255)), &place(&jane, &"x".repeat(255)));
    for unfit in ["", "\"\"", "two words", "\"open", &"x".repeat(256), "å"] {
        assert_eq!(place(&jane, unfit).code(), "400 idempotency_key_invalid", "{unfit:?}");
    }
    let twice = server.post("/api/orders").by(&jane).key("a").key("a").json(cables("1")).send();
    assert_eq!(twice.code(), "400 idempotency_key_invalid");
    assert_eq!(server.shelf("p001"), (100, 3));
}

#[test]
fn refusals_are_not_stored() {
    let server = shop();
    let jane = server.token("jane", "");
    let place = || {
        let body = order_of(r#"{"product_id": "p003", "quantity": 2}"#);
        server.post("/api/orders").by(&jane).key("k").json(body).send()
    };
    assert_eq!(place().code(), "400 insufficient_stock");
    assert_eq!(place().header("idempotent-replayed"), None);
    let other = server.post("/api/orders").by(&jane).key("k").json(cables("101")).send();
    assert_eq!(other.code(), "400 insufficient_stock", "a refused key is still free");
    server.stock("p003", 2);
    assert_replayed(&place(), &place());
}

#[test]
fn a_key_may_be_required() {
    let settings = Settings { idempotency_required: true, ..Settings::default() };
    let server = TestServer::with(Wish { settings, ..Wish::default() });
    let staff = server.staff();
    let required = "400 idempotency_key_required: This call needs an Idempotency-Key";
    for (method, path, body) in [
        ("PUT", "/api/products/p001", r#"{"name": "Cable", "price": 1}"#),
        ("PUT", "/api/delivery-methods/post", r#"{"name": "Post", "price": 1}"#),
        ("PUT", "/api/stock/p001", r#"{"on_hand": 5}"#),
        ("POST", "/api/stock/p001/adjust", r#"{"delta": 5}"#),
        (
            "POST",
            "/api/orders",
            r#"{"user_id": "j", "items": [{"product_id": "p001", "quantity": 1}]}"#,
        ),
        ("PUT", "/api/orders/ORD1/status", r#"{"status": "shipped"}"#),
        ("PATCH", "/api/orders/ORD1/paid", "{}"),
        ("DELETE", "/api/orders/ORD1", "{}"),
        ("PUT", "/api/stores/2", r#"{"name": "Oslo", "currency": "NOK"}"#),
        ("PUT", "/api/review-rules", r#"{"threshold": 1, "rules": []}"#),
        ("POST", "/api/orders/ORD1/review", r#"{"decision": "pass"}"#),
        ("PUT", "/api/customers/jane", r#"{"name": "Jane"}"#),
        ("PUT", "/api/customers/me", "{}"),
        ("DELETE", "/api/customers/jane", "{}"),
        ("DELETE", "/api/products/p001", "{}"),
        ("DELETE", "/api/delivery-methods/post", "{}"),
    ] {
        let without = server.call(method, path).by(&staff).json(body).send();
        assert_eq!(without.refusal(), required, "{method} {path}");
        let with = server.call(method, path).by(&staff).key(path).json(body).send();
        assert_ne!(with.body, without.body, "{method} {path}");
    }
    assert_eq!(server.get("/api/orders").by(&staff).send().status, 200);
}
