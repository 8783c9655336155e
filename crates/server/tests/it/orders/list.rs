//! `GET /api/orders`.

use server::auth::Grant;
use testkit::server::{Reply, TestServer};

/// Six orders a minute apart: jane's odd ones, joe's even ones; 3 is shipped, 4 cancelled.
fn shop() -> TestServer {
    let server = TestServer::start();
    server.open_shop();
    for _ in 0..3 {
        server.order("jane", "p001", 1);
        server.clock().advance_ms(60_000);
        server.order("joe", "p001", 1);
        server.clock().advance_ms(60_000);
    }
    server.advance("ORD3", "shipped");
    server.advance("ORD4", "cancelled");
    server
}

fn list(server: &TestServer, token: &str, query: &str) -> Reply {
    server.get(&format!("/api/orders?{query}")).by(token).send()
}

fn ids(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply}");
    let ids = (0..).map_while(|index| {
        let pointer = format!("/orders/{index}/order_id");
        reply.has(&pointer).then(|| reply.text(&pointer).trim_start_matches("ORD").to_owned())
    });
    ids.collect::<Vec<_>>().join(" ")
}

#[test]
fn filters_and_sorts() {
    let server = shop();
    let check = |query: &str, expected: &str| {
        assert_eq!(ids(&list(&server, &server.staff(), query)), expected, "{query}");
    };
    check("", "6 5 4 3 2 1");
    check("sort=-created_at", "6 5 4 3 2 1");
    check("sort=created_at", "1 2 3 4 5 6");
    check("user_id=jane", "5 3 1");
    check("user_id=nobody", "");
    check("status=confirmed", "6 5 2 1");
    check("status=shipped,cancelled", "4 3");
    check("status=shipped&status=cancelled&sort=created_at", "3 4");
    check("status=pending", "");
    check("user_id=joe&status=confirmed", "6 2");
    check("store_id=1", "6 5 4 3 2 1");
    check("store_id=2", "");
    check("created_from=2025-06-27T12:04:00Z", "6 5");
    check("created_from=2025-06-27T12:04:00.001Z", "6");
    check("created_to=2025-06-27T12:01:00Z", "2 1");
    check("created_to=2025-06-27T14:00:59.999%2B02:00", "1");
    check("created_from=2025-06-27T12:01:00Z&created_to=2025-06-27T12:02:00Z", "3 2");
    check("created_from=2026-01-01T00:00:00Z&created_to=2025-01-01T00:00:00Z", "");
}

#[test]
fn entries_are_orders_without_their_parts() {
    let server = shop();
    let reply = list(&server, &server.staff(), "status=shipped&count=true");
    assert_eq!(reply.at("/count"), "1");
    assert_eq!(reply.at("/next_cursor"), "null");
    assert_eq!(reply.at("/orders/0/total"), "20.00");
    assert_eq!(reply.text("/orders/0/retrieval_id"), "1-3");
    for part in ["items", "shipping_address", "payments", "contact", "shipments"] {
        assert!(!reply.has(&format!("/orders/0/{part}")), "{part}");
    }
}

/// Customers see their own orders, staff those of their stores.
#[test]
fn lists_are_narrowed_to_what_the_caller_may_see() {
    let server = shop();
    let jane = server.token("jane", "");
    assert_eq!(ids(&list(&server, &jane, "")), "5 3 1");
    assert_eq!(ids(&list(&server, &jane, "user_id=jane&status=shipped")), "3");
    assert_eq!(list(&server, &jane, "count=true").at("/count"), "3");
    let another = "403 forbidden: A customer can't act for another customer";
    assert_eq!(list(&server, &jane, "user_id=joe").refusal(), another);
    let staff_of =
        |stores| server.grant(&Grant { subject: "s", scope: "staff", stores, ..Grant::default() });
    assert_eq!(ids(&list(&server, &staff_of(Some(&[1])), "")), "6 5 4 3 2 1");
    for (stores, query) in [(&[2][..], ""), (&[2], "store_id=1"), (&[], ""), (&[], "store_id=1")] {
        let reply = list(&server, &staff_of(Some(stores)), query);
        assert_eq!(ids(&reply), "", "{stores:?} {query}");
    }
    let no_right = "403 forbidden: Your token does not give the right to do this";
    let reply = list(&server, &server.token("erp", "orders:write events:read"), "");
    assert_eq!(reply.refusal(), no_right);
}

#[test]
fn what_a_list_can_not_be_asked() {
    let server = shop();
    let check = |query: &str, expected: &str| {
        assert_eq!(list(&server, &server.staff(), query).code(), expected, "{query}");
    };
    for query in ["page=2", "Status=shipped", "status%5B%5D=shipped", "dry=1&wet=2"] {
        check(query, "400 unknown_parameter");
    }
    for query in [
        "status=lost",
        "status=",
        "status=shipped,",
        "sort=total",
        "sort=created_at&sort=created_at",
        "user_id=a%20b",
        "store_id=0",
        "store_id=x",
        "created_from=yesterday",
        "created_to=2025",
        "count=1",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=ten",
        "user_id=%FF",
        "limit=99999999999999999999",
        "created_from=2025-06-27T12:00:00",
    ] {
        check(query, "400 validation_failed");
    }
    assert_eq!(
        list(&server, &server.staff(), "limit=0&status=lost&x=1").refusal(),
        "400 validation_failed: status must be one of pending, confirmed, shipped, delivered, \
         cancelled; limit must be a whole number from 1 to 200; x is not a parameter of this call \
         [/status unknown_value, /limit out_of_range, /x unknown_parameter]"
    );
}
