//! `GET /api/orders/{id}/shipments/{shipment_id}`.

use testkit::server::TestServer;

use super::ship;

#[test]
fn a_shipment_is_where_its_location_says() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 2);
    let made = ship(&server, &order, "");
    let location = made.header("location").expect("it has an address").to_owned();
    let shown = server.get(&location).by(&server.token("jane", "")).send();
    assert_eq!((shown.status, &shown.body), (200, &made.body));
    assert_eq!(shown.header("etag"), Some("\"4\""));
    let unchanged = server.get(&location).by(&server.staff()).header("If-None-Match", "\"4\"");
    assert_eq!(unchanged.send().status, 304);
    let refused = |path: &str, token: &str| server.get(path).by(token).send().refusal();
    assert_eq!(
        refused("/api/orders/ORD1/shipments/shp_1_2", &server.staff()),
        "404 shipment_not_found: Shipment not found"
    );
    let not_hers = refused(&location, &server.token("joe", ""));
    assert_eq!(not_hers, "404 order_not_found: Order not found");
    let label = format!("{location}/label");
    assert_eq!(server.get(&label).by(&server.staff()).send().code(), "404 route_not_found");
}
