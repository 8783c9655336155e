//! `DELETE /api/products/{id}`.

use testkit::server::TestServer;

#[test]
fn a_product_goes_and_its_orders_stay() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 2);
    let delete =
        |id: &str| server.delete(&format!("/api/products/{id}")).by(&server.staff()).send();
    assert_eq!(delete("p001").to_string(), "204");
    let missing = "404 product_not_found: Product not found";
    assert_eq!(delete("p001").refusal(), missing);
    assert_eq!(delete("a%20b").refusal(), missing);
    assert_eq!(server.get("/api/products/p001").send().refusal(), missing);
    let shown = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
    assert_eq!(shown.text("/items/0/name"), "USB Cable");
    server.advance(&order, "cancelled");
    server.product("p001", r#""name": "Cable again", "price": 1"#);
    let stale = server.put("/api/products/p001").by(&server.staff()).if_match("\"3\"");
    let reply = stale.json(r#"{"name": "Cable", "price": 2}"#).send();
    assert_eq!(reply.code(), "412 version_mismatch", "it is another product");
    assert_eq!(server.shelf("p001"), (100, 0), "what was on the shelf is still there");
}
