//! What is sold in another store than the first.

use server::auth::Grant;
use testkit::server::{TestServer, order_of};

/// Store 2 sells mugs in kroner and sends them by post.
fn open_oslo(server: &TestServer) {
    server.open_shop();
    let members = r#""name": "Oslo", "currency": "NOK", "time_zone": "Europe/Oslo""#;
    server.must_put("/api/stores/2", members);
    server.delivery_method("post", r#""name": "Posten", "price": 49, "currency": "NOK""#);
    server.product("mug", r#""name": "Mug", "price": 120, "currency": "NOK""#);
    server.stock("mug", 10);
}

fn one(product: &str, members: &str) -> String {
    let order = order_of(&format!(r#"{{"product_id": "{product}", "quantity": 1}}"#));
    order.replacen('{', &format!("{{{members}, "), 1)
}

on_every_store! {
    fn an_order_is_its_stores(server: &TestServer) {
        open_oslo(server);
        let staff = server.staff();
        let place = |body: String| {
            let call = server.post("/api/orders").by(&staff);
            call.header("Prefer", "return=representation").json(body).send()
        };
        let order = place(one("mug", r#""user_id": "kari", "store_id": 2"#));
        let found = ["store_id", "currency", "total", "retrieval_id", "invoice_number"]
            .map(|it| order.at(&format!("/{it}")));
        assert_eq!(found, ["2", "\"NOK\"", "169.00", "\"2-1\"", "\"INV2-2025-000001\""]);
        let here = place(one("p001", r#""user_id": "kari""#));
        assert_eq!((here.at("/store_id"), here.text("/retrieval_id")), ("1", "1-1".into()));
        let mixed = place(one("p001", r#""user_id": "kari", "store_id": 2"#));
        assert_eq!(
            mixed.refusal(),
            "400 currency_mismatch: Product 'p001' is priced in USD, the store sells in NOK \
             [/items/0/product_id currency_mismatch]"
        );
        assert_eq!(server.get("/api/orders/2-1").by(&staff).send().text("/order_id"), "ORD1");
        let listed = server.get("/api/orders?store_id=2&count=true").by(&staff).send();
        assert_eq!(listed.at("/count"), "1");
    }

    fn a_cart_is_its_stores(server: &TestServer) {
        open_oslo(server);
        let grant = Grant { subject: "kari", store: Some(2), ..Grant::default() };
        let kari = server.grant(&grant);
        let body = r#"{"cart_id": "c", "items": [{"product_id": "mug", "quantity": 2}]}"#;
        let cart = server.post("/api/carts").by(&kari).json(body).send();
        let found =
            ["/store_id", "/currency", "/subtotal", "/total"].map(|it| cart.at(it));
        assert_eq!(found, ["2", "\"NOK\"", "240.00", "289.00"]);
        // Ordered by a token that names no store: the cart's.
        let address = r#"{"address": "Gate 1", "city": "Oslo", "zip": "0153", "country": "NO"}"#;
        let order = format!(
            r#"{{"cart_id": "c", "payment_method": "invoice", "shipping_address": {address}}}"#
        );
        let reply = server.post("/api/orders").by(&server.token("kari", "")).json(order).send();
        assert_eq!(reply.status, 201, "{reply}");
        let order = server.get("/api/orders/ORD1").by(&server.staff()).send();
        assert_eq!((order.at("/store_id"), order.at("/total")), ("2", "289.00"));
    }
}

#[test]
fn a_store_that_is_not_there_is_named() {
    let server = TestServer::start();
    server.open_shop();
    let unknown = |path: &str, body: String, pointer: &str| {
        let reply = server.post(path).by(&server.staff()).json(body).send();
        let expected = format!("400 unknown_store: There is no store 9 [{pointer} unknown_store]");
        assert_eq!(reply.refusal(), expected, "{path}");
    };
    let order = || one("p001", r#""user_id": null, "store_id": 9"#);
    unknown("/api/orders", order(), "/store_id");
    unknown("/api/orders/with-payment", order(), "/store_id");
    unknown("/api/carts", r#"{"items": [], "store_id": 9}"#.into(), "/store_id");
    let storefront = r#"{"customerId": null, "storeId": 9,
        "items": [{"productId": "p001", "quantity": 1}]}"#;
    unknown("/api/orders", storefront.into(), "/storeId");
    // A token may name one that is gone, or never was.
    let grant = Grant { subject: "jane", store: Some(9), ..Grant::default() };
    let call = server.post("/api/orders").by(&server.grant(&grant));
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    assert_eq!(call.json(body).send().code(), "400 unknown_store");
}

#[test]
fn staff_of_some_stores_sell_there_alone() {
    let server = TestServer::start();
    open_oslo(&server);
    let grant = Grant { subject: "kari", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let kari = server.grant(&grant);
    let place = |product: &str, store: &str| {
        let body = one(product, &format!(r#""user_id": null{store}"#));
        server.post("/api/orders").by(&kari).json(body).send()
    };
    assert_eq!(place("mug", r#", "store_id": 2"#).status, 204);
    let refused = "403 forbidden: Your token does not reach this store";
    assert_eq!(place("p001", r#", "store_id": 1"#).refusal(), refused);
    assert_eq!(place("p001", "").refusal(), refused, "where none is named it is store 1");
}
