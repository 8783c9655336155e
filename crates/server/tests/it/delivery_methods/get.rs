//! `GET /api/delivery-methods/{id}`.

use testkit::server::TestServer;

#[test]
fn active_methods_are_public() {
    let server = TestServer::start();
    server.delivery_method("off", r#""name": "Off", "price": 1, "active": false"#);
    server.delivery_method("on", r#""name": "On", "price": 1"#);
    let missing = "404 delivery_method_not_found: Delivery method not found";
    let get = |id: &str| server.get(&format!("/api/delivery-methods/{id}"));
    assert_eq!(get("on").send().at("/price"), "1.00");
    assert_eq!(get("off").send().refusal(), missing);
    assert_eq!(get("off").by(&server.staff()).send().status, 200);
    for id in ["none", "a%20b", "%FF"] {
        assert_eq!(get(id).send().refusal(), missing, "{id}");
    }
}
