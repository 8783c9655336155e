//! `POST /api/orders/with-payment`.

use std::time::Duration;

use server::Settings;
use testkit::server::{Payable, Reply, TestServer, Wish, order_of};

const PATH: &str = "/api/orders/with-payment";
const FAILED: &str = "500 payment_initialization_failed: Failed to initialize payment: Your card \
    issuer cannot be reached. Please try again later.";

fn one_of(product: &str) -> String {
    order_of(&format!(r#"{{"productId": "{product}", "quantity": 1}}"#))
}

fn place(server: &TestServer, key: &str) -> Reply {
    server.post(PATH).by(&server.token("jane", "")).key(key).json(one_of("p003")).send()
}

on_every_store! {
    fn an_order_is_placed_and_paid(server: &TestServer) {
        server.open_shop();
        server.behave(r#""callback": "off""#);
        let reply = place(server, "k");
        let payable = Payable::of(&reply);
        let secret = reply.text("/clientSecret");
        assert_eq!(reply.header("location"), Some("/api/orders/ORD1"));
        assert_eq!(
            reply.body,
            format!(r#"{{"orderId":"ORD1","clientSecret":"{secret}","totalAmount":209.99}}"#)
        );
        let order = server.get("/api/orders/ORD1").by(&server.token("jane", "")).send();
        assert_eq!(order.text("/status"), "pending");
        assert_eq!(order.text("/expires_at"), "2025-06-27T12:30:00Z");
        assert_eq!(order.at("/retrieval_id"), "null");
        assert_eq!(server.shelf("p003"), (1, 1));
        assert_eq!(
            order.at("/payments"),
            concat!(
                r#"[{"payment_id":"pay_1_1","method":"credit_card","status":"open","#,
                r#""amount":209.99,"provider_reference":null,"failure":null,"#,
                r#""created_at":"2025-06-27T12:00:00Z"}]"#
            )
        );
        server.at_provider(&payable.intent, "confirm");
        let paid = server.patch("/api/orders/ORD1/paid").by(&server.token("jane", "")).send();
        assert_eq!(paid.to_string(), "204\netag: \"5\"");
        let order = server.get("/api/orders/ORD1").by(&server.staff()).send();
        assert_eq!(order.text("/status"), "confirmed");
        assert_eq!(order.text("/payment_status"), "paid");
        assert_eq!(order.text("/invoice_number"), "INV-2025-000001");
        assert_eq!(order.at("/expires_at"), "null");
        assert_eq!(order.text("/payments/0/provider_reference"), payable.intent);
        let events = server.get("/api/events").by(&server.staff()).send();
        let types = (0..5).map(|nth| events.text(&format!("/events/{nth}/type")));
        let expected = [
            "order.created",
            "payment.created",
            "payment.captured",
            "order.paid",
            "order.confirmed",
        ];
        assert_eq!(types.collect::<Vec<_>>(), expected);
        for shown in [&order, &events] {
            assert!(!shown.body.contains("_secret_"), "a secret is its customer's: {shown}");
        }
        let repeated = place(server, "k");
        assert_eq!((repeated.status, &repeated.body), (200, &reply.body));
        assert_eq!(repeated.header("idempotent-replayed"), Some("true"));
        assert_eq!(repeated.header("location"), Some("/api/orders/ORD1"));
    }

    fn what_the_provider_refuses_is_not_placed(server: &TestServer) {
        server.open_shop();
        server.behave(r#""fail_next": 1"#);
        assert_eq!(place(server, "k").refusal(), FAILED);
        let order = server.get("/api/orders/ORD1").by(&server.staff()).send();
        assert_eq!(order.text("/status"), "cancelled");
        assert_eq!(order.text("/payments/0/status"), "failed");
        assert_eq!(server.shelf("p003"), (1, 0));
        let reply = place(server, "k");
        assert_eq!(Payable::of(&reply).order, "ORD2", "the key was free again");
        assert_eq!(reply.header("idempotent-replayed"), None);
    }

    fn one_key_is_one_order_also_while_the_provider_thinks(server: &TestServer) {
        server.open_shop();
        server.behave(r#""delay_ms": 300"#);
        let jane = server.token("jane", "");
        let calls = (0..16).map(|_| server.post(PATH).by(&jane).key("k").json(one_of("p003")));
        let replies = server.at_once(calls.collect());
        let first = Payable::of(&replies[0]);
        assert!(replies.iter().all(|it| Payable::of(it) == first), "{replies:?}");
        let replayed = replies.iter().filter(|it| it.header("idempotent-replayed").is_some());
        assert_eq!(replayed.count(), 15);
        assert_eq!(server.shelf("p003"), (1, 1));
    }

    fn the_last_unit_is_sold_once(server: &TestServer) {
        server.open_shop();
        let calls = (0..32).map(|client| {
            let token = server.token(&format!("client-{client}"), "");
            let path = if client % 2 == 0 { PATH } else { "/api/orders" };
            server.post(path).by(&token).json(one_of("p003"))
        });
        let replies = server.at_once(calls.collect());
        let placed = replies.iter().filter(|it| it.status < 300).count();
        let refused = replies.iter().filter(|it| it.status == 400).count();
        assert_eq!((placed, refused), (1, 31));
        assert_eq!(server.shelf("p003"), (1, 1));
    }
}

/// What the provider did and did not answer is undone: the order is cancelled, and so is the intent
/// that nobody has heard of.
#[test]
fn an_answer_that_never_comes_is_a_failure() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""lose_answer_next": 1"#);
    let refusal = place(&server, "k").code();
    assert_eq!(refusal, "500 payment_initialization_failed");
    let order = server.get("/api/orders/ORD1").by(&server.staff()).send();
    assert_eq!(order.text("/status"), "cancelled");
    assert_eq!(server.shelf("p003"), (1, 0));
    assert_eq!(Payable::of(&place(&server, "k")).order, "ORD2");
    server.eventually("ORD1", "/payments/0/status", "cancelled");
}

#[test]
fn nothing_to_pay_is_paid_at_once() {
    let server = TestServer::start();
    server.open_shop();
    server.product("gift", r#""name": "Gift", "price": 0, "requires_shipping": false"#);
    server.stock("gift", 5);
    let place = || {
        let body = r#"{"items": [{"productId": "gift", "quantity": 1}]}"#;
        server.post(PATH).by(&server.token("jane", "")).key("k").json(body).send()
    };
    let reply = place();
    let expected = "200\ncontent-type: application/json\nlocation: /api/orders/ORD1\n\n\
        {\"orderId\":\"ORD1\",\"clientSecret\":null,\"totalAmount\":0.00}";
    assert_eq!(reply.to_string(), expected);
    let order = server.get("/api/orders/ORD1").by(&server.staff()).send();
    assert_eq!(order.text("/status"), "confirmed");
    assert_eq!(order.text("/payment_status"), "paid");
    let repeated = place();
    assert_eq!(repeated.body, reply.body);
    assert_eq!(repeated.header("idempotent-replayed"), Some("true"));
}

/// Past the bound a caller is told at once, and nothing of the order stays.
#[test]
fn so_many_wait_and_no_more() {
    let settings = Settings { payments_waiting_max: 2, ..Settings::default() };
    let server = TestServer::with(Wish { settings, ..Wish::default() });
    server.open_shop();
    server.behave(r#""delay_ms": 700"#);
    let calls = (0..12).map(|client| {
        let token = server.token(&format!("client-{client}"), "");
        server.post(PATH).by(&token).json(one_of("p001"))
    });
    let replies = server.at_once(calls.collect());
    let placed = replies.iter().filter(|it| it.status == 200).count();
    assert!((2..12).contains(&placed), "{placed}");
    for reply in replies.iter().filter(|it| it.status != 200) {
        assert_eq!(reply.code(), "503 overloaded");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    assert_eq!(server.shelf("p001").1, i64::try_from(placed).unwrap());
    // Whoever pays later does not wait for any of this.
    assert_eq!(server.order("jane", "p001", 1), format!("ORD{}", placed + 1));
}

#[test]
fn whoever_has_waited_long_enough_is_told_to_come_again() {
    let payment_patience = Duration::from_millis(100);
    let settings = Settings { payment_patience, ..Settings::default() };
    let server = TestServer::with(Wish { settings, ..Wish::default() });
    server.open_shop();
    server.behave(r#""delay_ms": 1000"#);
    let reply = place(&server, "k");
    assert_eq!(
        reply.refusal(),
        "409 idempotency_key_in_use: The first request with this Idempotency-Key is still waiting \
         for its outcome"
    );
    assert_eq!(reply.header("retry-after"), Some("1"));
    let again = loop {
        let reply = place(&server, "k");
        if reply.status != 409 {
            break reply;
        }
    };
    assert_eq!(Payable::of(&again).order, "ORD1");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let jane = server.token("jane", "");
    let reply = server.post(PATH).by(&jane).json(one_of("p001")).send();
    assert_eq!(
        reply.refusal(),
        "503 payment_provider_unavailable: The payment provider has not answered; go on with POST \
         /api/orders/ORD2/payments"
    );
    server.eventually("ORD2", "/payments/0/status", "open");
}

#[test]
fn who_may_place_for_whom() {
    let server = TestServer::start();
    server.open_shop();
    let place = |token: &str, user: &str| {
        let body = one_of("p001").replacen('{', &format!("{{{user}"), 1);
        server.post(PATH).by(token).json(body).send()
    };
    let jane = server.token("jane", "");
    let other = place(&jane, r#""customerId": "joe", "#);
    assert_eq!(other.refusal(), "403 forbidden: A customer can't act for another customer");
    let unnamed = place(&server.staff(), "");
    assert_eq!(unnamed.code(), "400 validation_failed");
    for user in [r#""customerId": "joe", "#, r#""user_id": null, "#] {
        assert_eq!(place(&server.token("erp", "orders:write"), user).status, 200);
    }
    assert_eq!(server.get("/api/orders/ORD1").by(&jane).send().status, 404);
    assert_eq!(server.get("/api/orders/ORD1").by(&server.token("joe", "")).send().status, 200);
}

/// What nobody pays in time is for sale again; what is paid too late comes back if it can.
#[test]
fn a_reservation_runs_out() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let late = server.payable("jane", "p003", 1);
    server.clock().advance_ms(30 * 60 * 1000);
    let expired = server.eventually(&late.order, "/status", "cancelled");
    assert_eq!(expired.at("/expires_at"), "null");
    assert_eq!(server.shelf("p003"), (1, 0));
    let news = server.get("/api/events?types=order.cancelled").by(&server.staff()).send();
    assert_eq!(news.text("/events/0/data/cause"), "expired");
    assert_eq!(news.text("/events/0/actor"), "system:jobs");
}
