//! `GET /api/orders/{id}/shipments`.

use testkit::server::TestServer;

use super::ship;

#[test]
fn the_shipments_of_an_order_are_listed() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 2);
    let list = |token: &str| server.get("/api/orders/ORD1/shipments").by(token).send();
    assert_eq!(list(&server.staff()).body, r#"{"shipments":[]}"#);
    let first = ship(&server, &order, r#"{"items": [{"line": 1, "quantity": 1}]}"#);
    let second = ship(&server, &order, "");
    let listed = list(&server.token("jane", ""));
    assert_eq!(listed.body, format!(r#"{{"shipments":[{},{}]}}"#, first.body, second.body));
    assert_eq!(listed.header("etag"), Some("\"5\""));
    let unchanged = server.get("/api/orders/ORD1/shipments").by(&server.staff());
    assert_eq!(unchanged.header("If-None-Match", "\"5\"").send().status, 304);
    assert_eq!(list(&server.token("joe", "")).code(), "404 order_not_found");
}
