//! `PUT /api/stock/{product_id}`.

use testkit::server::{Reply, TestServer};

fn set(server: &TestServer, path: &str, on_hand: i64) -> Reply {
    let call = server.put(&format!("/api/stock/{path}")).by(&server.staff());
    call.json(format!(r#"{{"on_hand": {on_hand}, "reason": "counted"}}"#)).send()
}

on_every_store! {
    fn stock_is_never_below_what_orders_hold(server: &TestServer) {
        server.open_shop();
        server.order("jane", "p001", 7);
        assert_eq!(
            set(server, "p001", 6).refusal(),
            "409 stock_below_reserved: 6 on hand would be below the 7 reserved \
             [/on_hand stock_below_reserved]"
        );
        assert_eq!(server.shelf("p001"), (100, 7));
        let least = set(server, "p001", 7);
        assert_eq!(
            least.body,
            concat!(
                r#"{"product_id":"p001","variant_id":null,"location_id":"main","#,
                r#""on_hand":7,"reserved":7,"available":0}"#
            )
        );
    }
}

#[test]
fn a_shelf_must_be_there() {
    let server = TestServer::start();
    server.open_shop();
    server.product("gift", r#""name": "Card", "price": 1, "track_stock": false"#);
    let check = |path: &str, expected: &str| {
        assert_eq!(set(&server, path, 1).refusal(), expected, "{path}");
    };
    check("none", "404 product_not_found: Product not found");
    check("a%20b", "404 product_not_found: Product not found");
    check("p002?variant_id=pink", "404 variant_not_found: Product 'p002' has no variant 'pink'");
    check("p002", "400 variant_required: Product 'p002' has variants; one must be chosen");
    check("gift", "409 stock_not_tracked: The stock of product 'gift' is not tracked");
    assert_eq!(set(&server, "p001?x=1", 1).code(), "400 unknown_parameter");
}
