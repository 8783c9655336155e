//! `GET /api/review-rules`.

use server::auth::Grant;
use testkit::server::TestServer;

use super::{put_rules, rule};

#[test]
fn rules_that_nobody_has_put_are_off() {
    let server = TestServer::start();
    let shown = server.get("/api/review-rules").by(&server.staff()).send();
    assert_eq!(
        shown.to_string(),
        "200\ncontent-type: application/json\netag: \"0\"\n\n".to_owned()
            + r#"{"store_id":1,"enabled":false,"threshold":100,"rules":[],"version":0}"#
    );
    let back = server.put("/api/review-rules").by(&server.staff()).if_match("\"0\"");
    assert_eq!(back.json(shown.body.clone()).send().at("/version"), "1");
}

#[test]
fn each_store_has_its_own() {
    let server = TestServer::start();
    server.must_put("/api/stores/2", r#""name": "Tokyo", "currency": "JPY""#);
    put_rules(&server, &rule("large", r#""kind": "total_over", "amount": 10.5"#));
    let of_tokyo = format!(
        r#"{{"threshold": 5, "rules": [{}]}}"#,
        rule("large", r#""kind": "total_over", "amount": 1000"#)
    );
    let call = server.put("/api/review-rules?store_id=2").by(&server.staff());
    assert_eq!(call.json(of_tokyo).send().at("/rules/0/amount"), "1000");
    let get = |query: &str, token: &str| {
        server.get(&format!("/api/review-rules{query}")).by(token).send()
    };
    let staff = server.staff();
    assert_eq!(get("", &staff).at("/rules/0/amount"), "10.50");
    assert_eq!(get("?store_id=2", &staff).at("/threshold"), "5");
    assert_eq!(get("?store_id=3", &staff).refusal(), "404 store_not_found: Store not found");
    assert_eq!(get("?store_id=0", &staff).code(), "400 validation_failed");
    assert_eq!(get("?store=2", &staff).code(), "400 unknown_parameter");
    let narrowed = Grant { subject: "n", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let narrowed = server.grant(&narrowed);
    assert_eq!(get("?store_id=2", &narrowed).status, 200);
    assert_eq!(get("", &narrowed).code(), "403 forbidden");
}
