//! `PUT /api/products/{id}`.

use testkit::server::{Reply, TestServer};

fn put(server: &TestServer, id: &str, body: &str) -> Reply {
    server.put(&format!("/api/products/{id}")).by(&server.staff()).json(body).send()
}

#[test]
fn a_product_is_made_and_changed() {
    let server = TestServer::start();
    let made = put(&server, "p001", r#"{"name": "USB Cable", "price": 10.1}"#);
    insta::assert_snapshot!(made.lines(), @r#"
    201
    content-type: application/json
    etag: "1"
    location: /api/products/p001

    {"product_id":"p001",
    "name":"USB Cable",
    "sku":null,
    "price":10.10,
    "currency":"USD",
    "active":true,
    "requires_shipping":true,
    "track_stock":true,
    "weight_grams":0,
    "tax_class":null,
    "delivery_methods":[],
    "variants":[],
    "low_stock_at":null,
    "metadata":{},
    "version":1}
    "#);
    let changed = put(&server, "p001", r#"{"name": "Cable", "price": 1e1, "sku": "C"}"#);
    assert_eq!((changed.status, changed.header("location")), (200, None));
    assert_eq!((changed.at("/price"), changed.at("/version")), ("10.00", "2"));
    assert_eq!(server.last_seq(), 0, "the catalogue has a log of its own");
    assert_eq!(server.last_admin_seq(), 2);
}

#[test]
fn what_get_shows_may_be_put_back() {
    let server = TestServer::start();
    server.open_shop();
    let shown = server.get("/api/products/p002").send();
    let back = put(&server, "p002", &shown.body);
    assert_eq!(back.status, 200, "{back}");
    assert_eq!(back.body.replace("\"version\":6", "\"version\":5"), shown.body);
}

#[test]
fn prices_have_their_currencys_decimals() {
    let server = TestServer::start();
    let check = |price: &str, currency: &str, expected: &str| {
        let body = format!(r#"{{"name": "A", "price": {price}, "currency": "{currency}"}}"#);
        let reply = put(&server, "p001", &body);
        let found = if reply.status < 300 { reply.at("/price").into() } else { reply.refusal() };
        assert_eq!(found, expected, "{price} {currency}");
    };
    check("10.1", "USD", "10.10");
    check("0", "USD", "0.00");
    check("-0.0", "USD", "0.00");
    check("7500", "JPY", "7500");
    check("7500.0", "JPY", "7500");
    check("7.5", "KWD", "7.500");
    check("7.123", "KWD", "7.123");
    check("89999999999999.99", "USD", "89999999999999.99");
    let decimals = |allowed: u8| {
        format!(
            "400 validation_failed: An amount must have at most {allowed} decimals in this \
             currency [/price validation_failed]"
        )
    };
    check("10.001", "USD", &decimals(2));
    check("0.5", "JPY", &decimals(0));
    check("7.1234", "KWD", &decimals(3));
    let too_large =
        "400 amount_too_large: An amount is larger than can be counted [/price amount_too_large]";
    check("90000000000000.01", "USD", too_large);
    check("1e17", "USD", too_large);
    let uncountable = "400 validation_failed: price must be an amount that can be counted \
                       [/price invalid_amount]";
    check("1e19", "USD", uncountable);
    check("1e-400", "USD", uncountable);
    let negative = "400 validation_failed: price must not be negative [/price out_of_range]";
    check("-0.01", "USD", negative);
    let unknown = "400 validation_failed: currency must be an ISO 4217 code \
                   [/currency unknown_currency]";
    check("1", "ZZZ", unknown);
    check("1", "usd", unknown);
}

#[test]
fn every_faulty_amount_is_named() {
    let server = TestServer::start();
    let body = r#"{"name": "A", "price": 0.001, "variants": [
        {"variant_id": "a", "name": "A", "price": 1}, {"variant_id": "b", "name": "B"},
        {"variant_id": "c", "name": "C", "price": 1.234}]}"#;
    assert_eq!(
        put(&server, "p001", body).refusal(),
        "400 validation_failed: An amount must have at most 2 decimals in this currency \
         [/price validation_failed, /variants/2/price validation_failed]"
    );
}

#[test]
fn ids_are_the_shops_own_but_plain() {
    let server = TestServer::start();
    let sound = r#"{"name": "A", "price": 1}"#;
    for id in ["a", "A.b_c-9", &"x".repeat(64)] {
        assert_eq!(put(&server, id, sound).status, 201, "{id}");
    }
    for id in ["a%20b", "%C3%A5", &"x".repeat(65), "a%2Fb", "a%00", "%FF"] {
        let reply = put(&server, id, sound);
        assert_eq!(reply.code(), "400 validation_failed", "{id}");
        assert!(reply.refusal().ends_with("[/product_id invalid_id]"), "{reply}");
    }
    let other = put(&server, "a", r#"{"product_id": "b", "name": "A", "price": 1}"#);
    assert_eq!(
        other.refusal(),
        "400 validation_failed: product_id must be the id in the address [/product_id id_mismatch]"
    );
}

#[test]
fn a_variant_is_named_once() {
    let server = TestServer::start();
    let variant = r#"{"variant_id": "a", "name": "A"}"#;
    let body = format!(r#"{{"name": "A", "price": 1, "variants": [{variant}, {variant}]}}"#);
    assert_eq!(
        put(&server, "p001", &body).refusal(),
        "400 validation_failed: variants must not name a variant twice \
         [/variants duplicate_variant]"
    );
}
