//! `POST /api/orders/{id}/refunds`.

use testkit::server::{Reply, TestServer};

fn refund(server: &TestServer, token: &str, order: &str, body: &str) -> Reply {
    server.post(&format!("/api/orders/{order}/refunds")).by(token).json(body).send()
}

on_every_store! {
    fn a_provider_gives_back_what_it_took(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        let paid = server.paid("jane", "p001", 2);
        let reply = refund(server, &staff, &paid.order, r#"{"amount": 10, "reason": "scratched"}"#);
        assert_eq!(reply.header("location"), Some("/api/orders/ORD1"));
        assert_eq!(reply.header("etag"), Some("\"6\""));
        assert_eq!(
            reply.body,
            concat!(
                r#"{"refund_id":"re_1_1","payment_id":"pay_1_1","status":"pending","#,
                r#""amount":10.00,"method":"credit_card","items":[],"shipping":0.00,"#,
                r#""reason":"scratched","failure":null,"created_at":"2025-06-27T12:00:00Z"}"#
            )
        );
        assert_eq!(reply.status, 201);
        let order = server.eventually("ORD1", "/refunds/0/status", "succeeded");
        assert_eq!(order.text("/payment_status"), "partially_refunded");
        assert_eq!(order.at("/refunded_total"), "10.00");
        let shown = server.get("/api/orders/ORD1").by(&server.token("jane", "")).send();
        assert_eq!(shown.at("/refunds/0/reason"), "null", "the shop's own reason");
        let too_much = refund(server, &staff, &paid.order, r#"{"amount": 20.01}"#);
        assert_eq!(
            too_much.refusal(),
            "409 refund_exceeds_payment: 20.01 USD is more than the 20.00 USD left to refund"
        );
        assert_eq!(refund(server, &staff, &paid.order, r#"{"amount": 20}"#).status, 201);
        let order = server.eventually("ORD1", "/payment_status", "refunded");
        assert_eq!(order.at("/refunded_total"), "30.00");
        let intent = server.get(&format!("/sandbox/payments/{}", paid.intent)).by(&staff).send();
        assert_eq!(intent.at("/refunded"), "30.00");
    }

    fn goods_go_back_on_the_shelf(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        let paid = server.paid("jane", "p001", 5);
        let body = r#"{"items": [{"line": 1, "quantity": 2}], "shipping": 4, "restock": true}"#;
        let reply = refund(server, &staff, &paid.order, body);
        assert_eq!((reply.status, reply.at("/amount")), (201, "24.00"));
        assert_eq!(
            reply.at("/items"),
            concat!(
                r#"[{"line":1,"quantity":2,"amount":20.00,"cancelled_quantity":2,"#,
                r#""returned_quantity":0}]"#
            )
        );
        assert_eq!(server.shelf("p001"), (100, 3), "they are not held any more");
        server.advance(&paid.order, "shipped");
        assert_eq!(server.shelf("p001"), (97, 0));
        assert_eq!(refund(server, &staff, &paid.order, body).status, 201);
        assert_eq!(server.shelf("p001"), (99, 0), "they came back");
        let order = server.eventually("ORD1", "/items/0/refunded_quantity", "4");
        assert_eq!(order.at("/items/0/cancelled_quantity"), "2");
        assert_eq!(order.at("/items/0/returned_quantity"), "2");
        assert_eq!(
            refund(server, &staff, &paid.order, body).refusal(),
            "409 refund_exceeds_payment: 4.00 USD is more than the 2.00 USD left to refund \
             [/shipping refund_exceeds_payment, /items/0 refund_exceeds_payment]"
        );
        let goods = body.replace(r#", "shipping": 4"#, "");
        assert_eq!(
            refund(server, &staff, &paid.order, &goods).refusal(),
            "409 refund_exceeds_payment: 2 of line 1 is more than 1 left [/items/0 \
             refund_exceeds_payment]"
        );
    }

    /// Fifty at once: never more goes back than was paid.
    fn of_many_refunds_at_once_no_more_than_was_paid(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        let paid = server.paid("jane", "p001", 9);
        let calls = (0..50).map(|_| {
            server.post(&paid.path("/refunds")).by(&staff).json(r#"{"amount": 7}"#)
        });
        let replies = server.at_once(calls.collect());
        let made = replies.iter().filter(|it| it.status == 201).count();
        assert_eq!(made, 14, "14 times 7.00 of 100.00");
        for refused in replies.iter().filter(|it| it.status != 201) {
            assert_eq!(
                refused.refusal(),
                "409 refund_exceeds_payment: 7.00 USD is more than the 2.00 USD left to refund"
            );
        }
        let order = server.eventually("ORD1", "/refunded_total", "98.00");
        assert_eq!(order.text("/payment_status"), "partially_refunded");
    }
}

/// A refund that the provider does not make can be asked for again.
#[test]
fn a_refund_may_fail() {
    let server = TestServer::start();
    server.open_shop();
    let staff = server.staff();
    let paid = server.paid("jane", "p001", 2);
    server.behave(r#""fail_next": 1"#);
    assert_eq!(refund(&server, &staff, &paid.order, r#"{"amount": 30}"#).status, 201);
    let order = server.eventually("ORD1", "/refunds/0/status", "failed");
    let why = "Your card issuer cannot be reached. Please try again later.";
    assert_eq!(order.text("/refunds/0/failure"), why);
    assert_eq!(order.text("/payment_status"), "paid");
    let shown = server.get("/api/orders/ORD1").by(&server.token("jane", "")).send();
    assert_eq!(shown.at("/refunds/0/failure"), "null");
    assert_eq!(refund(&server, &staff, &paid.order, r#"{"amount": 30}"#).status, 201);
    server.eventually("ORD1", "/payment_status", "refunded");
}

/// Money that no provider took goes back by hand, and machine clients may write that down.
#[test]
fn refunds_by_record() {
    let server = TestServer::start();
    server.open_shop();
    let (staff, erp) = (server.staff(), server.token("erp", "orders:write"));
    let order = server.order("jane", "p001", 2);
    let unpaid = refund(&server, &erp, &order, r#"{"amount": 1}"#);
    assert_eq!(
        unpaid.refusal(),
        "409 refund_exceeds_payment: 1.00 USD is more than the 0.00 USD left to refund"
    );
    assert_eq!(server.patch("/api/orders/ORD1/paid").by(&staff).send().status, 204);
    let reply = refund(&server, &erp, &order, r#"{"amount": 1}"#);
    assert_eq!(reply.status, 201, "{reply}");
    assert_eq!(
        (reply.text("/method"), reply.text("/status")),
        ("manual".into(), "succeeded".into())
    );
    let forbidden = "403 forbidden: Your token does not give the right to do this";
    let paid = server.paid("jane", "p001", 1);
    assert_eq!(refund(&server, &erp, &paid.order, r#"{"amount": 1}"#).refusal(), forbidden);
    let open = server.payable("jane", "p001", 1);
    assert_eq!(refund(&server, &erp, &open.order, r#"{"amount": 1}"#).refusal(), forbidden);
    for token in [server.token("jane", ""), server.token("x", "orders:read")] {
        assert_eq!(refund(&server, &token, &order, r#"{"amount": 1}"#).refusal(), forbidden);
    }
    let missing = refund(&server, &erp, "ORD99", r#"{"amount": 1}"#);
    assert_eq!(missing.refusal(), "404 order_not_found: Order not found");
    // On account, its money is collected by hand as well.
    server.advance(&open.order, "confirmed");
    server.eventually(&open.order, "/payments/0/status", "cancelled");
    assert_eq!(server.patch(&open.path("/paid")).by(&staff).send().status, 204);
    assert_eq!(refund(&server, &staff, &open.order, r#"{"amount": 1}"#).text("/method"), "manual");
}

#[test]
fn refunds_in_every_status() {
    let server = TestServer::start();
    server.open_shop();
    for way in [&[][..], &["shipped"], &["shipped", "delivered"]] {
        let paid = server.paid("jane", "p001", 1);
        way.iter().for_each(|to| server.advance(&paid.order, to));
        let reply = refund(&server, &server.staff(), &paid.order, r#"{"shipping": 10}"#);
        assert_eq!((reply.status, reply.at("/amount")), (201, "10.00"), "{way:?}");
    }
    let cancelled = server.paid("jane", "p001", 1);
    server.advance(&cancelled.order, "cancelled");
    let order = server.eventually(&cancelled.order, "/payment_status", "refunded");
    assert_eq!(order.at("/refunded_total"), "20.00", "it went back by itself");
    let reply = refund(&server, &server.staff(), &cancelled.order, r#"{"amount": 0.01}"#);
    assert_eq!(reply.code(), "409 refund_exceeds_payment");
}

#[test]
fn what_a_refund_may_say() {
    let server = TestServer::start();
    server.open_shop();
    let paid = server.paid("jane", "p001", 1);
    let check = |body: &str, expected: &str| {
        assert_eq!(
            refund(&server, &server.staff(), &paid.order, body).refusal(),
            expected,
            "{body}"
        );
    };
    let one_of_both = "400 validation_failed: The body must have either an amount, or items or \
        shipping [ amount_or_items]";
    check("{}", one_of_both);
    check(r#"{"reason": "x"}"#, one_of_both);
    check(r#"{"amount": 1, "items": [{"line": 1, "quantity": 1}]}"#, one_of_both);
    check(r#"{"amount": 1, "shipping": 1}"#, one_of_both);
    check(
        r#"{"amount": 1, "restock": true}"#,
        "400 validation_failed: restock must stand beside items [/restock restock_without_items]",
    );
    check(
        r#"{"items": [], "restock": 1, "extra": 1}"#,
        "400 validation_failed: items must have 1 to 500 elements; restock must be true or false, \
         not a number; extra is not a field of this document [/items invalid_length, /restock \
         invalid_type, /extra unknown_field]",
    );
    check(
        r#"{"items": [{"line": 0, "quantity": 0, "sku": "a"}]}"#,
        "400 validation_failed: items/0/line must be a whole number from 1 to 4294967295; \
         items/0/quantity must be a whole number from 1 to 1000000; items/0/sku is not a field of \
         this document [/items/0/line out_of_range, /items/0/quantity out_of_range, /items/0/sku \
         unknown_field]",
    );
    for amount in ["0", "-1"] {
        check(
            &format!(r#"{{"amount": {amount}}}"#),
            "400 validation_failed: The amount to refund must be more than zero [/amount \
             validation_failed]",
        );
    }
    check(
        r#"{"amount": 1.001}"#,
        "400 validation_failed: An amount must have at most 2 decimals in this currency [/amount \
         validation_failed]",
    );
    check(
        r#"{"items": [{"line": 2, "quantity": 1}]}"#,
        "400 validation_failed: The order has no line 2 [/items/0 validation_failed]",
    );
    check(
        r#"{"amount": 1, "reason": "4111 1111 1111 1111"}"#,
        "400 card_data_refused: reason must not hold payment card data [/reason card_data_refused]",
    );
}
