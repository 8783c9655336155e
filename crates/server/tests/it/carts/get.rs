//! `GET /api/carts/{id}`

use testkit::server::{Reply, TestServer, order_of};

on_every_store! {
    fn prices_are_those_of_now(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let items = r#"{"items": [{"product_id": "p001", "quantity": 2},
            {"product_id": "p003", "quantity": 5}, {"product_id": "gift", "quantity": 1}]}"#;
        server.product("gift", r#""name": "Gift", "price": 1, "track_stock": false"#);
        let made = server.put("/api/carts/c").by(&jane).json(items).send();
        assert_eq!(made.at("/items/1/available"), "1", "more may be put than there is");
        assert_eq!(made.at("/items/2/available"), "null", "it never runs out");
        server.product("p001", r#""name": "Cable", "price": 11.5"#);
        server.product("p003", r#""name": "Headphones", "price": 1, "active": false"#);
        let gone = server.delete("/api/products/gift").by(&server.staff()).send();
        assert_eq!(gone.status, 204);
        let shown = server.get("/api/carts/c").by(&jane).send();
        let item = |nth: usize| shown.at(&format!("/items/{nth}")).to_owned();
        assert_eq!(item(0), concat!(
            r#"{"product_id":"p001","variant_id":null,"quantity":2,"price":11.50,"#,
            r#""name":"Cable","total":23.00,"available":100}"#,
        ));
        assert_eq!(item(1), concat!(
            r#"{"product_id":"p003","variant_id":null,"quantity":5,"price":null,"#,
            r#""name":"Headphones","total":null,"available":0}"#,
        ));
        assert_eq!(item(2), concat!(
            r#"{"product_id":"gift","variant_id":null,"quantity":1,"price":null,"name":null,"#,
            r#""total":null,"available":0}"#,
        ));
        let totals = ["/subtotal", "/shipping_total", "/total"].map(|it| shown.at(it));
        assert_eq!(totals, ["23.00", "10.00", "33.00"]);
        assert_eq!(shown.at("/version"), "1");
    }

    fn what_is_available_lies_in_all_locations(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let items = r#"{"items": [{"product_id": "p003", "quantity": 2},
            {"product_id": "p002", "variant_id": "gold", "quantity": 1}]}"#;
        let available = |reply: &Reply| ["0", "1"].map(|it| {
            reply.at(&format!("/items/{it}/available")).to_owned()
        });
        let made = server.put("/api/carts/c").by(&jane).json(items).send();
        assert_eq!(available(&made), ["1", "10"]);
        server.stock("p003?location_id=oslo", 4);
        server.stock("p003?location_id=attic", 2);
        server.stock("p002?variant_id=black&location_id=oslo", 5);
        let shown = server.get("/api/carts/c").by(&jane).send();
        assert_eq!(available(&shown), ["7", "10"], "black ones are no gold ones");
        let put = server.put("/api/carts/c").by(&jane).json(items).send();
        assert_eq!(available(&put), ["7", "10"]);
        // Two of them are served by the first location that has so many.
        let body = r#""product_id": "p003", "quantity": 2"#;
        let call = server.post("/api/orders").by(&jane).json(order_of(&format!("{{{body}}}")));
        assert_eq!(call.send().status, 204);
        let shown = server.get("/api/carts/c").by(&jane).send();
        assert_eq!(available(&shown), ["5", "10"], "what an order holds is not to be had");
        let stock = server.get("/api/stock/p003").by(&server.staff()).send();
        assert_eq!(stock.at("/available"), "5", "as the stock itself says");
    }

    fn a_cart_runs_out(server: &TestServer) {
        let jane = server.token("jane", "");
        let day = 24 * 3600 * 1000;
        let get = || server.get("/api/carts/c").by(&jane).send();
        server.put("/api/carts/c").by(&jane).json("{}").send();
        server.clock().advance_ms(29 * day);
        server.put("/api/carts/c").by(&jane).json("{}").send();
        server.clock().advance_ms(30 * day - 1);
        assert_eq!(get().status, 200, "each change puts it off");
        server.clock().advance_ms(1);
        assert_eq!(get().refusal(), "404 cart_not_found: Cart not found");
    }
}

#[test]
fn a_cart_of_another_is_not_there() {
    let server = TestServer::start();
    let (jane, joe, staff) = (server.token("jane", ""), server.token("joe", ""), server.staff());
    server.put("/api/carts/c").by(&jane).json("{}").send();
    let get = |token: &str, path: &str| server.get(path).by(token).send();
    assert_eq!(get(&jane, "/api/carts/c").status, 200);
    assert_eq!(get(&joe, "/api/carts/c").code(), "404 cart_not_found");
    assert_eq!(get(&joe, "/api/carts/c?user_id=jane").code(), "403 forbidden");
    assert_eq!(get(&jane, "/api/carts/c?user_id=jane").status, 200);
    assert_eq!(get(&staff, "/api/carts/c").code(), "404 cart_not_found", "a guest has none");
    assert_eq!(get(&staff, "/api/carts/c?user_id=jane").status, 200);
    assert_eq!(get(&staff, "/api/carts/a%20b").code(), "404 cart_not_found");
}

#[test]
fn a_known_version_is_not_sent_again() {
    let server = TestServer::start();
    let jane = server.token("jane", "");
    server.put("/api/carts/c").by(&jane).json("{}").send();
    let get =
        |tag: &str| server.get("/api/carts/c").by(&jane).header("If-None-Match", tag).send().status;
    assert_eq!((get("\"1\""), get("\"2\"")), (304, 200));
}
