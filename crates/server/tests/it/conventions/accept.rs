//! What a client accepts decides the form of a problem.

use testkit::server::TestServer;

#[test]
fn a_problem_is_a_document_or_a_sentence() {
    let server = TestServer::start();
    let check = |accept: &str, content_type: &str, body: &str| {
        let call = server.get("/api/orders/ORD1").by(&server.staff());
        let reply = call.header("Accept", accept).send();
        assert_eq!(reply.status, 404);
        assert_eq!(reply.header("content-type"), Some(content_type), "{accept}");
        assert_eq!(reply.body, body, "{accept}");
    };
    let document = r#"{"type":"/problems/order_not_found","title":"Order not found","status":404,"detail":"Order not found","code":"order_not_found","instance":"test"}"#;
    for accept in [
        "*/*",
        "application/json",
        "application/problem+json",
        "text/html",
        "text/plain;q=0.5, application/json",
        "text/plain;q=0",
    ] {
        check(accept, "application/problem+json", document);
    }
    for accept in ["text/plain", "text/*", "text/plain, application/json;q=0.9"] {
        check(accept, "text/plain; charset=utf-8", "Order not found");
    }
}

#[test]
fn every_layer_knows_the_sentence() {
    let server = TestServer::start();
    let check = |method: &str, path: &str, status: u16, sentence: &str| {
        let reply = server.call(method, path).header("Accept", "text/plain").send();
        assert_eq!((reply.status, reply.body.as_str()), (status, sentence), "{method} {path}");
    };
    check("GET", "/nowhere", 404, "There is nothing at this address");
    check("PATCH", "/api/events", 405, "This address does not know this method");
    check("GET", "/api/orders", 401, "This call needs a token");
    check("GET", "/api/products?x=1", 400, "x is not a parameter of this call");
}
