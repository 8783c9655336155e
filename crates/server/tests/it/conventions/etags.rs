//! `ETag`, `If-Match` and `If-None-Match`.

use testkit::server::TestServer;

fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    server
}

/// Things that have a version, and that version.
const THINGS: [(&str, &str); 7] = [
    ("/api/orders/ORD1", "\"2\""),
    ("/api/products/p002", "\"5\""),
    ("/api/stock/p001", "\"2\""),
    ("/api/delivery-methods/standard", "\"2\""),
    ("/api/stores/1", "\"1\""),
    ("/api/customers/jane", "\"10\""),
    ("/api/review-rules", "\"0\""),
];

#[test]
fn what_a_client_has_is_not_sent_again() {
    let server = shop();
    for (path, tag) in THINGS {
        let check = |condition: &str, expected: u16| {
            let call = server.get(path).by(&server.staff());
            let reply = call.header("If-None-Match", condition).send();
            assert_eq!((reply.status, reply.header("etag")), (expected, Some(tag)), "{condition}");
            assert_eq!(reply.body.is_empty(), expected == 304, "{path} {condition}");
        };
        check(tag, 304);
        check(&format!("W/{tag}"), 304);
        check(&format!("\"99\", {tag}"), 304);
        check("*", 304);
        check("\"99\"", 200);
        check("\"x\"", 200);
        let call = server.get(path).by(&server.staff());
        let reply = call.header("If-None-Match", "99").send();
        assert_eq!(reply.status, 400, "{path}: a tag stands in quotes: {reply}");
    }
}

#[test]
fn nothing_is_changed_that_another_has_changed_before() {
    let server = shop();
    let check = |method: &str, path: &str, body: &str, version: &str| {
        let send = |tags: &str| {
            let call = server.call(method, path).by(&server.staff()).if_match(tags);
            if body.is_empty() { call.send() } else { call.json(body).send() }
        };
        let before = (server.last_seq(), server.last_admin_seq());
        let stale =
            format!("412 version_mismatch: It has changed; its version is now \"{version}\"");
        assert_eq!(send("\"99\"").refusal(), stale, "{method} {path}");
        assert_eq!(send(&format!("W/\"{version}\"")).refusal(), stale, "weak tags never match");
        assert_eq!(send("\"99\", \"x\"").refusal(), stale);
        assert_eq!(send("99").status, 400, "a tag stands in quotes");
        assert_eq!((server.last_seq(), server.last_admin_seq()), before);
        let reply = send(&format!("\"99\", \"{version}\""));
        assert!((200..300).contains(&reply.status), "{method} {path}: {reply}");
    };
    check("PATCH", "/api/orders/ORD1/paid", "", "2");
    check("PUT", "/api/orders/ORD1/status", r#"{"status": "shipped"}"#, "4");
    check("PUT", "/api/products/p001", r#"{"name": "Cable", "price": 1}"#, "3");
    check("DELETE", "/api/products/p002", "", "5");
    check("PUT", "/api/stock/p001", r#"{"on_hand": 7}"#, "3");
    check("POST", "/api/stock/p001/adjust", r#"{"delta": 7}"#, "4");
    check("PUT", "/api/delivery-methods/standard", r#"{"name": "S", "price": 1}"#, "2");
    check("PUT", "/api/stores/1", r#"{"name": "A", "currency": "USD"}"#, "1");
    check("PUT", "/api/review-rules", r#"{"threshold": 1, "rules": []}"#, "0");
    check("PUT", "/api/customers/jane", "{}", "10");
    check("DELETE", "/api/delivery-methods/express", "", "1");
    let order = server.order("jane", "p001", 1);
    check("DELETE", &format!("/api/orders/{order}"), "", "2");
}

#[test]
fn what_is_not_there_has_no_version() {
    let server = shop();
    for tags in ["*", "\"1\""] {
        let call = server.put("/api/products/new").by(&server.staff()).if_match(tags);
        assert_eq!(
            call.json(r#"{"name": "New", "price": 1}"#).send().refusal(),
            "412 version_mismatch: It does not exist, so it has no version"
        );
    }
    let any = server.delete("/api/products/p001").by(&server.staff()).if_match("*");
    assert_eq!(any.send().status, 204);
}

/// A change must say what it leads to, so that the next one can be made on it.
#[test]
fn a_change_gives_the_new_version() {
    let server = shop();
    let call = server.put("/api/products/p001").by(&server.staff());
    let reply = call.json(r#"{"name": "Cable", "price": 1}"#).send();
    assert_eq!(reply.header("etag"), Some("\"4\""));
    let call = server.put("/api/products/p001").by(&server.staff()).if_match("\"4\"");
    assert_eq!(call.json(r#"{"name": "Cable", "price": 2}"#).send().header("etag"), Some("\"5\""));
    let stock = server.put("/api/stock/p001").by(&server.staff()).json(r#"{"on_hand": 9}"#).send();
    assert_eq!(stock.header("etag"), Some("\"3\""));
}
