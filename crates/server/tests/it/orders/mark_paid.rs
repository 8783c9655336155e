//! `PATCH /api/orders/{id}/paid`: staff have collected the money, or the provider has it.

use domain::{payment::Capture, world::Policy};
use testkit::server::{Payable, TestServer, Wish};

fn pay(server: &TestServer, token: &str, order: &str) -> testkit::server::Reply {
    server.patch(&format!("/api/orders/{order}/paid")).by(token).send()
}

on_every_store! {
    fn a_cash_order_is_collected_once(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 2);
        let reply = pay(server, &server.staff(), &order);
        assert_eq!(reply.to_string(), "204\netag: \"4\"");
        let shown = server.get("/api/orders/ORD1").by(&server.token("jane", "")).send();
        assert_eq!(shown.text("/payment_status"), "paid");
        assert_eq!(shown.text("/status"), "confirmed");
        assert_eq!(shown.at("/paid_total"), "30.00");
        assert_eq!(
            shown.at("/payments"),
            concat!(
                r#"[{"payment_id":"pay_1_1","method":"cash_on_delivery","status":"captured","#,
                r#""amount":30.00,"provider_reference":null,"failure":null,"#,
                r#""created_at":"2025-06-27T12:00:00Z"}]"#
            )
        );
        let again = "400 already_paid: Order has already been marked as paid";
        assert_eq!(pay(server, &server.staff(), &order).refusal(), again);
        assert_eq!(pay(server, &server.token("jane", ""), &order).refusal(), again);
    }

    fn money_is_collected_in_every_state_but_cancelled(server: &TestServer) {
        server.open_shop();
        let check = |way: &[&str], expected: u16| {
            let order = server.order("jane", "p001", 1);
            way.iter().for_each(|to| server.advance(&order, to));
            assert_eq!(pay(server, &server.staff(), &order).status, expected, "{way:?}");
        };
        check(&["shipped"], 204);
        check(&["shipped", "delivered"], 204);
        check(&["cancelled"], 409);
    }
}

#[test]
fn who_may_collect() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let check = |token: &str, id: &str, expected: &str| {
        assert_eq!(pay(&server, token, id).refusal(), expected);
    };
    check(
        &server.token("jane", ""),
        &order,
        "400 not_prepaid: Order ORD1 is not prepaid; the shop collects its payment",
    );
    check(&server.token("joe", ""), &order, "404 order_not_found: Order not found");
    check(&server.staff(), "ORD7", "404 order_not_found: Order not found");
    check(
        &server.token("erp", "orders:read"),
        &order,
        "403 forbidden: Your token does not give the right to do this",
    );
    assert_eq!(pay(&server, &server.token("erp", "orders:write"), "1-1").status, 204);
    let cancelled = server.order("jane", "p001", 1);
    server.advance(&cancelled, "cancelled");
    let reply = pay(&server, &server.staff(), &cancelled);
    assert_eq!(
        reply.refusal(),
        "409 order_already_processed: Order ORD2 is cancelled; nothing can be collected"
    );
    assert_eq!(reply.text("/current_status"), "cancelled");
}

on_every_store! {
    /// The callback and the customer bring the same news, at the same time and more than once.
    fn callback_and_customer_together_have_one_effect(server: &TestServer) {
        server.open_shop();
        server.behave(r#""callback": "double""#);
        let orders: Vec<Payable> = (0..4).map(|_| server.payable("jane", "p001", 1)).collect();
        let jane = server.token("jane", "");
        for payable in &orders {
            let staff = server.staff();
            let confirm = format!("/sandbox/payments/{}/confirm", payable.intent);
            let mut calls = vec![server.post(&confirm).by(&staff)];
            calls.extend((0..6).map(|_| server.patch(&payable.path("/paid")).by(&jane)));
            let replies = server.at_once(calls);
            assert_eq!(replies[0].status, 200);
            for reply in &replies[1..] {
                let found = if reply.status == 204 { "204".into() } else { reply.code() };
                let expected = ["204", "400 already_paid", "400 payment_not_completed"];
                assert!(expected.contains(&found.as_str()), "{found}");
            }
            assert!(replies[1..].iter().filter(|it| it.status == 204).count() <= 1);
            server.eventually(&payable.order, "/payment_status", "paid");
            let again = pay(server, &jane, &payable.order);
            assert_eq!(again.refusal(), ALREADY_PAID);
        }
        let events = server.get("/api/events?types=order.paid,payment.captured&limit=200");
        let events = events.by(&server.staff()).send();
        assert!(events.has("/events/7") && !events.has("/events/8"), "{events}");
    }

    fn only_the_provider_is_believed(server: &TestServer) {
        server.open_shop();
        server.behave(r#""callback": "off""#);
        let jane = server.token("jane", "");
        let payable = server.payable("jane", "p001", 1);
        let check = |verb: &str, state: &str| {
            if !verb.is_empty() {
                server.at_provider(&payable.intent, verb);
            }
            for token in [&jane, &server.staff()] {
                let reply = pay(server, token, &payable.order);
                let expected = format!(
                    "400 payment_not_completed: The payment of order ORD1 is {state}"
                );
                assert_eq!(reply.refusal(), expected);
                assert_eq!(reply.text("/provider_status"), state);
            }
        };
        check("", "open");
        check("processing", "processing");
        let order = server.get("/api/orders/ORD1").by(&jane).send();
        assert_eq!(order.text("/payments/0/status"), "processing");
        assert_eq!(order.text("/expires_at"), "2025-07-04T12:00:00Z", "it may take a week");
        check("decline", "declined");
        assert_eq!(server.get("/api/orders/ORD1").by(&jane).send().text("/status"), "pending");
        server.at_provider(&payable.intent, "confirm");
        assert_eq!(pay(server, &server.staff(), "ORD1").status, 204);
        let order = server.get("/api/orders/ORD1").by(&jane).send();
        assert_eq!(order.text("/status"), "confirmed");
        assert_eq!(order.text("/payment_status"), "paid");
    }

    fn what_was_paid_must_be_what_was_asked_for(server: &TestServer) {
        server.open_shop();
        server.behave(r#""callback": "off""#);
        let jane = server.token("jane", "");
        let payable = server.payable("jane", "p001", 1);
        let confirm = format!("/sandbox/payments/{}/confirm", payable.intent);
        let reply = server.post(&confirm).by(&server.staff()).json(r#"{"amount": 1}"#).send();
        assert_eq!(reply.at("/amount"), "1.00");
        let mismatch = "409 payment_mismatch: What was paid is not what order ORD1 asks for; it \
            is on hold until the shop has looked at it";
        assert_eq!(pay(server, &jane, "ORD1").refusal(), mismatch);
        assert_eq!(pay(server, &jane, "ORD1").refusal(), mismatch);
        let order = server.get("/api/orders/ORD1").by(&server.staff()).send();
        assert_eq!(order.at("/on_hold"), "true");
        assert_eq!(order.text("/hold_reason"), "payment_mismatch");
        assert_eq!(order.text("/status"), "pending");
        assert_eq!(order.at("/paid_total"), "1.00");
        let shown = server.get("/api/orders/ORD1").by(&jane).send();
        assert_eq!(shown.at("/hold_reason"), "null", "the shop's own reason");
    }

    fn money_that_is_held_is_taken_at_shipment(server: &TestServer) {
        check_capture(server);
    }
}

const ALREADY_PAID: &str = "400 already_paid: Order has already been marked as paid";

fn check_capture(at_once: &TestServer) {
    // The policy is the server's, so each store has a server of its own for it.
    let policy = Policy { capture: Capture::AtShipment, ..Policy::default() };
    let server = TestServer::with(Wish { policy, backend: at_once.backend(), ..Wish::default() });
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let jane = server.token("jane", "");
    let payable = server.payable("jane", "p001", 1);
    server.at_provider(&payable.intent, "confirm");
    assert_eq!(pay(&server, &jane, "ORD1").status, 204);
    let order = server.get("/api/orders/ORD1").by(&jane).send();
    assert_eq!(order.text("/status"), "confirmed");
    assert_eq!(order.text("/payment_status"), "authorized");
    assert_eq!(order.at("/paid_total"), "0.00");
    server.advance("ORD1", "shipped");
    server.eventually("ORD1", "/payment_status", "paid");
    assert_eq!(pay(&server, &jane, "ORD1").refusal(), ALREADY_PAID);
}

/// A provider that does not answer is the last of all reasons.
#[test]
fn a_provider_that_is_away_keeps_nobody_from_being_refused() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let jane = server.token("jane", "");
    let paid = server.paid("jane", "p001", 1);
    let open = server.payable("jane", "p001", 1);
    let unmade = server.order("jane", "p001", 1);
    let keyed = server.payable("jane", "p001", 1);
    server.at_provider(&keyed.intent, "confirm");
    let with_key = || server.patch(&keyed.path("/paid")).by(&jane).key("k").send();
    assert_eq!(with_key().status, 204);
    server.behave(r#""delay_ms": 60000, "callback": "off""#);
    assert_eq!(with_key().header("idempotent-replayed"), Some("true"));
    assert_eq!(pay(&server, &jane, &paid.order).refusal(), ALREADY_PAID);
    assert_eq!(pay(&server, &jane, &unmade).code(), "400 not_prepaid");
    assert_eq!(pay(&server, &server.token("joe", ""), &open.order).code(), "404 order_not_found");
    let reply = server.patch(&open.path("/paid")).by(&jane).if_match("\"9\"").send();
    assert_eq!(reply.code(), "412 version_mismatch");
    let reply = server.patch(&open.path("/paid")).by(&jane).key("k").send();
    assert_eq!(reply.code(), "422 idempotency_key_reused");
    let before = server.last_seq();
    let reply = pay(&server, &jane, &open.order);
    assert_eq!(
        reply.refusal(),
        "503 payment_provider_unavailable: The payment provider can't be reached; come again soon"
    );
    assert_eq!(reply.header("retry-after"), Some("2"));
    assert_eq!(server.last_seq(), before);
}

/// Staff let an order go without its payment, and collect the money later.
#[test]
fn an_order_on_account_is_collected_by_staff() {
    let server = TestServer::start();
    server.open_shop();
    let payable = server.payable("jane", "p001", 1);
    server.advance(&payable.order, "confirmed");
    server.eventually(&payable.order, "/payments/0/status", "cancelled");
    let refused = pay(&server, &server.token("jane", ""), &payable.order);
    assert_eq!(refused.code(), "400 not_prepaid");
    assert_eq!(pay(&server, &server.staff(), &payable.order).status, 204);
    let order = server.get(&payable.path("")).by(&server.staff()).send();
    assert_eq!(order.text("/payment_status"), "paid");
    assert_eq!(order.at("/payments/1/provider_reference"), "null");
}

#[test]
fn what_is_paid_too_late_comes_back_if_its_stock_is_there() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off", "fail_next": 0"#);
    let jane = server.token("jane", "");
    let expire = |product: &str| {
        let payable = server.payable("jane", product, 1);
        server.clock().advance_ms(30 * 60 * 1000);
        // The void of its intent is refused by the provider, so that it can still be paid.
        server.behave(r#""callback": "off", "fail_next": 1"#);
        server.eventually(&payable.order, "/status", "cancelled");
        payable
    };
    let back = expire("p001");
    server.at_provider(&back.intent, "confirm");
    assert_eq!(pay(&server, &jane, &back.order).status, 204);
    let order = server.get(&back.path("")).by(&jane).send();
    assert_eq!((order.text("/status"), order.at("/cancelled_at")), ("confirmed".into(), "null"));
    assert_eq!(server.shelf("p001"), (100, 1));
}
