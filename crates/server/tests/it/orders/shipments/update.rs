//! `PATCH /api/orders/{id}/shipments/{shipment_id}`.

use testkit::server::{Reply, TestServer};

use super::ship;

fn update(server: &TestServer, shipment: &str, body: &str) -> Reply {
    let path = format!("/api/orders/ORD1/shipments/{shipment}");
    server.patch(&path).by(&server.staff()).json(body).send()
}

on_every_store! {
    /// A tracking number that was wrong finds the order no more; the books, which are checked when
    /// the server ends, are right all the same.
    fn a_tracking_number_is_corrected(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 1);
        assert_eq!(ship(server, &order, r#"{"tracking_number": "first-1"}"#).status, 201);
        let found = |text: &str| {
            let path = format!("/api/orders?q={text}");
            let list = server.get(&path).by(&server.staff()).send();
            let as_of: u64 = list.at("/as_of_seq").parse().unwrap();
            (as_of, list.has("/orders/0"))
        };
        let eventually = |text: &str, seq: u64, expected: bool| {
            for _ in 0..500 {
                let (as_of, is_found) = found(text);
                if as_of >= seq {
                    assert_eq!(is_found, expected, "{text}");
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            panic!("{text}: the index has not come so far");
        };
        eventually("first-1", 4, true);
        assert_eq!(update(server, "shp_1_1", r#"{"tracking_number": "second-2"}"#).status, 200);
        eventually("second-2", 5, true);
        eventually("first-1", 5, false);
    }

    fn what_is_known_later_is_told_later(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 2);
        assert_eq!(ship(server, &order, r#"{"items": [{"line": 1, "quantity": 1}]}"#).status, 201);
        let told = update(server, "shp_1_1", r#"{"carrier": "DHL", "tracking_number": "0034"}"#);
        assert_eq!((told.status, told.header("etag")), (200, Some("\"4\"")));
        assert_eq!(
            told.body,
            concat!(
                r#"{"shipment_id":"shp_1_1","status":"shipped","#,
                r#""items":[{"line":1,"quantity":1}],"carrier":"DHL","tracking_number":"0034","#,
                r#""tracking_numbers":["0034"],"#,
                r#""created_at":"2025-06-27T12:00:00Z","delivered_at":null}"#
            )
        );
        let there = update(server, "shp_1_1", r#"{"status": "delivered"}"#);
        assert_eq!(there.text("/status"), "delivered");
        assert_eq!(there.text("/delivered_at"), "2025-06-27T12:00:00Z");
        assert_eq!(there.text("/tracking_number"), "0034", "what is left out stays");
        let order_now = || server.get("/api/orders/ORD1").by(&server.staff()).send();
        assert_eq!(order_now().text("/status"), "confirmed", "a part is still here");
        assert_eq!(ship(server, &order, "").status, 201);
        assert_eq!(order_now().text("/status"), "shipped");
        let again = update(server, "shp_1_1", r#"{"status": "delivered", "carrier": "DHL"}"#);
        assert_eq!((again.status, again.body.as_str()), (200, there.body.as_str()));
        assert_eq!(order_now().at("/version"), "7", "it says nothing new");
        let last = update(server, "shp_1_2", r#"{"status": "delivered"}"#);
        assert_eq!(last.header("etag"), Some("\"9\""));
        let order = order_now();
        assert_eq!(order.text("/status"), "delivered");
        assert_eq!(order.text("/shipping_status"), "delivered");
        let log = server.get("/api/orders/ORD1/events").by(&server.staff()).send();
        let types: Vec<_> = (3..9).map(|it| log.text(&format!("/events/{it}/type"))).collect();
        let expected = [
            "shipment.updated",
            "shipment.updated",
            "shipment.created",
            "order.shipped",
            "shipment.updated",
            "order.delivered",
        ];
        assert_eq!(types, expected);
        assert_eq!(log.at("/events/4/data/shipment"), there.body);
    }
}

#[test]
fn the_whole_order_may_be_delivered_at_once() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 2);
    assert_eq!(ship(&server, &order, r#"{"items": [{"line": 1, "quantity": 1}]}"#).status, 201);
    assert_eq!(ship(&server, &order, "").status, 201);
    server.advance(&order, "delivered");
    let shown = server.get("/api/orders/ORD1").by(&server.staff()).send();
    for k in 0..2 {
        let at = shown.text(&format!("/shipments/{k}/delivered_at"));
        assert_eq!(at, "2025-06-27T12:00:00Z");
    }
    let corrected = update(&server, "shp_1_2", r#"{"tracking_number": "0035"}"#);
    assert_eq!((corrected.status, corrected.text("/tracking_number")), (200, "0035".into()));
}

#[test]
fn what_is_no_shipment_or_no_update() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 2);
    assert_eq!(ship(&server, &order, "").status, 201);
    let check = |shipment: &str, body: &str, expected: &str| {
        assert_eq!(update(&server, shipment, body).refusal(), expected, "{shipment} {body}");
    };
    let arrived = r#"{"status": "delivered"}"#;
    for unknown in ["shp_1_2", "shp_2_1", "x"] {
        check(unknown, arrived, "404 shipment_not_found: Shipment not found");
    }
    check(
        "shp_1_1",
        r#"{"status": "shipped", "items": []}"#,
        "400 validation_failed: status must be one of delivered; items is not a field of this \
         document [/status unknown_value, /items unknown_field]",
    );
    let path = "/api/orders/ORD1/shipments/shp_1_1";
    let call = server.patch(path).by(&server.staff()).if_match("\"3\"");
    assert_eq!(call.json(arrived).send().code(), "412 version_mismatch");
    let call = server.patch("/api/orders/ORD2/shipments/shp_1_1").by(&server.staff());
    assert_eq!(call.json(arrived).send().code(), "404 order_not_found");
}
