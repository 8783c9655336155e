//! `/sandbox/*`: a tester plays the customer and the provider.

use testkit::server::{Payable, Provider, Reply, TestServer, Wish};

fn act(server: &TestServer, intent: &str, verb: &str) -> Reply {
    server.post(&format!("/sandbox/payments/{intent}/{verb}")).by(&server.staff()).send()
}

#[test]
fn an_intent_is_shown_as_the_provider_sees_it() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let payable = server.payable("jane", "p001", 2);
    let path = format!("/sandbox/payments/{}", payable.intent);
    let shown = server.get(&path).by(&server.staff()).send();
    let expected = format!(
        "{{\"intent_id\":\"{}\",\"order_id\":\"ORD1\",\"payment_id\":\"pay_1_1\",\
         \"state\":\"open\",\"amount\":30.00,\"currency\":\"USD\",\"refunded\":0.00,\
         \"message\":null,\"created_at\":\"2025-06-27T12:00:00Z\"}}",
        payable.intent
    );
    assert_eq!((shown.status, shown.body), (200, expected));
    let declined = act(&server, &payable.intent, "decline");
    assert_eq!(declined.text("/message"), "Your card was declined.");
}

/// Every way through the states, and what each refuses.
#[test]
fn what_a_customer_can_do() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    let check = |way: &[&str], state: &str, refused: &[&str]| {
        let Payable { intent, .. } = server.payable("jane", "p001", 1);
        for verb in way {
            assert_eq!(act(&server, &intent, verb).status, 200, "{way:?}");
        }
        let path = format!("/sandbox/payments/{intent}");
        assert_eq!(server.get(&path).by(&server.staff()).send().text("/state"), state);
        for verb in refused {
            let reply = act(&server, &intent, verb);
            assert_eq!(reply.code(), "409 intent_already_processed", "{way:?} {verb}");
        }
        assert_eq!(server.get(&path).by(&server.staff()).send().text("/state"), state);
    };
    check(&[], "open", &[]);
    check(&["confirm"], "succeeded", &["decline", "processing", "cancel"]);
    check(&["confirm", "confirm"], "succeeded", &[]);
    check(&["decline"], "declined", &[]);
    check(&["decline", "confirm"], "succeeded", &[]);
    check(&["processing"], "processing", &[]);
    check(&["processing", "decline"], "declined", &[]);
    check(&["processing", "confirm"], "succeeded", &[]);
    check(&["cancel"], "cancelled", &["confirm", "decline", "processing"]);
    let unknown = "404 intent_not_found: The payment sandbox has no such intent";
    for verb in ["confirm", "decline", "processing", "cancel"] {
        assert_eq!(act(&server, "pi_none", verb).refusal(), unknown);
    }
    let get = server.get("/sandbox/payments/pi_none").by(&server.staff()).send();
    assert_eq!(get.refusal(), unknown);
}

on_every_store! {
    /// What happens at the provider is told to the shop, without anybody asking.
    fn the_shop_is_told(server: &TestServer) {
        server.open_shop();
        let paid = server.payable("jane", "p001", 1);
        server.at_provider(&paid.intent, "confirm");
        server.eventually(&paid.order, "/payment_status", "paid");
        let given_up = server.payable("jane", "p001", 1);
        server.at_provider(&given_up.intent, "cancel");
        let order = server.eventually(&given_up.order, "/status", "cancelled");
        assert_eq!(order.text("/payments/0/status"), "cancelled");
        assert_eq!(server.shelf("p001"), (100, 1));
        server.behave(r#""callback": "late""#);
        let late = server.payable("jane", "p001", 1);
        server.at_provider(&late.intent, "confirm");
        server.clock().advance_ms(3_000);
        server.eventually(&late.order, "/payment_status", "paid");
    }
}

#[test]
fn how_the_provider_may_behave() {
    let server = TestServer::start();
    let put = |body: &str| server.put("/sandbox/behaviour").by(&server.staff()).json(body).send();
    assert_eq!(put("{}").to_string(), "204");
    let all = r#"{"delay_ms": 0, "fail_next": 0, "lose_answer_next": 0, "callback": "double"}"#;
    assert_eq!(put(all).status, 204);
    assert_eq!(
        put(r#"{"delay_ms": -1, "fail_next": 1.5, "callback": "never", "mood": "bad"}"#).refusal(),
        "400 validation_failed: callback must be one of on, off, double, late; delay_ms must be a \
         whole number from 0 to 600000; fail_next must be a whole number from 0 to 1000000000; \
         and 1 more [/callback unknown_value, /delay_ms out_of_range, /fail_next out_of_range, \
         /mood unknown_field]"
    );
    let confirm = |body: &str| {
        let call = server.post("/sandbox/payments/pi_1/confirm").by(&server.staff());
        call.json(body).send()
    };
    assert_eq!(confirm(r#"{"amount": 1}"#).code(), "404 intent_not_found");
    assert_eq!(
        confirm(r#"{"amount": -1, "tip": 1}"#).refusal(),
        "400 validation_failed: amount must not be negative; tip is not a field of this document \
         [/amount out_of_range, /tip unknown_field]"
    );
    // Nothing here can be rehearsed.
    let dry = server.put("/sandbox/behaviour?dry_run=true").by(&server.staff()).json("{}").send();
    assert_eq!(dry.code(), "400 unknown_parameter");
}

/// With another provider nobody could tell these addresses from any that are not there.
#[test]
fn there_is_no_sandbox_where_it_is_not_in_use() {
    let server = TestServer::with(Wish { provider: Provider::Remote, ..Wish::default() });
    for (method, path) in [("PUT", "/sandbox/behaviour"), ("GET", "/sandbox/payments/pi_1")] {
        let reply = server.call(method, path).by(&server.staff()).send();
        assert_eq!(reply.refusal(), "404 route_not_found: There is nothing at this address");
    }
}
