//! What answers say to browsers, and which pages may read them.

use server::Settings;
use testkit::server::{Reply, TestServer, Wish, order_of};

const SHOP: &str = "https://shop.example";

fn server() -> TestServer {
    let cors_origins = vec![SHOP.parse().unwrap(), "http://localhost:3000".parse().unwrap()];
    let settings = Settings { cors_origins, ..Settings::default() };
    TestServer::with(Wish { settings, ..Wish::default() })
}

#[test]
fn no_answer_is_kept_that_is_personal() {
    let server = TestServer::start();
    server.open_shop();
    let staff = server.staff();
    let check = |reply: Reply, cache_control: &str| {
        assert_eq!(reply.header("cache-control"), Some(cache_control), "{reply}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    };
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    check(server.post("/api/orders").by(&staff).json(body).send(), "no-store");
    check(server.get("/api/orders/ORD1").by(&staff).send(), "no-store");
    check(server.get("/api/orders").by(&staff).send(), "no-store");
    check(server.get("/api/products/p001").by(&staff).send(), "no-store");
    check(server.get("/api/products/p001").send(), "no-cache");
    check(server.get("/api/products/p001").header("If-None-Match", "*").send(), "no-cache");
    check(server.get("/api/products/p404").send(), "no-store");
    check(server.get("/healthz").send(), "no-store");
    check(server.get("/nowhere").send(), "no-store");
}

#[test]
fn a_page_of_a_known_origin_may_ask_and_read() {
    let server = server();
    server.open_shop();
    let preflight = server
        .call("OPTIONS", "/api/orders")
        .header("Origin", SHOP)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
        .send();
    assert_eq!((preflight.status, preflight.body.as_str()), (200, ""));
    assert_eq!(preflight.header("access-control-allow-origin"), Some(SHOP));
    let says = |name: &str, words: &[&str]| {
        let said = preflight.header(name).unwrap().to_lowercase();
        for word in words {
            assert!(said.split(',').any(|it| it.trim() == *word), "{name}: {said}");
        }
    };
    says("access-control-allow-methods", &["get", "post", "put", "patch", "delete"]);
    let headers = ["authorization", "content-type", "idempotency-key", "if-match", "prefer"];
    says("access-control-allow-headers", &headers);
    assert!(preflight.header("vary").unwrap().contains("origin"));
    assert_eq!(preflight.header("access-control-allow-credentials"), None);

    let placed = server
        .post("/api/orders")
        .by(&server.token("jane", ""))
        .header("Origin", "http://localhost:3000")
        .json(order_of(r#"{"product_id": "p001", "quantity": 1}"#))
        .send();
    assert_eq!(placed.status, 204);
    assert_eq!(placed.header("access-control-allow-origin"), Some("http://localhost:3000"));
    let exposed = placed.header("access-control-expose-headers").unwrap().to_lowercase();
    for name in ["etag", "location", "idempotent-replayed", "link", "ratelimit", "retry-after"] {
        assert!(exposed.split(',').any(|it| it == name), "{name}: {exposed}");
    }
    // A page must be able to read why it was refused.
    let refused = server.get("/api/orders").header("Origin", SHOP).send();
    assert_eq!(refused.code(), "401 token_required");
    assert_eq!(refused.header("access-control-allow-origin"), Some(SHOP));
}

#[test]
fn another_page_may_not() {
    for (server, origin) in [(server(), "https://evil.example"), (TestServer::start(), SHOP)] {
        let preflight = server
            .call("OPTIONS", "/api/orders")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .send();
        assert_eq!(preflight.header("access-control-allow-origin"), None);
        let answer = server.get("/api/products").header("Origin", origin).send();
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
    }
    let off = TestServer::start().call("OPTIONS", "/api/orders").send();
    assert_eq!(off.code(), "405 method_not_allowed");
}
