//! `PATCH /api/orders/{id}/paid`: staff have collected the money.

use testkit::server::TestServer;

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
            r#"[{"payment_id":"pay_1_1","method":"cash_on_delivery","status":"captured","amount":30.00,"created_at":"2025-06-27T12:00:00Z"}]"#
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
