//! Every answer has the request's id, and every change is stored with it.

use testkit::server::TestServer;

#[test]
fn ids_are_taken_or_made_and_always_returned() {
    let server = TestServer::start();
    let id = |given: &str, path: &str| {
        let reply = server.get(path).header("X-Request-Id", given).send();
        reply.header("x-request-id").map(str::to_owned).unwrap_or_default()
    };
    for path in ["/healthz", "/api/products", "/api/orders", "/nowhere", "/openapi.json"] {
        assert_eq!(id("my-id/7", path), "my-id/7");
        for unfit in ["", "two words", "\"quoted\"", &"x".repeat(129)] {
            let made = id(unfit, path);
            assert_eq!(made.len(), 36, "{unfit:?} {made:?}");
            assert_eq!(made.as_bytes()[14], b'7', "{made}");
        }
    }
}

#[test]
fn a_change_is_logged_under_its_id() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    let call = server.delete("/api/orders/ORD1").by(&server.staff());
    assert_eq!(call.header("X-Request-Id", "cancel-1").send().status, 200);
    let feed = server.get("/api/events?after=2").by(&server.staff()).send();
    assert_eq!(feed.text("/events/0/request_id"), "cancel-1");
}
