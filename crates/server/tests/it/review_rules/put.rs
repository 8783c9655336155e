//! `PUT /api/review-rules`.

use testkit::server::TestServer;

use super::{put, rule};

on_every_store! {
    fn rules_are_put_shown_and_put_back(server: &TestServer) {
        let rules = [
            rule("large", r#""kind": "total_over", "amount": 500"#),
            rule("abroad", r#""kind": "countries_differ""#),
            rule(
                "often",
                r#""kind": "velocity", "by": "email", "orders": 3, "within_minutes": 10"#,
            ),
            rule(
                "known",
                r#""kind": "blocked", "countries": ["Germany", "usa"],
                    "email_domains": ["Bad.Example"], "customers": ["user789"]"#,
            ),
        ]
        .join(", ");
        let members = format!(r#""enabled": true, "threshold": 100, "rules": [{rules}]"#);
        let made = put(server, "", &members);
        let shown = server.get("/api/review-rules").by(&server.staff()).send();
        assert_eq!((made.status, &made.body), (200, &shown.body));
        assert_eq!(made.header("etag"), Some("\"1\""));
        let nothing = r#""countries":null,"email_domains":null,"customers":null"#;
        let found = ["/rules/0", "/rules/1", "/rules/2", "/rules/3"].map(|it| made.at(it));
        assert_eq!(
            found,
            [
                &*(r#"{"rule_id":"large","kind":"total_over","amount":500.00,"by":null,"#.to_owned()
                    + r#""orders":null,"within_minutes":null,"#
                    + nothing
                    + r#","score":100,"reason":"for large"}"#),
                &*(r#"{"rule_id":"abroad","kind":"countries_differ","amount":null,"by":null,"#
                    .to_owned()
                    + r#""orders":null,"within_minutes":null,"#
                    + nothing
                    + r#","score":100,"reason":"for abroad"}"#),
                &*(r#"{"rule_id":"often","kind":"velocity","amount":null,"by":"email","#.to_owned()
                    + r#""orders":3,"within_minutes":10,"#
                    + nothing
                    + r#","score":100,"reason":"for often"}"#),
                &*(r#"{"rule_id":"known","kind":"blocked","amount":null,"by":null,"#.to_owned()
                    + r#""orders":null,"within_minutes":null,"countries":["DE","US"],"#
                    + r#""email_domains":["bad.example"],"customers":["user789"],"#
                    + r#""score":100,"reason":"for known"}"#),
            ]
        );
        let back = server.put("/api/review-rules").by(&server.staff()).json(shown.body.clone());
        let back = back.send();
        assert_eq!(back.body.replace("\"version\":2", "\"version\":1"), shown.body);
        let log = server.get("/api/admin/log?types=review_rules.*").by(&server.staff()).send();
        assert_eq!(log.text("/entries/0/type"), "review_rules.put");
        assert_eq!(log.at("/entries/0/data"), made.body);
        // What is put of the store itself leaves them alone.
        server.must_put("/api/stores/1", r#""name": "First", "currency": "USD""#);
        let kept = server.get("/api/review-rules").by(&server.staff()).send();
        assert_eq!(kept.body, back.body);
    }
}

#[test]
fn every_faulty_field_is_named() {
    let server = TestServer::start();
    let before = server.last_admin_seq();
    let check = |members: &str, faults: &str| {
        let told = put(&server, "", members).refusal();
        let found = told.split_once('[').map(|(_, it)| it.trim_end_matches(']'));
        assert_eq!(found, Some(faults), "{members}: {told}");
    };
    check("", "/threshold required, /rules required");
    let with = |members: &str, faults: &str| {
        check(&format!(r#""threshold": 1, "rules": [{members}]"#), faults);
    };
    let of = |members: &str, faults: &str| with(&rule("r", members), faults);
    with(
        "{}",
        "/rules/0/rule_id required, /rules/0/kind required, /rules/0/score required, \
         /rules/0/reason required",
    );
    with("1", "/rules/0 invalid_type");
    of(r#""kind": "odd""#, "/rules/0/kind unknown_value");
    of(r#""kind": "total_over""#, "/rules/0/amount required");
    of(r#""kind": "total_over", "amount": -1"#, "/rules/0/amount out_of_range");
    of(r#""kind": "total_over", "amount": 1.001"#, "/rules/0/amount validation_failed");
    of(r#""kind": "countries_differ", "amount": 1"#, "/rules/0/amount other_kind");
    of(r#""kind": "countries_differ", "colour": 1"#, "/rules/0/colour unknown_field");
    of(
        r#""kind": "velocity""#,
        "/rules/0/by required, /rules/0/orders required, /rules/0/within_minutes required",
    );
    of(
        r#""kind": "velocity", "by": "name", "orders": 0, "within_minutes": 43201"#,
        "/rules/0/by unknown_value, /rules/0/orders out_of_range, \
         /rules/0/within_minutes out_of_range",
    );
    of(
        r#""kind": "velocity", "by": "email", "orders": 101, "within_minutes": 1"#,
        "/rules/0/orders out_of_range",
    );
    of(r#""kind": "blocked""#, "/rules/0 list_required");
    of(
        r#""kind": "blocked", "countries": ["Nowhere"], "email_domains": ["@a.b"],
            "customers": ["a b"]"#,
        "/rules/0/countries/0 unknown_country, /rules/0/email_domains/0 invalid_domain, \
         /rules/0/customers/0 invalid_id",
    );
    for domain in ["", "a..b", ".a", "a b", "a/b"] {
        let code = if domain.is_empty() { "invalid_length" } else { "invalid_domain" };
        of(
            &format!(r#""kind": "blocked", "email_domains": ["{domain}"]"#),
            &format!("/rules/0/email_domains/0 {code}"),
        );
    }
    let same = rule("r", r#""kind": "countries_differ""#);
    with(&format!("{same}, {same}"), "/rules/1/rule_id duplicate_id");
    let score = |score: u32| same.replace("100", &score.to_string());
    with(&score(0), "/rules/0/score out_of_range");
    with(&score(1001), "/rules/0/score out_of_range");
    check(r#""threshold": 0, "rules": []"#, "/threshold out_of_range");
    check(r#""threshold": 50001, "rules": []"#, "/threshold out_of_range");
    check(r#""threshold": 1, "rules": [], "x": 1"#, "/x unknown_field");
    check(r#""store_id": 2, "threshold": 1, "rules": []"#, "/store_id id_mismatch");
    let many = |count: usize| {
        let rules = (0..count).map(|no| rule(&format!("r{no}"), r#""kind": "countries_differ""#));
        rules.collect::<Vec<_>>().join(",")
    };
    with(&many(51), "/rules invalid_length");
    let names = |count: usize| vec![r#""a.example""#; count].join(",");
    let blocked = |count| format!(r#""kind": "blocked", "email_domains": [{}]"#, names(count));
    of(&blocked(1001), "/rules/0/email_domains invalid_length");
    let card = same.replace("for r", "4242 4242 4242 4242");
    with(&card, "/rules/0/reason card_data_refused");
    assert_eq!(server.last_admin_seq(), before, "nothing is stored");
    for members in [many(50), rule("r", &blocked(1000))] {
        let reply = put(&server, "", &format!(r#""threshold": 1, "rules": [{members}]"#));
        assert_eq!(reply.status, 200, "{reply}");
    }
    let nowhere = put(&server, "?store_id=9", r#""threshold": 1, "rules": []"#);
    assert_eq!(nowhere.refusal(), "404 store_not_found: Store not found");
}
