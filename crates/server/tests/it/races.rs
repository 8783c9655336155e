//! Many clients at once: one unit is sold once, one key is one order, and nothing is lost.

use std::collections::BTreeSet;

use testkit::server::{Reply, TestServer, Wish, order_of};

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|it| it.status == status).count()
}

fn one_of(product: &str) -> String {
    order_of(&format!(r#"{{"product_id": "{product}", "quantity": 1}}"#))
}

on_every_store! {
    fn the_last_unit_is_sold_once(server: &TestServer) {
        server.open_shop();
        let calls = (0..64).map(|client| {
            let token = server.token(&format!("client-{client}"), "");
            server.post("/api/orders").by(&token).key("mine").json(one_of("p003"))
        });
        let replies = server.at_once(calls.collect());
        assert_eq!((count(&replies, 204), count(&replies, 400)), (1, 63));
        for refused in replies.iter().filter(|it| it.status == 400) {
            assert_eq!(
                refused.refusal(),
                "400 insufficient_stock: Product 'Premium Headphones' has insufficient stock. \
                 Available: 0, Requested: 1 [/items/0/quantity insufficient_stock]"
            );
        }
        assert_eq!(server.shelf("p003"), (1, 1));
        let orders = server.get("/api/orders?count=true").by(&server.staff()).send();
        assert_eq!(orders.at("/count"), "1");
        assert_eq!(server.last_seq(), 2, "the refused have taken no number");
    }

    fn one_key_is_one_order(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let calls = (0..32).map(|attempt| {
            let call = server.post("/api/orders").by(&jane).key("k").json(one_of("p001"));
            call.header("Prefer", "return=representation")
                .header("X-Request-Id", &format!("attempt-{attempt}"))
        });
        let replies = server.at_once(calls.collect());
        let answers: BTreeSet<_> = replies
            .iter()
            .map(|it| {
                (it.status, it.body.clone(), it.header("etag"), it.header("location"))
            })
            .collect();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let first = (replies[0].status, replies[0].header("location"));
        assert_eq!(first, (201, Some("/api/orders/ORD1")));
        let replayed = replies.iter().filter(|it| it.header("idempotent-replayed") == Some("true"));
        assert_eq!(replayed.count(), 31);
        assert_eq!((server.shelf("p001"), server.last_seq()), ((100, 1), 2));
    }

    fn one_key_for_two_requests_is_one_of_them(server: &TestServer) {
        server.open_shop();
        let jane = server.token("jane", "");
        let calls = (0..16).map(|nth| {
            let quantity = 1 + nth % 2;
            let body = format!(r#"{{"product_id": "p001", "quantity": {quantity}}}"#);
            let body = order_of(&body);
            server.post("/api/orders").by(&jane).key("k").json(body)
        });
        let replies = server.at_once(calls.collect());
        assert_eq!((count(&replies, 204), count(&replies, 422)), (8, 8));
        assert_eq!(server.last_seq(), 2);
    }

    fn an_order_is_cancelled_once(server: &TestServer) {
        server.open_shop();
        let order = server.order("jane", "p001", 3);
        let staff = server.staff();
        let cancel = |_| server.delete(&format!("/api/orders/{order}")).by(&staff);
        let replies = server.at_once((0..16).map(cancel).collect());
        assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 15));
        assert_eq!((server.shelf("p001"), server.last_seq()), ((100, 0), 3));
    }

    fn of_two_moves_one_wins(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        for _ in 0..4 {
            let order = server.order("jane", "p001", 1);
            let calls = (0..8).map(|nth| {
                let to = if nth % 2 == 0 { "shipped" } else { "cancelled" };
                let call = server.put(&format!("/api/orders/{order}/status")).by(&staff);
                call.json(format!(r#"{{"status": "{to}"}}"#))
            });
            let replies = server.at_once(calls.collect());
            assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 7));
        }
        assert_eq!(server.shelf("p001").1, 0);
    }

    fn of_those_who_saw_one_version_one_changes_it(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        let calls = (1..=16).map(|price| {
            let call = server.put("/api/products/p001").by(&staff).if_match("\"3\"");
            call.json(format!(r#"{{"name": "Cable", "price": {price}}}"#))
        });
        let replies = server.at_once(calls.collect());
        assert_eq!((count(&replies, 200), count(&replies, 412)), (1, 15));
        let product = server.get("/api/products/p001").send();
        assert_eq!(product.header("etag"), Some("\"4\""));
    }

    fn no_adjustment_is_lost(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        let calls = (0..32).map(|_| {
            server.post("/api/stock/p001/adjust").by(&staff).json(r#"{"delta": 3}"#)
        });
        assert_eq!(count(&server.at_once(calls.collect()), 200), 32);
        assert_eq!(server.shelf("p001"), (196, 0));
    }

    /// A reader that hands back `last_seq` sees every event once while others write.
    fn a_reader_of_the_feed_misses_nothing(server: &TestServer) {
        server.open_shop();
        let staff = server.staff();
        let mut after = 0;
        let mut seen: Vec<u64> = Vec::new();
        let mut read = || {
            let page = server.get(&format!("/api/events?after={after}&limit=7")).by(&staff).send();
            let events = (0..).map_while(|nth| {
                let pointer = format!("/events/{nth}/seq");
                page.has(&pointer).then(|| page.at(&pointer).parse::<u64>().expect("a number"))
            });
            let events: Vec<u64> = events.collect();
            after = page.at("/last_seq").parse().expect("a number");
            seen.extend(&events);
            !events.is_empty()
        };
        std::thread::scope(|scope| {
            let placing = scope.spawn(|| {
                let calls = (0..40).map(|client| {
                    let token = server.token(&format!("client-{client}"), "");
                    server.post("/api/orders").by(&token).json(one_of("p001"))
                });
                count(&server.at_once(calls.collect()), 204)
            });
            while !placing.is_finished() {
                read();
            }
            assert_eq!(placing.join().expect("nobody panics"), 40);
        });
        while read() {}
        assert_eq!(seen, (1..=80).collect::<Vec<u64>>());
    }
}

/// Past the queue a client is told at once to come again, and what was accepted is done.
#[test]
fn an_overfull_queue_says_so() {
    let server = TestServer::with(Wish { queue_max: 1, ..Wish::default() });
    server.open_shop();
    server.stock("p001", 1000);
    let calls = (0..200).map(|client| {
        let token = server.token(&format!("client-{client}"), "");
        server.post("/api/orders").by(&token).json(one_of("p001"))
    });
    let replies = server.at_once(calls.collect());
    let (placed, refused) = (count(&replies, 204), count(&replies, 503));
    assert_eq!(placed + refused, 200);
    assert!(placed > 0 && refused > 0, "{placed} placed, {refused} refused");
    for reply in replies.iter().filter(|it| it.status == 503) {
        assert_eq!(reply.code(), "503 overloaded");
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
    assert_eq!(server.shelf("p001").1, i64::try_from(placed).unwrap());
    assert_eq!(server.order("jane", "p001", 1), format!("ORD{}", placed + 1));
}
