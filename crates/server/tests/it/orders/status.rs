//! `PUT /api/orders/{id}/status`: every move there is, and every one that there is not.

use testkit::server::TestServer;

const STATES: [&str; 4] = ["confirmed", "shipped", "delivered", "cancelled"];

fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    server
}

/// A new order, brought to this state by legal moves.
fn order_in(server: &TestServer, state: &str) -> String {
    let order = server.order("jane", "p001", 2);
    let way: &[&str] = match state {
        "confirmed" => &[],
        "shipped" => &["shipped"],
        "delivered" => &["shipped", "delivered"],
        "cancelled" => &["cancelled"],
        other => panic!("no way to {other}"),
    };
    way.iter().for_each(|to| server.advance(&order, to));
    order
}

on_every_store! {
    fn moves(server: &TestServer) {
        server.open_shop();
        let legal =
            [("confirmed", "shipped"), ("confirmed", "cancelled"), ("shipped", "delivered")];
        for from in STATES {
            for to in ["pending", "confirmed", "shipped", "delivered", "cancelled"] {
                let order = order_in(server, from);
                let before = server.last_seq();
                let call = server.put(&format!("/api/orders/{order}/status")).by(&server.staff());
                let reply = call.json(format!(r#"{{"status": "{to}"}}"#)).send();
                if legal.contains(&(from, to)) {
                    assert_eq!((reply.status, reply.text("/status").as_str()), (200, to));
                    continue;
                }
                let expected = format!(
                    "409 order_already_processed: Order {order} is {from}; it can't become {to}"
                );
                assert_eq!(reply.refusal(), expected);
                assert_eq!(reply.text("/current_status"), from);
                assert_eq!(server.last_seq(), before, "{from} to {to}");
            }
        }
    }

    fn a_shipped_order_leaves_the_shelf(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 2);
        assert_eq!(server.shelf("p001"), (100, 2));
        server.clock().advance_ms(1500);
        let call = server.put(&format!("/api/orders/{order}/status")).by(&server.staff());
        let body = r#"{"status": "shipped", "carrier": "UPS", "tracking_number": "1Z 999"}"#;
        let reply = call.json(body).send();
        assert_eq!(reply.header("etag"), Some("\"4\""));
        assert_eq!(reply.text("/shipping_status"), "shipped");
        assert_eq!(reply.at("/items/0/shipped_quantity"), "2");
        assert_eq!(reply.text("/created_at"), "2025-06-27T12:00:00Z");
        assert_eq!(reply.text("/shipped_at"), "2025-06-27T12:00:01.500Z");
        assert_eq!(
            reply.at("/shipments"),
            concat!(
                r#"[{"shipment_id":"shp_1_1","status":"shipped","#,
                r#""items":[{"line":1,"quantity":2}],"carrier":"UPS","#,
                r#""tracking_number":"1Z 999","tracking_numbers":["1Z 999"],"#,
                r#""created_at":"2025-06-27T12:00:01.500Z","#,
                r#""delivered_at":null}]"#
            )
        );
        assert_eq!(server.shelf("p001"), (98, 0));
        server.advance(&order, "delivered");
        let reply = server.get("/api/orders/1-1").by(&server.staff()).send();
        assert_eq!(reply.text("/shipments/0/delivered_at"), "2025-06-27T12:00:01.500Z");
    }

    fn a_cancelled_order_gives_its_stock_and_its_money_back(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 2);
        let paid = server.patch(&format!("/api/orders/{order}/paid")).by(&server.staff()).send();
        assert_eq!(paid.status, 204);
        let call = server.put(&format!("/api/orders/{order}/status")).by(&server.staff());
        let reply = call.json(r#"{"status": "cancelled", "reason": "broken"}"#).send();
        assert_eq!(server.shelf("p001"), (100, 0));
        assert_eq!(reply.text("/payment_status"), "refunded");
        assert_eq!((reply.at("/paid_total"), reply.at("/refunded_total")), ("30.00", "30.00"));
        assert_eq!(reply.text("/refunds/0/method"), "manual");
        assert_eq!(reply.text("/credit_note_number"), "INV-CN-2025-000001");
        assert_eq!(reply.text("/invoice_number"), "INV-2025-000001");
        assert_eq!(reply.at("/items/0/cancelled_quantity"), "2");
        assert_eq!(reply.text("/cancel_reason"), "broken");
        let as_jane = server.get(&format!("/api/orders/{order}")).by(&server.token("jane", ""));
        assert_eq!(as_jane.send().at("/cancel_reason"), "null", "the shop's reasons are its own");
    }
}

#[test]
fn what_the_body_may_say() {
    let server = shop();
    let order = server.order("jane", "p001", 1);
    let check = |body: &str, expected: &str| {
        let call = server.put(&format!("/api/orders/{order}/status")).by(&server.staff());
        assert_eq!(call.json(body).send().refusal(), expected, "{body}");
    };
    check("{}", "400 validation_failed: status is required [/status required]");
    check(
        r#"{"status": "lost"}"#,
        "400 validation_failed: status must be one of pending, confirmed, shipped, delivered, \
         cancelled [/status unknown_value]",
    );
    check(
        r#"{"status": "Shipped", "trackingNumber": "x", "note": 1, "reason": ""}"#,
        "400 validation_failed: status must be one of pending, confirmed, shipped, delivered, \
         cancelled; reason must not be blank; trackingNumber is not a field of this document; and \
         1 more [/status unknown_value, /reason invalid_length, /trackingNumber unknown_field, \
         /note unknown_field]",
    );
    assert_eq!(server.last_seq(), 2);
}

#[test]
fn an_order_that_is_not_there_is_not_moved() {
    let server = shop();
    let narrowed = server::auth::Grant {
        subject: "boss",
        scope: "staff",
        stores: Some(&[2]),
        ..server::auth::Grant::default()
    };
    let order = server.order("jane", "p001", 1);
    let check = |token: &str, id: &str| {
        let call = server.put(&format!("/api/orders/{id}/status")).by(token);
        let reply = call.json(r#"{"status": "shipped"}"#).send();
        assert_eq!(reply.refusal(), "404 order_not_found: Order not found", "{id}");
    };
    for id in ["ORD2", "ORD01", "ord1", "1-2", "2-1", "x", "ORD1%20", "%FF", "a%2Fb", "null"] {
        check(&server.staff(), id);
    }
    check(&server.grant(&narrowed), &order);
    assert_eq!(server.last_seq(), 2);
}

#[test]
fn either_id_of_an_order_will_do() {
    let server = shop();
    server.order("jane", "p001", 1);
    server.advance("1-1", "shipped");
    server.advance("ORD1", "delivered");
}
