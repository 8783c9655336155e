//! `GET /api/orders/{id}`.

use server::auth::Grant;
use testkit::server::{TestServer, order_of};

#[test]
fn an_order_is_shown_to_its_owner_and_to_the_shop() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let see = |token: &str, id: &str| server.get(&format!("/api/orders/{id}")).by(token).send();
    let of_owner = see(&server.token("jane", ""), &order);
    assert_eq!((of_owner.status, of_owner.header("etag")), (200, Some("\"2\"")));
    assert_eq!(of_owner.body, see(&server.staff(), &order).body);
    assert_eq!(of_owner.body, see(&server.token("erp", "orders:read"), "1-1").body);
    let narrowed =
        Grant { subject: "boss", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let nothing = "404 order_not_found: Order not found";
    assert_eq!(see(&server.token("joe", ""), &order).refusal(), nothing);
    assert_eq!(see(&server.token("joe", ""), "1-1").refusal(), nothing);
    assert_eq!(see(&server.grant(&narrowed), &order).refusal(), nothing);
    let no_right = "403 forbidden: Your token does not give the right to do this";
    assert_eq!(see(&server.token("erp", "orders:write"), &order).refusal(), no_right);
    let unknown = "400 unknown_parameter: x is not a parameter of this call [/x unknown_parameter]";
    assert_eq!(see(&server.staff(), "ORD1?x=1").refusal(), unknown);
}

#[test]
fn ids_of_another_shape_name_nothing() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    for id in [
        "ORD0",
        "ORD01",
        "ORD-1",
        "ORD1.0",
        "ORD18446744073709551616",
        "ORD9223372036854775808",
        "ORD",
        "ord1",
        "1",
        "1-0",
        "01-1",
        "1-01",
        "1-1-1",
        "-",
        "4294967296-1",
        "1-9999999999999999999999",
        "%00",
        "%FF",
        "ORD1%00",
        "%F0%9F%92%A9",
        "..%2F..",
        "'%20OR%201=1",
        "ORD1%0A",
    ] {
        let reply = server.get(&format!("/api/orders/{id}")).by(&server.staff()).send();
        assert_eq!(reply.refusal(), "404 order_not_found: Order not found", "{id}");
    }
    let long = "9".repeat(5000);
    let reply = server.get(&format!("/api/orders/ORD{long}")).by(&server.staff()).send();
    assert_eq!(reply.status, 404);
}

#[test]
fn guests_orders_are_the_shops_alone() {
    let server = TestServer::start();
    server.open_shop();
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    let body = body.replacen('{', r#"{"user_id": null, "contact": {"email": "a@b"}, "#, 1);
    let reply = server.post("/api/orders").by(&server.staff()).json(body).send();
    assert_eq!(reply.status, 204, "{reply}");
    let shown = server.get("/api/orders/ORD1").by(&server.staff()).send();
    assert_eq!((shown.at("/user_id"), shown.text("/contact/email").as_str()), ("null", "a@b"));
    let reply = server.get("/api/orders/ORD1").by(&server.token("null", "")).send();
    assert_eq!(reply.status, 404);
}
