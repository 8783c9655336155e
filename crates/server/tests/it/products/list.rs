//! `GET /api/products`.

use testkit::server::TestServer;

#[test]
fn everyone_sees_what_is_for_sale() {
    let server = TestServer::start();
    server.open_shop();
    server.product("a", r#""name": "Old", "price": 1, "active": false"#);
    let public = server.get("/api/products").send();
    assert_eq!(public.text("/products/0/product_id"), "p001");
    assert!(!public.has("/products/3"));
    assert_eq!(public.at("/next_cursor"), "null");
    let staff = server.get("/api/products").by(&server.staff()).send();
    assert_eq!(staff.text("/products/0/product_id"), "a");
    let unknown = server.get("/api/products?active=true").send();
    assert_eq!(unknown.code(), "400 unknown_parameter");
}
