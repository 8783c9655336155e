//! `GET /api/clients/{id}`.

use testkit::server::TestServer;

use super::create;

#[test]
fn a_client_is_shown_until_it_is_removed() {
    let server = TestServer::start();
    let (id, _) = create(&server, "orders:read");
    let get = |id: &str| server.get(&format!("/api/clients/{id}")).by(&server.staff()).send();
    insta::assert_snapshot!(get(&id).lines().replace(&id, "<id>"), @r#"
    200
    content-type: application/json

    {"client_id":"<id>",
    "name":"ERP",
    "scope":"orders:read",
    "created_at":"2025-06-27T12:00:00Z"}
    "#);
    server.delete(&format!("/api/clients/{id}")).by(&server.staff()).send();
    for id in [id.as_str(), "client_x", "%00", "a%20b"] {
        assert_eq!(get(id).code(), "404 client_not_found", "{id}");
    }
}
