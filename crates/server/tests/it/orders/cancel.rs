//! `DELETE /api/orders/{id}`.

use testkit::server::TestServer;

on_every_store! {
    fn staff_cancel(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p003", 1);
        let call = server.delete(&format!("/api/orders/{order}?reason=sold+out"));
        let reply = call.by(&server.staff()).send();
        assert_eq!(
            reply.to_string(),
            "200\ncontent-type: application/json\netag: \"3\"\n\n\
             {\"message\":\"Order ORD1 cancelled successfully.\"}"
        );
        assert_eq!(server.shelf("p003"), (1, 0));
        assert_eq!(server.order("joe", "p003", 1), "ORD2", "what was reserved is for sale again");
    }
}

#[test]
fn who_may_cancel_what() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let shipped = server.order("jane", "p001", 1);
    server.advance(&shipped, "shipped");
    let check = |token: &str, id: &str, expected: &str| {
        let reply = server.delete(&format!("/api/orders/{id}")).by(token).send();
        assert_eq!(reply.refusal(), expected, "{id}");
    };
    let jane = server.token("jane", "");
    let only_the_shop = "403 forbidden: Order ORD1 is confirmed; only the shop can cancel it now";
    check(&jane, &order, only_the_shop);
    check(&jane, "1-1", only_the_shop);
    check(&server.token("joe", ""), &order, "404 order_not_found: Order not found");
    check(&server.token("joe", ""), "ORD9", "404 order_not_found: Order not found");
    check(&server.staff(), "what", "404 order_not_found: Order not found");
    let is_shipped =
        "409 order_already_processed: Order ORD2 is shipped; it can't become cancelled";
    check(&jane, &shipped, is_shipped);
    check(&server.staff(), &shipped, is_shipped);
    let erp = server.token("erp", "orders:write");
    assert_eq!(server.delete(&format!("/api/orders/{order}")).by(&erp).send().status, 200);
    check(
        &server.staff(),
        &order,
        "409 order_already_processed: Order ORD1 is cancelled; it can't become cancelled",
    );
    check(
        &server.token("erp", "orders:read events:read"),
        &order,
        "403 forbidden: Your token does not give the right to do this",
    );
}

#[test]
fn what_a_cancellation_may_say() {
    let server = TestServer::start();
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let check = |query: &str, body: &str, expected: &str| {
        let call = server.delete(&format!("/api/orders/{order}?{query}")).by(&server.staff());
        assert_eq!(call.json(body).send().refusal(), expected, "{query}");
    };
    check(
        "reason=4111+1111+1111+1111",
        "",
        "400 card_data_refused: reason must not hold payment card data [/reason card_data_refused]",
    );
    check(
        "reason=",
        "",
        "400 validation_failed: reason must not be blank [/reason invalid_length]",
    );
    check(
        "why=x",
        "{}",
        "400 unknown_parameter: why is not a parameter of this call [/why unknown_parameter]",
    );
    check(
        "",
        r#"{"reason": "x"}"#,
        "400 validation_failed: reason is not a field of this document [/reason unknown_field]",
    );
    check(
        "",
        "[]",
        "400 validation_failed: The body must be an object, not an array [ invalid_type]",
    );
    assert_eq!(server.last_seq(), 2);
}
