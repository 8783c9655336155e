//! `POST /api/orders/{id}/payments`.

use testkit::server::{Payable, Reply, TestServer};

fn start(server: &TestServer, token: &str, order: &str) -> Reply {
    server.post(&format!("/api/orders/{order}/payments")).by(token).send()
}

on_every_store! {
    fn the_open_intent_is_given_again_and_a_new_one_after_a_decline(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let first = server.payable("jane", "p001", 2);
        let again = start(server, &jane, &first.order);
        assert_eq!(Payable::of(&again), first);
        assert_eq!(again.at("/totalAmount"), "30.00");
        server.at_provider(&first.intent, "decline");
        server.eventually(&first.order, "/payments/0/status", "failed");
        let second = Payable::of(&start(server, &jane, &first.order));
        assert_ne!(second.intent, first.intent);
        assert_eq!(Payable::of(&start(server, &jane, &first.order)), second);
        server.at_provider(&second.intent, "confirm");
        let order = server.eventually(&first.order, "/payment_status", "paid");
        assert_eq!(order.text("/payments/1/status"), "captured");
        assert_eq!(order.at("/paid_total"), "30.00");
    }

    fn a_failure_leaves_the_order_pending(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let first = server.payable("jane", "p001", 2);
        server.at_provider(&first.intent, "decline");
        server.eventually(&first.order, "/payments/0/status", "failed");
        server.behave(r#""fail_next": 1"#);
        let start = || server.post(&first.path("/payments")).by(&jane).key("k").send();
        assert_eq!(
            start().refusal(),
            "500 payment_initialization_failed: Failed to initialize payment: Your card issuer \
             cannot be reached. Please try again later."
        );
        let order = server.get(&first.path("")).by(&jane).send();
        assert_eq!(order.text("/status"), "pending");
        let third = start();
        assert_eq!(third.header("idempotent-replayed"), None, "the key was free again");
        let third = Payable::of(&third);
        assert_eq!(Payable::of(&start()), third);
        server.at_provider(&third.intent, "confirm");
        server.eventually(&first.order, "/status", "confirmed");
    }
}

#[test]
fn what_is_not_to_be_paid() {
    let server = TestServer::start();
    server.open_shop();
    let jane = server.token("jane", "");
    let check = |token: &str, order: &str, expected: &str| {
        assert_eq!(start(&server, token, order).refusal(), expected);
    };
    let cash = server.order("jane", "p001", 1);
    check(
        &jane,
        &cash,
        "400 not_prepaid: Order ORD1 is not prepaid; the shop collects its payment",
    );
    let paid = server.paid("jane", "p001", 1);
    check(&jane, &paid.order, "400 already_paid: Order has already been marked as paid");
    let cancelled = server.payable("jane", "p001", 1);
    assert_eq!(server.delete(&cancelled.path("")).by(&jane).send().status, 200);
    check(
        &jane,
        &cancelled.order,
        "409 order_already_processed: Order ORD3 is cancelled; no payment can be started",
    );
    let working = server.payable("jane", "p001", 1);
    server.at_provider(&working.intent, "processing");
    server.eventually(&working.order, "/payments/0/status", "processing");
    let refused = start(&server, &jane, &working.order);
    assert_eq!(
        refused.refusal(),
        "409 order_already_processed: Order ORD4 is pending; no payment can be started"
    );
    assert_eq!(refused.text("/current_status"), "pending");
    let on_account = server.payable("jane", "p001", 1);
    server.advance(&on_account.order, "confirmed");
    check(
        &jane,
        &on_account.order,
        "409 order_already_processed: Order ORD5 is confirmed; no payment can be started",
    );
    check(&server.token("joe", ""), &paid.order, "404 order_not_found: Order not found");
    check(&server.staff(), "ORD99", "404 order_not_found: Order not found");
    let open = server.payable("jane", "p001", 1);
    let call = server.post(&open.path("/payments")).by(&jane).if_match("\"1\"");
    assert_eq!(call.send().code(), "412 version_mismatch");
    assert_eq!(Payable::of(&start(&server, &server.token("erp", "orders:write"), "ORD6")), open);
}
