//! `POST /api/carts`

use server::auth::Grant;
use testkit::server::TestServer;

const CABLE: &str = r#"{"product_id": "p001", "quantity": 2}"#;

on_every_store! {
    fn a_cart_is_made_and_priced(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let body = format!(
            r#"{{"cart_id": "abc123", "items": [{CABLE},
                {{"product_id": "p002", "variant_id": "gold", "quantity": 1}}]}}"#
        );
        let reply = server.post("/api/carts").by(&jane).json(body.clone()).send();
        assert_eq!(reply.status, 201, "{reply}");
        assert_eq!(reply.header("location"), Some("/api/carts/abc123"));
        assert_eq!(reply.header("etag"), Some("\"1\""));
        assert_eq!(reply.text("/user_id"), "jane");
        assert_eq!((reply.at("/store_id"), reply.at("/version")), ("1", "1"));
        assert_eq!((reply.text("/status"), reply.text("/currency")), ("open".into(), "USD".into()));
        let item = concat!(
            r#"{"product_id":"p002","variant_id":"gold","quantity":1,"price":60.00,"#,
            r#""name":"Wireless Mouse, gold","total":60.00,"available":10}"#,
        );
        assert_eq!(reply.at("/items/1"), item);
        let totals = ["/subtotal", "/shipping_total", "/total"].map(|it| reply.at(it));
        assert_eq!(totals, ["80.00", "10.00", "90.00"], "by the cheapest method");
        assert_eq!(reply.text("/expires_at"), "2025-07-27T12:00:00Z");
        let shown = server.get("/api/carts/abc123").by(&jane).send();
        assert_eq!((shown.status, &shown.body), (200, &reply.body));
        let again = server.post("/api/carts").by(&jane).json(body).send();
        assert_eq!(again.refusal(), "409 cart_exists: There is a cart 'abc123' already");
        assert_eq!(server.last_seq(), 0);
        assert_eq!(server.shelf("p001"), (100, 0), "a cart holds nothing");
    }
}

#[test]
fn the_server_makes_an_id() {
    let server = TestServer::start();
    let jane = server.token("jane", "");
    let first = server.post("/api/carts").by(&jane).send();
    assert_eq!((first.status, first.at("/items"), first.at("/total")), (201, "[]", "0.00"));
    let second = server.post("/api/carts").by(&jane).json("{}").send();
    assert_ne!(first.text("/cart_id"), second.text("/cart_id"));
    let location = format!("/api/carts/{}", first.text("/cart_id"));
    assert_eq!(first.header("location"), Some(location.as_str()));
    let dry = server.post("/api/carts?dry_run=true").by(&jane).json("{}").send();
    assert_eq!((dry.at("/status"), dry.at("/body/cart_id")), ("201", "null"), "{dry}");
    assert!(!dry.has("/headers/location"), "{dry}");
}

#[test]
fn a_cart_is_made_for_whom_the_caller_may() {
    let server = TestServer::start();
    server.open_shop();
    let make = |token: &str, body: &str| server.post("/api/carts").by(token).json(body).send();
    let (jane, erp) = (server.token("jane", ""), server.token("erp", "orders:write"));
    let other = "403 forbidden: A customer can't act for another customer";
    assert_eq!(make(&jane, r#"{"user_id": "joe"}"#).refusal(), other);
    assert_eq!(make(&jane, r#"{"userId": null}"#).refusal(), other);
    assert_eq!(make(&jane, r#"{"customerId": "jane"}"#).text("/user_id"), "jane");
    assert_eq!(make(&erp, r#"{"user_id": "joe"}"#).text("/user_id"), "joe");
    assert_eq!(make(&erp, "{}").at("/user_id"), "null");
    let elsewhere = Grant { subject: "u", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let elsewhere = server.grant(&elsewhere);
    let store = "403 forbidden: Your token does not reach this store";
    assert_eq!(make(&elsewhere, "{}").refusal(), store);
    assert_eq!(make(&elsewhere, r#"{"store_id": 2}"#).code(), "400 unknown_store");
    assert_eq!(make(&jane, r#"{"store_id": 1}"#).refusal(), store);
}

#[test]
fn all_faults_are_told_at_once() {
    let server = TestServer::start();
    server.open_shop();
    let jane = server.token("jane", "");
    let make = |body: &str| server.post("/api/carts").by(&jane).json(body).send().refusal();
    let told = make(
        r#"{"cart_id": "a b", "items": [{"product_id": "p001"}], "contact": {"email": "x"},
            "shippingAddress": {"address": "1 Main St", "city": "Rome"}}"#,
    );
    for fault in [
        "/cart_id invalid_id",
        "/items/0/quantity required",
        "/contact/email invalid_",
        "/shippingAddress/country required",
    ] {
        assert!(told.contains(fault), "{fault}: {told}");
    }
    let told = make(
        r#"{"items": [{"product_id": "never", "quantity": 1},
                {"product_id": "p002", "quantity": 1}],
            "delivery_method_id": "rocket"}"#,
    );
    let expected = "404 delivery_method_not_found: Delivery method not found \
        [/delivery_method_id delivery_method_not_found, /items/0/product_id product_not_found, \
        /items/1/variant_id variant_required]";
    assert_eq!(told, expected);
}
