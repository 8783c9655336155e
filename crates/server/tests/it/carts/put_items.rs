//! `PUT /api/carts/{id}/items`

use testkit::server::TestServer;

on_every_store! {
    fn the_list_is_replaced_and_the_rest_stays(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let made = server.put("/api/carts/c").by(&jane).json(
            r#"{"items": [{"product_id": "p001", "quantity": 1}], "deliveryMethodId": "express"}"#,
        );
        assert_eq!(made.send().status, 201);
        let body = r#"{"items": [{"productId": "p002", "variantId": "black", "quantity": 3}]}"#;
        let reply = server.put("/api/carts/c/items").by(&jane).json(body).send();
        assert_eq!((reply.status, reply.at("/version")), (200, "2"), "{reply}");
        assert_eq!(reply.header("etag"), Some("\"2\""));
        let totals = ["/items/0/total", "/subtotal", "/shipping_total", "/total"];
        assert_eq!(totals.map(|it| reply.at(it)), ["135.00", "135.00", "25.00", "160.00"]);
        assert!(!reply.has("/items/1"));
        let shown = server.get("/api/carts/c").by(&jane).send();
        assert_eq!(shown.body, reply.body);
    }
}

#[test]
fn there_must_be_a_cart_and_a_list() {
    let server = TestServer::start();
    let jane = server.token("jane", "");
    let put = |body: &str| server.put("/api/carts/c/items").by(&jane).json(body).send();
    assert_eq!(put(r#"{"items": []}"#).refusal(), "404 cart_not_found: Cart not found");
    let told = put("{}").refusal();
    assert!(told.ends_with("[/items required]"), "{told}");
}
