//! `PUT /api/delivery-methods/{id}`.

use testkit::server::{Reply, TestServer};

fn put(server: &TestServer, id: &str, body: &str) -> Reply {
    server.put(&format!("/api/delivery-methods/{id}")).by(&server.staff()).json(body).send()
}

#[test]
fn a_method_is_made_changed_and_put_back() {
    let server = TestServer::start();
    let body = r#"{"name": "Post", "price": 4.5, "free_from": 50, "countries": ["USA", "Norway"],
                   "max_weight_grams": 2000, "estimated_days": [2, 5]}"#;
    let made = put(&server, "post", body);
    assert_eq!(
        made.to_string(),
        "201\ncontent-type: application/json\netag: \"1\"\nlocation: /api/delivery-methods/post\n\n"
            .to_owned()
            + r#"{"delivery_method_id":"post","name":"Post","price":4.50,"currency":"USD","#
            + r#""free_from":50.00,"countries":["US","NO"],"max_weight_grams":2000,"active":true,"#
            + r#""estimated_days":[2,5],"version":1}"#
    );
    let back = put(&server, "post", &made.body);
    assert_eq!(back.status, 200, "{back}");
    assert_eq!(back.body.replace("\"version\":2", "\"version\":1"), made.body);
    let plain = put(&server, "post", r#"{"name": "Post", "price": 0}"#);
    assert_eq!((plain.at("/countries"), plain.at("/free_from")), ("[]", "null"));
}

#[test]
fn amounts_are_the_stores_currencys() {
    let server = TestServer::start();
    let check = |members: &str, expected: &str| {
        let reply = put(&server, "post", &format!(r#"{{"name": "Post", {members}}}"#));
        assert_eq!(reply.code(), expected, "{members}");
    };
    check(r#""price": 4.501"#, "400 validation_failed");
    check(r#""price": 4, "free_from": 1.001"#, "400 validation_failed");
    let reply = put(&server, "post", r#"{"name": "Post", "price": 4.501, "free_from": 1.001}"#);
    assert_eq!(
        reply.refusal(),
        "400 validation_failed: An amount must have at most 2 decimals in this currency \
         [/price validation_failed, /free_from validation_failed]"
    );
    check(r#""price": 4, "free_from": -1"#, "400 validation_failed");
    check(r#""price": 90000000000000.01"#, "400 amount_too_large");
    check(r#""price": 4, "estimated_days": [1]"#, "400 validation_failed");
    check(r#""price": 4, "estimated_days": [1, 1000]"#, "400 validation_failed");
}
