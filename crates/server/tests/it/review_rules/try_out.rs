//! `POST /api/review-rules/try`.

use testkit::server::{Reply, TestServer, order_of};

use super::rule;

fn try_out(server: &TestServer, members: &str) -> Reply {
    let call = server.post("/api/review-rules/try").by(&server.staff());
    call.json(format!("{{{members}}}")).send()
}

/// Seven orders of Jane's and one of Joe's, two minutes apart.
fn shop(server: &TestServer) {
    server.open_shop();
    for no in 0..8 {
        let customer = if no == 3 { "joe" } else { "jane" };
        server.order(customer, "p001", if no == 5 { 4 } else { 1 });
        server.clock().advance_ms(120_000);
    }
}

fn rules() -> String {
    let often = r#""kind": "velocity", "by": "customer", "orders": 2, "within_minutes": 5"#;
    let rules = [
        rule("large", r#""kind": "total_over", "amount": 49.99"#),
        rule("often", often),
        rule("never", r#""kind": "countries_differ""#),
    ];
    format!(r#""threshold": 100, "rules": [{}]"#, rules.join(", "))
}

on_every_store! {
    fn past_orders_are_judged_and_nothing_is_stored(server: &TestServer) {
        shop(server);
        let before = (server.last_seq(), server.last_admin_seq());
        let tried = try_out(server, &rules());
        assert_eq!(tried.status, 200, "{tried}");
        assert_eq!(
            tried.body,
            r#"{"store_id":1,"orders_tried":8,"orders_stopped":4,"complete":true,"#.to_owned()
                + r#""first_order_id":"ORD1","last_order_id":"ORD8","rules":["#
                + r#"{"rule_id":"large","hits":1,"score":100},"#
                + r#"{"rule_id":"often","hits":3,"score":300},"#
                + r#"{"rule_id":"never","hits":0,"score":0}],"stopped":["#
                + r#"{"order_id":"ORD3","score":100,"rules":["often"]},"#
                + r#"{"order_id":"ORD6","score":100,"rules":["large"]},"#
                + r#"{"order_id":"ORD7","score":100,"rules":["often"]},"#
                + r#"{"order_id":"ORD8","score":100,"rules":["often"]}]}"#
        );
        assert_eq!((server.last_seq(), server.last_admin_seq()), before);
        let last = try_out(server, &format!(r#"{}, "last": 2"#, rules()));
        let found = ["/orders_tried", "/first_order_id", "/orders_stopped"].map(|it| last.at(it));
        assert_eq!(found, ["2", "\"ORD7\"", "0"], "what is counted begins with them");
        let (from, to) = ("2025-06-27T12:02:00Z", "2025-06-27T12:10:00Z");
        let some = try_out(server, &format!(r#"{}, "from": "{from}", "to": "{to}""#, rules()));
        let ends = ["/first_order_id", "/last_order_id", "/complete"].map(|it| some.at(it));
        assert_eq!(ends, ["\"ORD2\"", "\"ORD6\"", "true"]);
        let none = try_out(server, &format!(r#"{}, "to": "2024-01-01T00:00:00Z""#, rules()));
        assert_eq!((none.at("/orders_tried"), none.at("/first_order_id")), ("0", "null"));
    }

    /// More orders than are read at once, and of other stores none.
    fn long_ranges_are_read_in_pages(server: &TestServer) {
        server.open_shop();
        server.stock("p001", 10_000);
        server.must_put("/api/stores/2", r#""name": "Other", "currency": "USD""#);
        let staff = server.staff();
        let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
        let calls = (0..260).map(|no| {
            let store = if no % 10 == 0 { 2 } else { 1 };
            let whose = format!(r#"{{"user_id": "u{no}", "store_id": {store}, "#);
            server.post("/api/orders").by(&staff).json(body.replacen('{', &whose, 1))
        });
        assert!(server.at_once(calls.collect()).iter().all(|it| it.status == 204));
        let all = rule("all", r#""kind": "total_over", "amount": 0"#);
        let members = format!(r#""threshold": 1, "rules": [{all}]"#);
        for range in ["", r#", "from": "2020-01-01T00:00:00Z""#, r#", "last": 10000"#] {
            let tried = try_out(server, &format!("{members}{range}"));
            let found = ["/orders_tried", "/orders_stopped", "/complete"].map(|it| tried.at(it));
            assert_eq!(found, ["234", "234", "true"], "{range}");
            assert!(tried.has("/stopped/99") && !tried.has("/stopped/100"), "a hundred are told");
        }
        let call = server.post("/api/review-rules/try?store_id=2").by(&staff);
        assert_eq!(call.json(format!("{{{members}}}")).send().at("/orders_tried"), "26");
    }
}

#[test]
fn faults_are_named() {
    let server = TestServer::start();
    let check = |members: &str, expected: &str| {
        let told = try_out(&server, &format!(r#""threshold": 1, "rules": [], {members}"#));
        let told = told.refusal();
        let found = told.split_once('[').map(|(_, it)| it.trim_end_matches(']'));
        assert_eq!(found, Some(expected), "{told}");
    };
    check(r#""last": 0"#, "/last out_of_range");
    check(r#""last": 10001"#, "/last out_of_range");
    check(r#""from": "yesterday""#, "/from invalid_time");
    check(r#""last": 5, "to": "2025-01-01T00:00:00Z""#, "/last last_or_times");
    check(r#""first": 5"#, "/first unknown_field");
    let fine = rule("r", r#""kind": "total_over", "amount": 1.001"#);
    let told = try_out(&server, &format!(r#""threshold": 1, "rules": [{fine}]"#)).refusal();
    assert!(told.ends_with("[/rules/0/amount validation_failed]"), "{told}");
    let nowhere = server.post("/api/review-rules/try?store_id=9").by(&server.staff());
    let nowhere = nowhere.json(r#"{"threshold": 1, "rules": []}"#).send();
    assert_eq!(nowhere.refusal(), "404 store_not_found: Store not found");
    let dry = server.post("/api/review-rules/try?dry_run=true").by(&server.staff());
    let dry = dry.json(r#"{"threshold": 1, "rules": []}"#).send();
    assert_eq!(dry.code(), "400 unknown_parameter", "there is nothing to rehearse");
}

/// Of an order whose person was erased, the customer and the total are left.
#[test]
fn erased_people_are_judged_by_what_is_left() {
    let server = TestServer::start();
    server.open_shop();
    for _ in 0..2 {
        let order = server.order("jane", "p001", 1);
        ["shipped", "delivered"].iter().for_each(|to| server.advance(&order, to));
    }
    let rules = [
        rule("there", r#""kind": "blocked", "countries": ["US"]"#),
        rule("large", r#""kind": "total_over", "amount": 1"#),
        rule("often", r#""kind": "velocity", "by": "customer", "orders": 1, "within_minutes": 5"#),
    ];
    let members = format!(r#""threshold": 1, "rules": [{}]"#, rules.join(", "));
    let hits = || {
        let tried = try_out(&server, &members);
        ["/rules/0/hits", "/rules/1/hits", "/rules/2/hits"].map(|it| tried.at(it).to_owned())
    };
    assert_eq!(hits(), ["2", "2", "1"]);
    assert_eq!(server.delete("/api/customers/jane").by(&server.staff()).send().status, 204);
    assert_eq!(hits(), ["0", "2", "1"]);
}
