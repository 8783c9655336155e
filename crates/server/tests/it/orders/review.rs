//! Orders under review, and `POST /api/orders/{id}/review`.

use testkit::server::{Reply, TestServer, order_of};

use crate::review_rules::{put_rules, rule};

const LARGE: &str = r#""kind": "total_over", "amount": 25"#;

fn decide(server: &TestServer, order: &str, body: &str) -> Reply {
    server.post(&format!("/api/orders/{order}/review")).by(&server.staff()).json(body).send()
}

fn types(server: &TestServer, order: &str) -> String {
    let log = server.get(&format!("/api/orders/{order}/events")).by(&server.staff()).send();
    let told = (0..).map_while(|nth| {
        let pointer = format!("/events/{nth}/type");
        log.has(&pointer).then(|| log.text(&pointer))
    });
    told.collect::<Vec<_>>().join(" ")
}

on_every_store! {
    fn an_order_that_is_stopped_waits_for_a_person(server: &TestServer) {
        server.open_shop();
        put_rules(server, &rule("large", LARGE));
        assert_eq!(server.order("jane", "p001", 1), "ORD1");
        assert_eq!(server.order("jane", "p001", 2), "ORD2");
        let staff = server.staff();
        let queue = || {
            let path = "/api/orders?review_status=under_review&count=true";
            let page = server.get(path).by(&staff).send();
            let first = page.has("/orders/0").then(|| page.text("/orders/0/order_id"));
            (page.at("/count").to_owned(), first)
        };
        assert_eq!(queue(), ("1".into(), Some("ORD2".into())));
        let shown = server.get("/api/orders/ORD2").by(&staff).send();
        assert_eq!(shown.text("/review_status"), "under_review");
        assert_eq!(shown.text("/status"), "confirmed");
        assert_eq!(shown.text("/retrieval_id"), "1-2");
        let started = "order.created order.review_started order.confirmed";
        assert_eq!(types(server, "ORD2"), started);
        assert_eq!(types(server, "ORD1"), "order.created order.confirmed");
        let log = server.get("/api/orders/ORD2/events").by(&staff).send();
        assert_eq!(
            log.at("/events/1/data"),
            r#"{"score":100,"threshold":100,"hits":["#.to_owned()
                + r#"{"rule_id":"large","kind":"total_over","score":100,"reason":"for large"}]}"#
        );
        let ship = |order: &str| {
            let call = server.put(&format!("/api/orders/{order}/status")).by(&staff);
            call.json(r#"{"status": "shipped"}"#).send()
        };
        assert_eq!(ship("ORD2").refusal(), "409 order_under_review: Order ORD2 is under review");
        let parcel = server.post("/api/orders/ORD2/shipments").by(&staff).send();
        assert_eq!(parcel.code(), "409 order_under_review");
        let passed = decide(server, "ORD2", r#"{"decision": "pass", "note": "I know her"}"#);
        assert_eq!((passed.status, passed.text("/review_status")), (200, "passed".into()));
        assert_eq!(passed.header("etag"), Some("\"4\""));
        let again = decide(server, "ORD2", r#"{"decision": "fail"}"#);
        assert_eq!(again.refusal(), "409 order_not_under_review: Order ORD2 has passed its review");
        let log = server.get("/api/orders/ORD2/events").by(&staff).send();
        assert_eq!(log.text("/events/3/type"), "order.review_passed");
        assert_eq!(log.at("/events/3/data"), r#"{"note":"I know her"}"#);
        assert_eq!(queue(), ("0".into(), None));
        assert_eq!(ship("ORD2").status, 200);
        let never = decide(server, "ORD1", r#"{"decision": "fail"}"#);
        assert_eq!(never.refusal(), "409 order_not_under_review: Order ORD1 is not under review");
    }

    fn a_failed_review_gives_stock_and_money_back(server: &TestServer) {
        server.open_shop();
        put_rules(server, &rule("large", LARGE));
        let paid = server.paid("jane", "p001", 2);
        let shown = server.get(&paid.path("")).by(&server.staff()).send();
        assert_eq!(shown.text("/review_status"), "under_review");
        assert_eq!(shown.text("/status"), "confirmed");
        assert_eq!(shown.text("/payment_status"), "paid");
        assert_eq!(server.shelf("p001"), (100, 2));
        let decision = r#"{"decision": "fail", "note": "a stolen card"}"#;
        let failed = decide(server, &paid.order, decision);
        assert_eq!((failed.status, failed.text("/status")), (200, "cancelled".into()));
        assert_eq!(failed.text("/review_status"), "failed");
        assert_eq!(failed.at("/cancel_reason"), "null");
        assert_eq!(server.shelf("p001"), (100, 0));
        let refunded = server.eventually(&paid.order, "/payment_status", "refunded");
        assert_eq!(refunded.at("/refunded_total"), shown.at("/total"));
        let seen = server.get(&paid.path("")).by(&server.token("jane", "")).send();
        assert!(!seen.body.contains("stolen"), "{seen}");
        let again = decide(server, &paid.order, r#"{"decision": "pass"}"#);
        assert_eq!(again.refusal(), "409 order_not_under_review: Order ORD1 has failed its review");
    }

    /// Sixteen orders at once, where three are let through in ten minutes.
    fn orders_that_race_are_counted_exactly(server: &TestServer) {
        server.open_shop();
        server.stock("p001", 1000);
        let often = r#""kind": "velocity", "by": "customer", "orders": 3, "within_minutes": 10"#;
        put_rules(server, &rule("often", often));
        let race = |customer: &str| {
            let token = server.token(customer, "");
            let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
            let calls = (0..16).map(|_| server.post("/api/orders").by(&token).json(body.clone()));
            let replies = server.at_once(calls.collect());
            assert!(replies.iter().all(|it| it.status == 204));
        };
        let stopped = |customer: &str| {
            let path = format!(
                "/api/orders?user_id={customer}&review_status=under_review&limit=50&count=true"
            );
            server.get(&path).by(&server.staff()).send().at("/count").parse::<u32>().unwrap()
        };
        race("jane");
        assert_eq!(stopped("jane"), 13);
        assert_eq!(stopped("joe"), 0);
        server.clock().advance_ms(10 * 60_000);
        race("joe");
        race("jane");
        assert_eq!((stopped("jane"), stopped("joe")), (26, 13));
    }

    /// Nothing of it is to be seen by the one whom it is about.
    fn customers_do_not_learn_of_it(server: &TestServer) {
        server.open_shop();
        let often = r#""kind": "velocity", "by": "address", "orders": 1, "within_minutes": 10"#;
        put_rules(server, &[rule("large", LARGE), rule("often", often)].join(", "));
        let jane = server.token("jane", "");
        server.order("jane", "p001", 1);
        let large = order_of(r#"{"product_id": "p001", "quantity": 2}"#);
        let call = server.post("/api/orders").by(&jane).header("Prefer", "return=representation");
        let placed = call.json(large.clone()).send();
        assert_eq!((placed.status, placed.text("/review_status")), (201, "none".into()));
        let mut seen = vec![placed.body];
        for path in ["", "/ORD2", "?review_status=none", "?expand=items,addresses,payments"] {
            let reply = server.get(&format!("/api/orders{path}")).by(&jane).send();
            assert!(reply.body.contains("ORD2"), "{path}: {reply}");
            seen.push(reply.body);
        }
        let hidden = server.get("/api/orders?review_status=under_review").by(&jane).send();
        assert_eq!(hidden.at("/orders"), "[]");
        for accept in ["text/csv", "application/x-ndjson"] {
            let reply = server.get("/api/orders").by(&jane).header("Accept", accept).send();
            assert!(reply.body.contains("ORD2"), "{reply}");
            seen.push(reply.body);
        }
        for path in ["/api/orders", "/api/orders/with-payment"] {
            let tried = server.post(&format!("{path}?dry_run=true")).by(&jane).json(large.clone());
            let tried = tried.send();
            assert_eq!(tried.text("/order/review_status"), "none");
            assert_eq!(tried.text("/events/0/type"), "order.created");
            seen.push(tried.body);
        }
        let cancelled = server.delete("/api/orders/ORD2?dry_run=true").by(&jane).send();
        seen.push(cancelled.body);
        for body in seen {
            for word in ["under_review", "review_started", "score", "often", "for large"] {
                assert!(!body.contains(word), "{word}: {body}");
            }
        }
        for path in ["/api/orders/ORD2/events", "/api/orders/ORD2?at=3", "/api/events"] {
            assert_eq!(server.get(path).by(&jane).send().code(), "403 forbidden", "{path}");
        }
        let tried = server.post("/api/orders?dry_run=true").by(&server.staff());
        let tried = tried.json(large.replacen('{', r#"{"user_id": "joe", "#, 1)).send();
        assert_eq!(tried.text("/events/1/type"), "order.review_started", "staff learn of it");
    }

    /// An order from a cart is judged by what the cart knows.
    fn carts_are_judged_too(server: &TestServer) {
        server.open_shop();
        let bad = r#""kind": "blocked", "email_domains": ["bad.example"]"#;
        let often = r#""kind": "velocity", "by": "email", "orders": 1, "within_minutes": 10"#;
        put_rules(server, &[rule("bad", bad), rule("often", often)].join(", "));
        let jane = server.token("jane", "");
        let address = order_of("").split_once("\"shipping_address\"").unwrap().1.to_owned();
        let order = |cart: &str, email: &str| {
            let body = format!(
                r#"{{"items": [{{"product_id": "p001", "quantity": 1}}],
                    "contact": {{"email": "{email}"}}, "shipping_address"{address}"#
            );
            let put = server.put(&format!("/api/carts/{cart}")).by(&jane).json(body).send();
            assert_eq!(put.status, 201, "{put}");
            let body = format!(r#"{{"cart_id": "{cart}", "payment_method": "credit_card"}}"#);
            let placed = server.post("/api/orders").by(&jane).json(body).send();
            let path = format!("/api/orders/{}", placed.text("/order_id"));
            server.get(&path).by(&server.staff()).send().text("/review_status")
        };
        assert_eq!(order("a", "jane@good.example"), "none");
        assert_eq!(order("b", "Jane@Good.example"), "under_review");
        assert_eq!(order("c", "joe@mail.bad.example"), "under_review");
        assert_eq!(order("d", "joe@good.example"), "none");
    }
}

/// Money that comes after the decision goes back.
#[test]
fn what_is_paid_after_a_failed_review_goes_back() {
    let server = TestServer::start();
    server.open_shop();
    server.behave(r#""callback": "off""#);
    put_rules(&server, &rule("large", LARGE));
    let late = server.payable("jane", "p001", 2);
    server.at_provider(&late.intent, "confirm");
    let failed = decide(&server, &late.order, r#"{"decision": "fail"}"#);
    assert_eq!((failed.status, failed.text("/status")), (200, "cancelled".into()));
    let paid = server.patch(&late.path("/paid")).by(&server.token("jane", "")).send();
    // By then the attempt to let the intent go may have brought the news of the money.
    let refused = ["409 order_already_processed", "400 already_paid"];
    assert!(refused.contains(&&*paid.code()), "{paid}");
    server.eventually(&late.order, "/payment_status", "refunded");
    // One that ran out of time while it waited does not come back either.
    let expired = server.payable("joe", "p001", 2);
    server.clock().advance_ms(31 * 60_000);
    server.eventually(&expired.order, "/status", "cancelled");
    let shown = server.get(&expired.path("")).by(&server.staff()).send();
    assert_eq!(shown.text("/review_status"), "under_review");
    let failed = decide(&server, &expired.order, r#"{"decision": "fail"}"#);
    assert_eq!((failed.status, failed.text("/review_status")), (200, "failed".into()));
}

#[test]
fn a_decision_has_its_form_and_its_right() {
    let server = TestServer::start();
    server.open_shop();
    put_rules(&server, &rule("large", LARGE));
    let order = server.order("jane", "p001", 2);
    let faults = |body: &str, expected: &str| {
        let told = decide(&server, &order, body).refusal();
        let found = told.split_once('[').map(|(_, it)| it.trim_end_matches(']'));
        assert_eq!(found, Some(expected), "{body}");
    };
    faults("{}", "/decision required");
    faults(
        r#"{"decision": "maybe", "note": " ", "x": 1}"#,
        "/decision unknown_value, /note invalid_length, /x unknown_field",
    );
    faults(r#"{"decision": "pass", "note": "4242 4242 4242 4242"}"#, "/note card_data_refused");
    assert_eq!(decide(&server, "ORD9", r#"{"decision": "pass"}"#).code(), "404 order_not_found");
    let path = format!("/api/orders/{order}/review");
    let stale = server.post(&path).by(&server.staff()).if_match("\"2\"");
    assert_eq!(stale.json(r#"{"decision": "pass"}"#).send().code(), "412 version_mismatch");
    let tried = server.post(&format!("{path}?dry_run=true")).by(&server.staff());
    let tried = tried.json(r#"{"decision": "fail"}"#).send();
    assert_eq!(tried.text("/events/0/type"), "order.review_failed");
    assert_eq!(tried.text("/events/1/type"), "order.cancelled");
    let by_number = decide(&server, "1-1", r#"{"decision": "pass"}"#);
    assert_eq!(by_number.status, 200, "{by_number}");
}

/// Rules that come in one batch with orders count from there on.
#[test]
fn rules_and_orders_may_come_at_once() {
    let server = TestServer::start();
    server.open_shop();
    server.stock("p001", 1000);
    let often = r#""kind": "velocity", "by": "address", "orders": 1, "within_minutes": 10"#;
    let rules =
        format!(r#"{{"enabled": true, "threshold": 100, "rules": [{}]}}"#, rule("often", often));
    let staff = server.staff();
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    let calls = (0..40).map(|no| match no % 8 {
        3 => server.put("/api/review-rules").by(&staff).json(rules.clone()),
        5 => {
            let jane = format!(r#"{{"email": "jane{no}@x.example"}}"#);
            server.put("/api/customers/jane").by(&staff).json(jane)
        }
        _ => server.post("/api/orders").by(&server.token("jane", "")).json(body.clone()),
    });
    let replies = server.at_once(calls.collect());
    assert!(
        replies.iter().all(|it| it.status < 300),
        "{:?}",
        replies.iter().find(|it| it.status > 299)
    );
}
