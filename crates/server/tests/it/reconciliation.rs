//! `GET /api/reconciliation`: our books against the provider's.

use domain::{
    Currency, Money, OrderNo, PaymentId,
    payment::{Capture, IntentRequest},
    world::Policy,
};
use server::auth::Grant;
use testkit::server::{Reply, TestServer, Wish};

const LISTS: [&str; 6] = [
    "orders_paid_without_record",
    "payments_without_order",
    "differing_amounts",
    "refunds_in_flight",
    "captures_outstanding",
    "overdue_reservations",
];

fn look(server: &TestServer, query: &str) -> Reply {
    let reply = server.get(&format!("/api/reconciliation{query}")).by(&server.staff()).send();
    assert_eq!(reply.status, 200, "{reply}");
    reply
}

/// All lists are empty but one, and that one has these texts in its first entry.
#[track_caller]
fn assert_only(reply: &Reply, list: &str, expected: &[(&str, &str)]) {
    for other in LISTS.into_iter().filter(|it| *it != list) {
        assert_eq!(reply.at(&format!("/{other}")), "[]", "{reply}");
    }
    assert!(reply.has(&format!("/{list}/0")) && !reply.has(&format!("/{list}/1")), "{reply}");
    for (name, text) in expected {
        assert_eq!(reply.at(&format!("/{list}/0/{name}")).trim_matches('"'), *text, "{reply}");
    }
}

on_every_store! {
    fn in_health_nothing_differs(server: &TestServer) {
        server.open_shop();
        let refunded = server.paid("jane", "p001", 2);
        let refund = server.post(&refunded.path("/refunds")).by(&server.staff());
        assert_eq!(refund.json(r#"{"amount": 5}"#).send().status, 201);
        server.eventually(&refunded.order, "/refunded_total", "5.00");
        server.paid("jane", "p001", 1);
        server.payable("jane", "p001", 1);
        let cancelled = server.paid("jane", "p001", 1);
        server.advance(&cancelled.order, "cancelled");
        server.eventually(&cancelled.order, "/payment_status", "refunded");
        let cash = server.order("jane", "p001", 1);
        let collected = server.patch(&format!("/api/orders/{cash}/paid")).by(&server.staff());
        assert_eq!(collected.send().status, 204);
        let reply = look(server, "");
        assert_eq!(
            reply.body,
            concat!(
                r#"{"from":"2025-06-20T12:00:00Z","to":"2025-06-27T12:00:00Z","complete":true,"#,
                r#""orders_paid_without_record":[],"payments_without_order":[],"#,
                r#""differing_amounts":[],"refunds_in_flight":[],"captures_outstanding":[],"#,
                r#""overdue_reservations":[]}"#
            )
        );
    }

    /// The provider was paid and nobody has told us.
    fn a_payment_that_we_do_not_know_of(server: &TestServer) {
        server.open_shop();
        server.behave(r#""callback": "off""#);
        let payable = server.payable("jane", "p001", 1);
        server.at_provider(&payable.intent, "confirm");
        server.clock().advance_ms(90_000);
        let expected = [
            ("order_id", "ORD1"),
            ("payment_id", "pay_1_1"),
            ("provider_reference", &payable.intent),
            ("provider_status", "succeeded"),
            ("amount", "20.00"),
            ("provider_amount", "20.00"),
            ("order_total", "20.00"),
            ("age_seconds", "90"),
        ];
        assert_only(&look(server, ""), "payments_without_order", &expected);
        let elsewhere = look(server, "?to=2025-06-27T11:59:59Z");
        assert_eq!(elsewhere.at("/payments_without_order"), "[]");
        assert_eq!(elsewhere.text("/from"), "2025-06-20T11:59:59Z");
        let here = look(server, "?from=2025-06-27T12:00:00Z&to=2025-06-27T12:00:00Z");
        assert_only(&here, "payments_without_order", &expected);
        // Asking is enough to mend it.
        let paid = server.patch("/api/orders/ORD1/paid").by(&server.token("jane", "")).send();
        assert_eq!(paid.status, 204);
        assert_eq!(look(server, "").at("/payments_without_order"), "[]");
    }
}

/// A payment of an order that was never placed here.
#[test]
fn a_payment_without_any_order() {
    let server = TestServer::start();
    let request = IntentRequest {
        order: OrderNo(77),
        payment: PaymentId::new("pay_77_1"),
        amount: Money(500),
        currency: Currency::parse("USD").unwrap(),
        capture: Capture::AtOnce,
    };
    server.behave(r#""callback": "off""#);
    let intent = server.intent_of("elsewhere", &request);
    assert_eq!(look(&server, "").at("/payments_without_order"), "[]", "it is not paid");
    server.at_provider(&intent, "confirm");
    let expected = [("order_id", "ORD77"), ("amount", "null"), ("provider_amount", "5.00")];
    assert_only(&look(&server, ""), "payments_without_order", &expected);
    let narrow = Grant { scope: "staff", subject: "x", stores: Some(&[1]), ..Grant::default() };
    let narrow = server.get("/api/reconciliation").by(&server.grant(&narrow)).send();
    assert_eq!(narrow.at("/payments_without_order"), "[]", "it is of no store");
}

#[test]
fn a_payment_of_another_amount() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let payable = server.payable("jane", "p001", 1);
    let confirm = format!("/sandbox/payments/{}/confirm", payable.intent);
    let call = server.post(&confirm).by(&server.staff());
    assert_eq!(call.json(r#"{"amount": 19.99}"#).send().status, 200);
    let paid = server.patch("/api/orders/ORD1/paid").by(&server.token("jane", "")).send();
    assert_eq!(paid.code(), "409 payment_mismatch");
    let expected = [("order_id", "ORD1"), ("order_total", "20.00"), ("provider_amount", "19.99")];
    assert_only(&look(&server, ""), "differing_amounts", &expected);
}

#[test]
fn what_is_open_at_the_provider() {
    let server = TestServer::start();
    server.open_shop();
    let paid = server.paid("jane", "p001", 2);
    server.behave(r#""callback": "late""#);
    let refund = server.post(&paid.path("/refunds")).by(&server.staff());
    assert_eq!(refund.json(r#"{"amount": 5}"#).send().status, 201);
    let expected = [
        ("order_id", "ORD1"),
        ("payment_id", "pay_1_1"),
        ("refund_id", "re_1_1"),
        ("amount", "5.00"),
        ("currency", "USD"),
        ("age_seconds", "0"),
    ];
    assert_only(&look(&server, ""), "refunds_in_flight", &expected);
    server.eventually_in(1_000, &paid.order, "/refunds/0/status", "succeeded");
    assert_eq!(look(&server, "").at("/refunds_in_flight"), "[]");
}

#[test]
fn money_that_could_not_be_taken() {
    let policy = Policy { capture: Capture::AtShipment, ..Policy::default() };
    let server = TestServer::with(Wish { policy, ..Wish::default() });
    server.open_shop();
    let authorized = || {
        let payable = server.payable("jane", "p001", 2);
        server.at_provider(&payable.intent, "confirm");
        server.eventually(&payable.order, "/payment_status", "authorized");
        payable
    };
    let shipped = authorized();
    assert_eq!(look(&server, "").at("/captures_outstanding"), "[]");
    server.behave(r#""fail_next": 1000"#);
    server.advance(&shipped.order, "shipped");
    assert_eq!(look(&server, "").at("/captures_outstanding"), "[]", "it is given a minute");
    server.clock().advance_ms(60_000);
    let expected = [("order_id", "ORD1"), ("payment_id", "pay_1_1"), ("refund_id", "null")];
    assert_only(&look(&server, ""), "captures_outstanding", &expected);
    assert_only(&look(&server, ""), "captures_outstanding", &[("amount", "30.00")]);
    server.behave("");
    server.eventually_in(60_000, &shipped.order, "/payment_status", "paid");
    assert_eq!(look(&server, "").at("/captures_outstanding"), "[]");
    // What is cancelled over there can't be taken at all: the order waits for somebody to look.
    let lost = authorized();
    server.at_provider(&lost.intent, "cancel");
    server.eventually(&lost.order, "/on_hold", "true");
    let expected = [("order_id", "ORD2"), ("attempts", "null"), ("amount", "30.00")];
    assert_only(&look(&server, ""), "captures_outstanding", &expected);
}

#[test]
fn what_may_be_asked() {
    let server = TestServer::start();
    let refusal = |query: &str| {
        server.get(&format!("/api/reconciliation{query}")).by(&server.staff()).send().refusal()
    };
    let order = "400 validation_failed: from must not be after to [/from out_of_range]";
    assert_eq!(refusal("?from=2025-06-27T12:00:01Z"), order);
    assert_eq!(
        refusal("?from=yesterday&until=now"),
        "400 validation_failed: from must be an RFC 3339 time such as 2025-06-27T12:00:00Z; until \
         is not a parameter of this call [/from invalid_time, /until unknown_parameter]"
    );
    server.behave(r#""delay_ms": 60000"#);
    assert_eq!(
        refusal(""),
        "503 payment_provider_unavailable: The payment provider can't be reached; come again soon"
    );
}
