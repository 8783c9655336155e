//! `GET /api/stock/{product_id}`.

use testkit::server::TestServer;

#[test]
fn stock_is_summed_over_what_is_not_named() {
    let server = TestServer::start();
    server.open_shop();
    server.stock("p002?variant_id=gold", 3);
    server.order("jane", "p001", 2);
    let get = |path: &str| server.get(&format!("/api/stock/{path}")).by(&server.staff()).send();
    assert_eq!(
        get("p001").body,
        r#"{"product_id":"p001","variant_id":null,"on_hand":100,"reserved":2,"available":98}"#
    );
    assert_eq!(get("p002").at("/on_hand"), "13");
    assert_eq!(get("p002?variant_id=gold").at("/on_hand"), "3");
    assert_eq!(get("p002?variant_id=gold&location_id=main").at("/on_hand"), "3");
    assert_eq!(get("p002?location_id=attic").at("/on_hand"), "0");
    assert_eq!(get("none").refusal(), "404 product_not_found: Product not found");
    assert_eq!(get("a%20b").refusal(), "404 product_not_found: Product not found");
    assert_eq!(get("p002?variant_id=x").refusal(), "404 variant_not_found: Variant not found");
    assert_eq!(get("p002?variant_id=a+b").code(), "400 validation_failed");
}
