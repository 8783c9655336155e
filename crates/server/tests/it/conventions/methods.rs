//! Addresses that are not there, and methods that an address does not know.

use testkit::server::TestServer;

#[test]
fn addresses_that_are_not_there() {
    let server = TestServer::start();
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/orders/",
        "/api/orders/ORD1/",
        "/api/order",
        "/API/orders",
        "/api/orders/ORD1/shipments/",
        "/api/orders/ORD1/shipments/shp_1_1/label",
        "/api/orders/with-payment/x",
        "/api/carts/c/x",
        "/v1",
        "//",
        "/api/stock",
        "/api//orders",
        "/api/orders/../orders/x/y",
    ] {
        for token in [None, Some(server.staff())] {
            let mut call = server.get(path);
            if let Some(token) = &token {
                call = call.by(token);
            }
            let expected = "404 route_not_found: There is nothing at this address";
            assert_eq!(call.send().refusal(), expected, "{path}");
        }
    }
}

#[test]
fn methods_that_an_address_does_not_know() {
    let server = TestServer::start();
    let check = |method: &str, path: &str, allow: &str| {
        // 405 comes before 401: no token is sent.
        let reply = server.call(method, path).send();
        let expected = "405 method_not_allowed: This address does not know this method";
        assert_eq!(reply.refusal(), expected, "{method} {path}");
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    };
    check("PUT", "/api/orders", "GET,HEAD,POST");
    check("DELETE", "/api/orders", "GET,HEAD,POST");
    check("POST", "/api/orders/ORD1", "GET,HEAD,DELETE");
    check("GET", "/api/orders/ORD1/status", "PUT");
    check("POST", "/api/orders/ORD1/paid", "PATCH");
    check("PUT", "/api/orders/ORD1/events", "GET,HEAD");
    check("GET", "/api/orders/with-payment", "POST");
    check("GET", "/api/orders/ORD1/payments", "POST");
    check("GET", "/api/orders/ORD1/refunds", "POST");
    check("PUT", "/api/orders/ORD1/shipments", "GET,HEAD,POST");
    check("DELETE", "/api/orders/ORD1/shipments/shp_1_1", "GET,HEAD,PATCH");
    check("DELETE", "/api/orders/ORD1/hold", "POST");
    check("POST", "/api/reconciliation", "GET,HEAD");
    check("GET", "/sandbox/behaviour", "PUT");
    check("DELETE", "/sandbox/payments/pi_1", "GET,HEAD");
    check("GET", "/api/carts", "POST");
    check("POST", "/api/carts/c", "GET,HEAD,PUT,DELETE");
    check("GET", "/api/carts/c/items", "PUT");
    check("POST", "/api/products", "GET,HEAD");
    check("PATCH", "/api/products/p001", "GET,HEAD,PUT,DELETE");
    check("DELETE", "/api/stock/p001", "GET,HEAD,PUT");
    check("GET", "/api/stock/p001/adjust", "POST");
    check("POST", "/api/events", "GET,HEAD");
    check("OPTIONS", "/api/events", "GET,HEAD");
    check("BREW", "/api/events", "GET,HEAD");
    check("POST", "/healthz", "GET,HEAD");
}

#[test]
fn an_order_says_why_it_can_not_be_modified() {
    let server = TestServer::start();
    for method in ["PUT", "PATCH"] {
        for id in ["ORD1", "1-1", "none"] {
            let reply = server.call(method, &format!("/api/orders/{id}")).send();
            assert_eq!(
                reply.refusal(),
                "405 method_not_allowed: Orders cannot be modified after creation. Cancel the \
                 order and create a new one."
            );
            assert_eq!(reply.header("allow"), Some("GET,HEAD,DELETE"));
        }
    }
}
