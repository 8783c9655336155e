//! `GET /api/stock/{product_id}`.

use testkit::server::{TestServer, order_of};

on_every_store! {
    /// Main first, then the others in the order of their ids; a line is served whole by one.
    fn goods_may_lie_in_several_places(server: &TestServer) {
        server.open_shop();
        let shelf = |location: &str| server.shelf(&format!("p003?location_id={location}"));
        server.stock("p003?location_id=oslo", 4);
        let call = server.post("/api/stock/p003/adjust?location_id=bergen").by(&server.staff());
        let delivered = call.json(r#"{"delta": 3}"#).send();
        assert_eq!(delivered.text("/location_id"), "bergen");
        assert_eq!(server.shelf("p003"), (8, 0));
        let order = |quantity| server.order("jane", "p003", quantity);
        let (first, second, third) = (order(2), order(1), order(4));
        assert_eq!((shelf("main"), shelf("bergen"), shelf("oslo")), ((1, 1), (3, 2), (4, 4)));
        let body = order_of(r#"{"product_id": "p003", "quantity": 2}"#);
        let refused = server.post("/api/orders").by(&server.token("jane", "")).json(body).send();
        assert_eq!(
            refused.refusal(),
            "400 insufficient_stock: Product 'Premium Headphones' has insufficient stock. \
             Available: 1, Requested: 2 [/items/0/quantity insufficient_stock]"
        );
        server.advance(&first, "shipped");
        server.advance(&second, "cancelled");
        server.advance(&third, "shipped");
        assert_eq!((shelf("main"), shelf("bergen"), shelf("oslo")), ((1, 0), (1, 0), (0, 0)));
        assert_eq!(server.shelf("p003"), (2, 0));
        let count = |tag: &str| {
            let call = server.put("/api/stock/p003?location_id=oslo").by(&server.staff());
            call.if_match(tag).json(r#"{"on_hand": 9}"#).send()
        };
        let seen = server.get("/api/stock/p003?location_id=oslo").by(&server.staff()).send();
        assert_eq!(count("\"1\"").code(), "412 version_mismatch");
        assert_eq!(count(seen.header("etag").expect("a version")).at("/available"), "9");
    }
}

#[test]
fn stock_is_summed_over_what_is_not_named() {
    let server = TestServer::start();
    server.open_shop();
    server.stock("p002?variant_id=gold", 3);
    server.order("jane", "p001", 2);
    let get = |path: &str| server.get(&format!("/api/stock/{path}")).by(&server.staff()).send();
    assert_eq!(
        get("p001").body,
        concat!(
            r#"{"product_id":"p001","variant_id":null,"location_id":null,"#,
            r#""on_hand":100,"reserved":2,"available":98}"#
        )
    );
    assert_eq!(get("p002").at("/on_hand"), "13");
    assert_eq!(get("p002?variant_id=gold").at("/on_hand"), "3");
    assert_eq!(get("p002?variant_id=gold&location_id=main").at("/on_hand"), "3");
    assert_eq!(get("p002?location_id=attic").at("/on_hand"), "0");
    assert_eq!(get("none").refusal(), "404 product_not_found: Product not found");
    assert_eq!(get("a%20b").refusal(), "404 product_not_found: Product not found");
    assert_eq!(get("p002?variant_id=x").refusal(), "404 variant_not_found: Variant not found");
    assert_eq!(get("p002?variant_id=a+b").code(), "400 validation_failed");
}
