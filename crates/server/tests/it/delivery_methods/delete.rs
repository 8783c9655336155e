//! `DELETE /api/delivery-methods/{id}`.

use testkit::server::TestServer;

#[test]
fn a_method_goes_and_its_orders_stay() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let delete =
        |id: &str| server.delete(&format!("/api/delivery-methods/{id}")).by(&server.staff()).send();
    assert_eq!(delete("standard").to_string(), "204");
    let missing = "404 delivery_method_not_found: Delivery method not found";
    assert_eq!(delete("standard").refusal(), missing);
    assert_eq!(delete("a%20b").refusal(), missing);
    let shown = server.get(&format!("/api/orders/{order}")).by(&server.staff()).send();
    assert_eq!(shown.text("/delivery_method_id"), "standard");
    server.advance(&order, "shipped");
}
