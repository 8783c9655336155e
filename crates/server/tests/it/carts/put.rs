//! `PUT /api/carts/{id}`

use testkit::server::TestServer;

on_every_store! {
    fn what_is_shown_may_be_put_back(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let put = |body: &str| server.put("/api/carts/c").by(&jane).json(body).send();
        let made = put(r#"{"items": [{"product_id": "p001", "quantity": 1}],
            "delivery_method_id": "express", "contact": {"phone": "1"},
            "shipping_address": {"street": "123 Main St", "city": "New York", "state": "NY",
                "zipCode": "10001", "country": "USA"}}"#);
        assert_eq!((made.status, made.at("/version")), (201, "1"), "{made}");
        assert_eq!(made.header("location"), Some("/api/carts/c"));
        assert_eq!(made.text("/shipping_address/country"), "US");
        assert_eq!((made.at("/shipping_total"), made.at("/total")), ("25.00", "35.00"));
        let back = put(&made.body);
        assert_eq!((back.status, back.at("/version")), (200, "2"), "{back}");
        assert_eq!(back.body.replace("\"version\":2", "\"version\":1"), made.body);
        let emptied = put("{}");
        let parts = ["/items", "/delivery_method_id", "/shipping_address", "/contact/phone"];
        assert_eq!(parts.map(|it| emptied.at(it)), ["[]", "null", "null", "null"]);
    }
}

#[test]
fn a_stale_cart_is_not_put() {
    let server = TestServer::start();
    let jane = server.token("jane", "");
    let put = |tag: &str| server.put("/api/carts/c").by(&jane).if_match(tag).json("{}").send();
    assert_eq!(put("*").code(), "412 version_mismatch", "there is none yet");
    server.put("/api/carts/c").by(&jane).json("{}").send();
    assert_eq!(put("\"1\"").status, 200);
    let stale = "412 version_mismatch: It has changed; its version is now \"2\"";
    assert_eq!(put("\"1\"").refusal(), stale);
}

#[test]
fn the_address_names_the_cart() {
    let server = TestServer::start();
    let jane = server.token("jane", "");
    let call = server.put("/api/carts/c").by(&jane).json(r#"{"cartId": "d"}"#);
    let told = call.send().refusal();
    assert!(told.ends_with("[/cartId id_mismatch]"), "{told}");
}
