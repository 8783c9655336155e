//! `POST /api/orders/{id}/hold` and `/release`.

use testkit::server::{Reply, TestServer};

fn post(server: &TestServer, order: &str, verb: &str, body: &str) -> Reply {
    let call = server.post(&format!("/api/orders/{order}/{verb}")).by(&server.staff());
    if body.is_empty() { call.send() } else { call.json(body).send() }
}

on_every_store! {
    fn nothing_ships_while_it_is_on_hold(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 1);
        let held = post(server, &order, "hold", r#"{"reason": "odd address"}"#);
        assert_eq!((held.status, held.header("etag")), (200, Some("\"3\"")));
        assert_eq!(held.at("/on_hold"), "true");
        assert_eq!(held.text("/hold_reason"), "odd address");
        let shown = server.get("/api/orders/ORD1").by(&server.token("jane", "")).send();
        assert_eq!((shown.at("/on_hold"), shown.at("/hold_reason")), ("true", "null"));
        let ship = || {
            let call = server.put("/api/orders/ORD1/status").by(&server.staff());
            call.json(r#"{"status": "shipped"}"#).send()
        };
        let on_hold = "409 order_on_hold: Order ORD1 is on hold";
        assert_eq!(ship().refusal(), on_hold);
        assert_eq!(post(server, &order, "hold", "").refusal(), on_hold);
        let released = post(server, &order, "release", "");
        assert_eq!((released.status, released.at("/on_hold")), (200, "false"));
        assert_eq!(released.at("/hold_reason"), "null");
        assert_eq!(
            post(server, &order, "release", "{}").refusal(),
            "409 order_not_on_hold: Order ORD1 is not on hold"
        );
        assert_eq!(ship().status, 200);
        let log = server.get("/api/orders/ORD1/events").by(&server.staff()).send();
        assert_eq!(log.text("/events/2/type"), "order.held");
        assert_eq!(log.text("/events/2/data/reason"), "odd address");
        assert_eq!(log.text("/events/3/type"), "order.released");
    }
}

/// A hold delays nothing but shipping.
#[test]
fn what_is_on_hold_is_paid_and_cancelled_as_ever() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let payable = server.payable("jane", "p001", 1);
    assert_eq!(post(&server, &payable.order, "hold", "").status, 200);
    server.at_provider(&payable.intent, "confirm");
    let paid = server.patch(&payable.path("/paid")).by(&server.token("jane", "")).send();
    assert_eq!(paid.status, 204);
    let order = server.get(&payable.path("")).by(&server.staff()).send();
    assert_eq!((order.text("/status"), order.at("/on_hold")), ("confirmed".into(), "true"));
    server.advance(&payable.order, "cancelled");
    server.eventually(&payable.order, "/payment_status", "refunded");
}

#[test]
fn what_can_not_be_held() {
    let server = TestServer::start();
    server.open_shop();
    let check = |way: &[&str], status: &str| {
        let order = server.order("jane", "p001", 1);
        way.iter().for_each(|to| server.advance(&order, to));
        let reply = post(&server, &order, "hold", "");
        let expected =
            format!("409 order_already_processed: Order {order} is {status}; it can't be held");
        assert_eq!(reply.refusal(), expected);
        assert_eq!(reply.text("/current_status"), status);
    };
    check(&["shipped"], "shipped");
    check(&["shipped", "delivered"], "delivered");
    check(&["cancelled"], "cancelled");
    for verb in ["hold", "release"] {
        let reply = post(&server, "ORD9", verb, "");
        assert_eq!(reply.refusal(), "404 order_not_found: Order not found");
        let faults = "400 validation_failed: reason must not be blank; note is not a field of \
            this document [/reason invalid_length, /note unknown_field]";
        let reply = post(&server, "ORD1", verb, r#"{"reason": " ", "note": 1}"#);
        assert_eq!(reply.refusal(), faults);
    }
}
