//! `GET /api/customers/{id}`.

use testkit::server::TestServer;

#[test]
fn a_customer_exists_from_the_first_order() {
    let server = TestServer::start();
    server.open_shop();
    let get = |id: &str| server.get(&format!("/api/customers/{id}")).by(&server.staff()).send();
    assert_eq!(get("jane").refusal(), "404 customer_not_found: Customer not found");
    server.order("jane", "p001", 1);
    let found = get("jane");
    assert_eq!(
        found.body,
        r#"{"customer_id":"jane","name":null,"email":null,"phone":null,"locale":null,"#.to_owned()
            + r#""notify":["email"],"version":10}"#
    );
    assert_eq!(found.header("etag"), Some("\"10\""));
    for id in ["nobody", "a%20b", "%FF"] {
        assert_eq!(get(id).code(), "404 customer_not_found", "{id}");
    }
}
