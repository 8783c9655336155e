//! `GET /api/events`: the feed.

use testkit::server::{Reply, TestServer};

fn feed(server: &TestServer, query: &str) -> Reply {
    server.get(&format!("/api/events?{query}")).by(&server.token("erp", "events:read")).send()
}

/// Numbers and types, then `last_seq`.
fn told(page: &Reply) -> (String, String) {
    assert_eq!(page.status, 200, "{page}");
    let events = (0..).map_while(|nth| {
        let of = |name: &str| format!("/events/{nth}/{name}");
        let there = page.has(&of("seq"));
        there.then(|| format!("{} {}", page.at(&of("seq")), page.text(&of("type"))))
    });
    (events.collect::<Vec<_>>().join(", "), page.at("/last_seq").to_owned())
}

on_every_store! {
    fn events_come_in_the_order_of_commit(server: &TestServer) {
        server.open_shop();
        server.product("p001", r#""name": "USB Cable", "price": 10, "low_stock_at": 98"#);
        server.order("jane", "p001", 2);
        server.advance("ORD1", "shipped");
        server.patch("/api/orders/ORD1/paid").by(&server.staff()).send();
        server.advance("ORD1", "delivered");
        server.order("joe", "p001", 1);
        server.advance("ORD2", "cancelled");
        let check = |query: &str, events: &str, last_seq: &str| {
            assert_eq!(told(&feed(server, query)), (events.into(), last_seq.into()), "{query}");
        };
        check(
            "",
            "1 order.created, 2 order.confirmed, 3 stock.low, 4 shipment.created, \
             5 order.shipped, 6 payment.captured, 7 order.paid, 8 order.delivered, \
             9 order.created, 10 order.confirmed, 11 order.cancelled",
            "11",
        );
        check("after=9", "10 order.confirmed, 11 order.cancelled", "11");
        check("after=2&limit=2", "3 stock.low, 4 shipment.created", "4");
        check("after=11", "", "11");
        check("types=order.cancelled", "11 order.cancelled", "11");
        check("types=stock.*,payment.captured", "3 stock.low, 6 payment.captured", "11");
        check("types=shipment.*&types=order.paid&after=4", "7 order.paid", "11");
        check("types=invoice.issued", "", "11");
    }

    /// A page that looked at everything and found nothing says how far it looked.
    fn a_reader_of_one_type_goes_on_from_last_seq(server: &TestServer) {
        server.open_shop();
        for _ in 0..5 {
            server.order("jane", "p001", 1);
        }
        server.advance("ORD3", "shipped");
        let mut after = "0".to_owned();
        let mut seen = Vec::new();
        for _ in 0..20 {
            let query = format!("types=order.shipped&limit=1&after={after}");
            let (events, last) = told(&feed(server, &query));
            seen.extend((!events.is_empty()).then_some(events));
            after = last;
        }
        assert_eq!((seen, after), (vec!["12 order.shipped".to_owned()], "12".to_owned()));
    }
}

#[test]
fn an_event_holds_no_personal_data() {
    let server = TestServer::start();
    server.open_shop();
    server.order("jane", "p001", 1);
    let page = feed(&server, "");
    for personal in ["Jane Doe", "123 Main St", "10001", "New York"] {
        assert!(!page.body.contains(personal), "{personal}: {page}");
    }
}

#[test]
fn what_the_feed_can_not_be_asked() {
    let server = TestServer::start();
    for query in [
        "after=-1",
        "after=x",
        "limit=0",
        "limit=201",
        "types=",
        "types=Order.Paid",
        "types=order",
        "after=99999999999999999999",
        "after=1&after=2",
    ] {
        assert_eq!(feed(&server, query).code(), "400 validation_failed", "{query}");
    }
    assert_eq!(feed(&server, "since=1").code(), "400 unknown_parameter");
    let beyond = feed(&server, "after=9223372036854775807");
    assert_eq!(beyond.status, 200, "{beyond}");
}
