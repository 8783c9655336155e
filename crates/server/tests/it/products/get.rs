//! `GET /api/products/{id}`.

use testkit::server::TestServer;

#[test]
fn active_products_are_public() {
    let server = TestServer::start();
    server.open_shop();
    server.product("old", r#""name": "Old", "price": 1, "active": false"#);
    let missing = "404 product_not_found: Product not found";
    let get = |id: &str| server.get(&format!("/api/products/{id}"));
    assert_eq!(get("p001").send().text("/name"), "USB Cable");
    assert_eq!(get("p002").send().at("/variants/0/price"), "45.00");
    assert_eq!(get("old").send().refusal(), missing);
    assert_eq!(get("old").by(&server.token("jane", "")).send().refusal(), missing);
    assert_eq!(get("old").by(&server.token("erp", "catalog:write")).send().status, 200);
    for id in ["none", "a%20b", "%FF", &"x".repeat(65), "P001"] {
        assert_eq!(get(id).send().refusal(), missing, "{id}");
    }
}
