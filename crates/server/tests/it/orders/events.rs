//! `GET /api/orders/{id}/events`: the audit log.

use testkit::server::TestServer;

#[test]
fn an_order_tells_its_story() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    server.order("joe", "p001", 1);
    server.clock().advance_ms(60_000);
    let call = server.delete(&format!("/api/orders/{order}?reason=sold+out")).by(&server.staff());
    assert_eq!(call.header("X-Request-Id", "cancel-7").send().status, 200);
    let reply = server.get("/api/orders/1-1/events").by(&server.token("erp", "orders:read")).send();
    insta::assert_snapshot!(reply.lines(), @r#"
    200
    content-type: application/json

    {"events":[{"seq":1,
    "type":"order.created",
    "version":1,
    "at":"2025-06-27T12:00:00Z",
    "store_id":1,
    "order_id":"ORD1",
    "actor":"customer:jane",
    "request_id":"test",
    "data":{"user_id":"jane",
    "currency":"USD",
    "items":[{"line":1,
    "product_id":"p001",
    "variant_id":null,
    "sku":"USB-C-1M",
    "name":"USB Cable",
    "quantity":1,
    "price":10.00,
    "total":10.00,
    "cancelled_quantity":0,
    "shipped_quantity":0,
    "returned_quantity":0,
    "refunded_quantity":0}],
    "delivery_method_id":"standard",
    "shipping_total":10.00,
    "total":20.00,
    "payment_method":"cash_on_delivery",
    "metadata":{}}},
    {"seq":2,
    "type":"order.confirmed",
    "version":1,
    "at":"2025-06-27T12:00:00Z",
    "store_id":1,
    "order_id":"ORD1",
    "actor":"customer:jane",
    "request_id":"test",
    "data":{"retrieval_id":"1-1",
    "invoice_number":"INV-2025-000001",
    "on_account":false}},
    {"seq":5,
    "type":"order.cancelled",
    "version":1,
    "at":"2025-06-27T12:01:00Z",
    "store_id":1,
    "order_id":"ORD1",
    "actor":"staff:boss",
    "request_id":"cancel-7",
    "data":{"cause":"staff",
    "reason":"sold out",
    "credit_note_number":"INV-CN-2025-000001"}}]}
    "#);
}

#[test]
fn who_may_read_it() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let read =
        |token: &str, id: &str| server.get(&format!("/api/orders/{id}/events")).by(token).send();
    let no_right = "403 forbidden: Your token does not give the right to do this";
    for token in [server.token("jane", ""), server.token("erp", "orders:write events:read")] {
        assert_eq!(read(&token, &order).refusal(), no_right);
    }
    for id in ["ORD2", "x", "1-2", "%FF"] {
        let reply = read(&server.staff(), id);
        assert_eq!(reply.refusal(), "404 order_not_found: Order not found", "{id}");
    }
    assert_eq!(
        read(&server.staff(), "ORD1?limit=1").code(),
        read(&server.staff(), "ORD9?limit=1").code(),
        "a wrong question is refused before anything is looked for"
    );
}
