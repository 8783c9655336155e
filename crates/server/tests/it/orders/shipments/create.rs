//! `POST /api/orders/{id}/shipments`.

use server::auth::Grant;
use testkit::server::{TestServer, order_of};

use super::ship;

/// Jane's two cables and one pair of headphones, in cash: ORD1.
fn two_lines(server: &TestServer) -> String {
    server.open_shop();
    let items = r#"{"product_id": "p001", "quantity": 2}, {"product_id": "p003", "quantity": 1}"#;
    let call = server.post("/api/orders").by(&server.token("jane", ""));
    assert_eq!(call.json(order_of(items)).send().status, 204);
    "ORD1".into()
}

on_every_store! {
    fn an_order_leaves_part_by_part(server: &TestServer) {
        let order = two_lines(server);
        let body = r#"{"items": [{"line": 1, "quantity": 1}], "carrier": "DHL",
            "tracking_number": "00340434161094000000", "buy_label": false}"#;
        let first = ship(server, &order, body);
        assert_eq!(first.header("location"), Some("/api/orders/ORD1/shipments/shp_1_1"));
        assert_eq!(first.header("etag"), Some("\"3\""));
        assert_eq!(
            first.body,
            concat!(
                r#"{"shipment_id":"shp_1_1","status":"shipped","#,
                r#""items":[{"line":1,"quantity":1}],"carrier":"DHL","#,
                r#""tracking_number":"00340434161094000000","#,
                r#""tracking_numbers":["00340434161094000000"],"#,
                r#""created_at":"2025-06-27T12:00:00Z","delivered_at":null}"#
            )
        );
        assert_eq!(first.status, 201);
        let shown = server.get("/api/orders/ORD1").by(&server.token("jane", "")).send();
        assert_eq!(shown.text("/status"), "confirmed");
        assert_eq!(shown.text("/shipping_status"), "partially_shipped");
        assert_eq!(shown.at("/items/0/shipped_quantity"), "1");
        assert_eq!(shown.text("/shipments/0/tracking_number"), "00340434161094000000");
        assert_eq!((server.shelf("p001"), server.shelf("p003")), ((99, 1), (1, 1)));
        let cancelled = server.delete("/api/orders/ORD1").by(&server.staff()).send();
        assert_eq!(
            cancelled.refusal(),
            "409 order_partially_shipped: Order ORD1 is partly shipped and can't be cancelled"
        );
        let too_many = r#"{"items": [{"line": 2, "quantity": 1}, {"line": 1, "quantity": 2}]}"#;
        assert_eq!(
            ship(server, &order, too_many).refusal(),
            "409 shipment_exceeds_order: 2 of line 1 is more than the 1 open \
             [/items/1 shipment_exceeds_order]"
        );
        let rest = ship(server, &order, "");
        assert_eq!(rest.status, 201, "{rest}");
        let all = r#"[{"line":1,"quantity":1},{"line":2,"quantity":1}]"#;
        assert_eq!((rest.text("/shipment_id"), rest.at("/items")), ("shp_1_2".into(), all));
        let shown = server.get("/api/orders/1-1").by(&server.staff()).send();
        assert_eq!(shown.text("/status"), "shipped");
        assert_eq!(shown.text("/shipping_status"), "shipped");
        assert_eq!((server.shelf("p001"), server.shelf("p003")), ((98, 0), (0, 0)));
        let again = ship(server, &order, "");
        let shipped = "409 order_already_processed: Order ORD1 is shipped; it can't become shipped";
        assert_eq!(again.refusal(), shipped);
        assert_eq!(again.text("/current_status"), "shipped");
        let log = server.get("/api/orders/ORD1/events").by(&server.staff()).send();
        let types: Vec<_> = (2..5).map(|it| log.text(&format!("/events/{it}/type"))).collect();
        assert_eq!(types, ["shipment.created", "shipment.created", "order.shipped"]);
        assert_eq!(log.at("/events/2/data/shipment"), first.body);
    }

    /// Fifty at once: each piece leaves once.
    fn of_many_shipments_at_once_no_more_than_was_ordered(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 20);
        let (path, staff) = (format!("/api/orders/{order}/shipments"), server.staff());
        let body = r#"{"items": [{"line": 1, "quantity": 3}]}"#;
        let calls = (0..50).map(|_| server.post(&path).by(&staff).json(body));
        let replies = server.at_once(calls.collect());
        assert_eq!(replies.iter().filter(|it| it.status == 201).count(), 6, "6 times 3 of 20");
        for refused in replies.iter().filter(|it| it.status != 201) {
            assert_eq!(refused.code(), "409 shipment_exceeds_order");
        }
        assert_eq!(server.shelf("p001"), (82, 2));
        assert_eq!(ship(server, &order, "").status, 201);
        assert_eq!(server.shelf("p001"), (80, 0));
    }

    fn what_is_refunded_with_the_goods_is_not_shipped(server: &TestServer) {
        server.open_shop();
        let paid = server.paid("jane", "p001", 5);
        let body = r#"{"items": [{"line": 1, "quantity": 2}]}"#;
        assert_eq!(ship(server, &paid.order, body).status, 201);
        let refund = r#"{"items": [{"line": 1, "quantity": 2}], "restock": true}"#;
        let call = server.post(&paid.path("/refunds")).by(&server.staff());
        assert_eq!(call.json(refund).send().status, 201);
        assert_eq!(server.shelf("p001"), (98, 1));
        let last = ship(server, &paid.order, "");
        assert_eq!(last.at("/items"), r#"[{"line":1,"quantity":1}]"#);
        let order = server.eventually("ORD1", "/items/0/refunded_quantity", "2");
        let counts = ["cancelled", "shipped", "returned"]
            .map(|it| order.at(&format!("/items/0/{it}_quantity")).to_owned());
        assert_eq!(counts, ["2", "3", "0"]);
        assert_eq!(order.text("/status"), "shipped");
    }
}

#[test]
fn what_is_held_does_not_ship() {
    let server = TestServer::start();
    let order = two_lines(&server);
    let held = server.post("/api/orders/ORD1/hold").by(&server.staff()).send();
    assert_eq!(held.status, 200);
    assert_eq!(ship(&server, &order, "").refusal(), "409 order_on_hold: Order ORD1 is on hold");
    server.payable("jane", "p001", 1);
    assert_eq!(
        ship(&server, "ORD2", "").refusal(),
        "409 order_already_processed: Order ORD2 is pending; it can't become shipped"
    );
}

#[test]
fn what_the_body_may_say() {
    let server = TestServer::start();
    let order = two_lines(&server);
    let check = |body: &str, expected: &str| {
        assert_eq!(ship(&server, &order, body).refusal(), expected, "{body}");
    };
    check(
        r#"{"items": [], "carrier": "", "note": 1}"#,
        "400 validation_failed: items must have 1 to 500 elements; carrier must not be blank; \
         note is not a field of this document [/items invalid_length, /carrier invalid_length, \
         /note unknown_field]",
    );
    check(
        r#"{"items": [{"line": 0, "quantity": 1}, {"line": 1, "quantity": 1, "sku": "x"}]}"#,
        "400 validation_failed: items/0/line must be a whole number from 1 to 4294967295; \
         items/1/sku is not a field of this document [/items/0/line out_of_range, \
         /items/1/sku unknown_field]",
    );
    check(
        r#"{"items": [{"line": 1, "quantity": 1}, {"line": 3, "quantity": 1}]}"#,
        "400 validation_failed: The order has no line 3 [/items/1 validation_failed]",
    );
    check(
        r#"{"buy_label": true}"#,
        "400 validation_failed: buy_label must be false: no carrier sells labels to this server \
         [/buy_label label_unavailable]",
    );
    assert_eq!(server.last_seq(), 2);
}

#[test]
fn an_order_that_is_not_there_is_not_shipped() {
    let server = TestServer::start();
    let order = two_lines(&server);
    let narrowed =
        Grant { subject: "boss", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let check = |token: &str, id: &str| {
        let reply = server.post(&format!("/api/orders/{id}/shipments")).by(token).send();
        assert_eq!(reply.refusal(), "404 order_not_found: Order not found", "{id}");
    };
    check(&server.staff(), "ORD2");
    check(&server.staff(), "%FF");
    check(&server.grant(&narrowed), &order);
    assert_eq!(server.last_seq(), 2);
}

/// The same request once more is the same shipment; another version is none.
#[test]
fn a_shipment_is_made_once() {
    let server = TestServer::start();
    let order = two_lines(&server);
    let path = format!("/api/orders/{order}/shipments");
    let body = r#"{"items": [{"line": 1, "quantity": 1}]}"#;
    let call = || server.post(&path).by(&server.staff()).json(body);
    assert_eq!(call().if_match("\"9\"").send().code(), "412 version_mismatch");
    let first = call().key("once").if_match("\"2\"").send();
    assert_eq!(first.status, 201);
    let again = call().key("once").if_match("\"2\"").send();
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(server.shelf("p001"), (99, 1));
}
