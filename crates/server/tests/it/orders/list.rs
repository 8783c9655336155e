//! `GET /api/orders`.

use std::time::Duration;

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
    check("user_id=jane,joe&status=shipped,cancelled", "4 3");
    check("user_id=jane&user_id=nobody", "5 3 1");
    check("customerId=joe,jane&sort=created_at", "1 2 3 4 5 6");
    check("payment_status=unpaid", "6 5 4 3 2 1");
    check("payment_status=paid,refunded", "");
    check("shipping_status=shipped,cancelled", "4 3");
    check("shipping_status=processing&user_id=jane", "5 1");
    check("review_status=none&on_hold=false", "6 5 4 3 2 1");
    check("review_status=under_review", "");
    check("on_hold=true", "");
    check("updated_since=2025-06-27T12:06:00Z", "4 3");
    check("updated_since=2025-06-27T12:06:00.001Z", "");
    check("sort=updated_at", "1 2 5 6 3 4");
    check("sort=updated_at&updated_since=2025-06-27T12:05:00Z", "6 3 4");
    check("sort=updated_at&user_id=joe", "2 6 4");
}

fn held_shop() -> TestServer {
    let server = shop();
    let hold = server.post("/api/orders/ORD5/hold").by(&server.staff());
    assert_eq!(hold.json(r#"{"reason": "looks odd"}"#).send().status, 200);
    server
}

#[test]
fn what_is_on_hold() {
    let server = held_shop();
    assert_eq!(ids(&list(&server, &server.staff(), "on_hold=true")), "5");
    assert_eq!(ids(&list(&server, &server.staff(), "on_hold=false&status=confirmed")), "6 2 1");
}

/// Asks until the list has come up to what was written; it says so itself.
fn settled(server: &TestServer, query: &str) -> Reply {
    let last = server.get("/api/events?limit=200").by(&server.staff()).send();
    let last: u64 = last.at("/last_seq").parse().unwrap();
    for _ in 0..500 {
        let reply = list(server, &server.staff(), query);
        assert_eq!(reply.status, 200, "{reply}");
        let as_of: u64 = reply.at("/as_of_seq").parse().unwrap();
        if as_of >= last {
            return reply;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the list has not come up to event {last}");
}

on_every_store! {
    fn lists_that_may_lag(server: &TestServer) {
        server.open_shop();
        server.order("jane", "p001", 1);
        server.stock("p003", 10);
        server.order("joe", "p003", 3);
        server.order("jane", "p001", 2);
        server.order("ann", "p003", 1);
        let check = |query: &str, expected: &str| {
            assert_eq!(ids(&settled(server, query)), expected, "{query}");
        };
        check("product_id=p001", "3 1");
        check("product_id=p001&sort=created_at", "1 3");
        check("product_id=p002,p003", "4 2");
        check("product_id=p001&user_id=ann", "");
        check("product_id=never", "");
        check("sort=-total&product_id=p001", "3 1");
        check("q=ORD2", "2");
        check("q=ord2", "2");
        check("q=1-3", "3");
        check("q=jane&product_id=p001", "3 1");
        check("q=joe", "2");
        check("q=nobody", "");
        let by_total = settled(server, "sort=-total");
        let totals: Vec<f64> = (0..4)
            .map(|index| by_total.at(&format!("/orders/{index}/total")).parse().unwrap())
            .collect();
        assert!(totals.is_sorted_by(|one, next| one >= next), "{totals:?}");
    }

    fn a_name_and_a_parcel_are_found(server: &TestServer) {
        server.open_shop();
        let order = r#"{"user_id": null, "items": [{"product_id": "p001", "quantity": 1}],
            "shipping_address": {"name": "Zoë O'Hara", "address": "1 Main St",
                "city": "New York", "state": "NY", "zip": "10001", "country": "US"},
            "contact": {"email": "Zoe.O@Example.com"}}"#;
        let placed = server.post("/api/orders").by(&server.staff()).json(order).send();
        assert_eq!(placed.status, 204, "{placed}");
        server.order("jane", "p001", 1);
        let shipped = server.put("/api/orders/ORD2/status").by(&server.staff());
        let parcel = r#"{"status": "shipped", "tracking_number": "JD01 460 0000"}"#;
        assert_eq!(shipped.json(parcel).send().status, 200);
        let check = |q: &str, expected: &str| {
            assert_eq!(ids(&settled(server, &format!("q={q}"))), expected, "{q}");
        };
        check("zo%C3%AB", "1");
        check("ZO%C3%8B+ohar", "");
        check("Zo%C3%AB%20o%27ha", "1");
        check("hara", "1");
        check("zoe.o%40example.com", "1");
        check("example.com", "");
        check("jd014600000", "2");
        check("460", "2");
        let mine = list(server, &server.token("jane", ""), "q=hara");
        assert_eq!(ids(&mine), "", "another customer's");
    }
}

#[test]
fn pages_by_total_go_on_where_the_last_one_ended() {
    let server = TestServer::start();
    server.open_shop();
    for quantity in [1, 2, 1, 3, 2, 1] {
        server.order("jane", "p001", quantity);
    }
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = settled(&server, &format!("sort=-total&limit=2{cursor}"));
        found.push(ids(&page));
        if page.at("/next_cursor") == "null" {
            break;
        }
        cursor = format!("&cursor={}", page.text("/next_cursor"));
    }
    assert_eq!(found, ["4 5", "2 6", "3 1"]);
}

#[test]
fn entries_have_the_parts_that_are_asked_for() {
    let server = shop();
    let reply = list(&server, &server.staff(), "limit=1&expand=items,addresses");
    assert_eq!(reply.text("/orders/0/items/0/product_id"), "p001");
    assert_eq!(reply.text("/orders/0/shipping_address/country"), "US");
    assert_eq!(reply.at("/orders/0/billing_address"), "null");
    assert_eq!(reply.at("/orders/0/contact/phone"), "null");
    assert!(!reply.has("/orders/0/payments"), "{reply}");
    let reply = list(&server, &server.staff(), "limit=1&expand=payments");
    assert_eq!((reply.at("/orders/0/payments"), reply.at("/orders/0/refunds")), ("[]", "[]"));
    assert!(!reply.has("/orders/0/items") && !reply.has("/orders/0/contact"), "{reply}");
    // A page may have more parts than the one before it.
    let first = list(&server, &server.staff(), "limit=1");
    let next = format!("limit=1&expand=items&cursor={}", first.text("/next_cursor"));
    assert_eq!(list(&server, &server.staff(), &next).text("/orders/0/order_id"), "ORD5");
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

/// Entries are kept as they were told: apart for customers and the shop, and until the order
/// changes.
#[test]
fn entries_follow_their_orders() {
    let server = shop();
    let (staff, jane) = (server.staff(), server.token("jane", ""));
    let first = |token: &str| list(&server, token, "limit=1&user_id=jane");
    let check = |version: &str, on_hold: &str, told: &str| {
        for _ in 0..2 {
            let (shop, customer) = (first(&staff), first(&jane));
            for reply in [&shop, &customer] {
                assert_eq!(reply.at("/orders/0/version"), version, "{reply}");
                assert_eq!(reply.at("/orders/0/on_hold"), on_hold, "{reply}");
            }
            assert_eq!(shop.at("/orders/0/hold_reason"), told);
            assert_eq!(customer.at("/orders/0/hold_reason"), "null", "it is the shop's own");
            let whole = list(&server, &staff, "limit=1&user_id=jane&expand=items");
            assert_eq!(whole.at("/orders/0/version"), version, "{whole}");
        }
    };
    let version: u64 = first(&staff).at("/orders/0/version").parse().unwrap();
    check(&version.to_string(), "false", "null");
    let hold = server.post("/api/orders/ORD5/hold").by(&staff);
    assert_eq!(hold.json(r#"{"reason": "looks odd"}"#).send().status, 200);
    check(&(version + 1).to_string(), "true", r#""looks odd""#);
    let release = server.post("/api/orders/ORD5/release").by(&staff);
    assert_eq!(release.json(r#"{"reason": "is fine"}"#).send().status, 200);
    check(&(version + 2).to_string(), "false", "null");
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
        "sort=-updated_at",
        "payment_status=confirmed",
        "shipping_status=paid",
        "review_status=maybe",
        "on_hold=1",
        "on_hold=true&on_hold=true",
        "product_id=a%20b",
        "product_id=",
        "updated_since=yesterday",
        "q=",
        "q=a&q=b",
        "expand=everything",
        "expand=items,",
        "user_id=jane&customerId=jane",
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
