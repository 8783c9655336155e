//! `PUT /api/customers/{id}`.

use server::auth::Grant;
use testkit::server::{Reply, TestServer, order_of};

fn put(server: &TestServer, id: &str, body: &str) -> Reply {
    server.put(&format!("/api/customers/{id}")).by(&server.staff()).json(body).send()
}

const JANE: &str = r#"{"name": "Jane Doe", "email": "jane@example.com", "phone": "+1 555 0100",
    "locale": "nb-NO", "notify": ["sms", "email", "sms"]}"#;

on_every_store! {
    fn a_customer_is_made_known_changed_and_put_back(server: &TestServer) {
        let made = put(server, "jane", &JANE.replace(r#", "sms"]"#, "]"));
        assert_eq!(
            made.to_string(),
            "201\ncontent-type: application/json\netag: \"1\"\nlocation: /api/customers/jane\n\n"
                .to_owned()
                + r#"{"customer_id":"jane","name":"Jane Doe","email":"jane@example.com","#
                + r#""phone":"+1 555 0100","locale":"nb-NO","notify":["email","sms"],"version":1}"#
        );
        let back = put(server, "jane", &made.body);
        assert_eq!(back.status, 200, "{back}");
        let log = server.get("/api/admin/log").by(&server.staff()).send();
        assert_eq!(
            log.at("/entries/0/data"),
            r#"{"customer_id":"jane","changed":["name","email","phone","locale","notify"]}"#
        );
        assert_eq!(log.at("/entries/1/data"), r#"{"customer_id":"jane","changed":[]}"#);
    }

    /// Body, token's e-mail address, the customer's; an address without a name gets the customer's.
    fn an_order_falls_back_to_its_customer(server: &TestServer) {
        server.open_shop();
        put(server, "jane", &JANE.replace(r#", "sms"]"#, "]"));
        let place = |token: &str, members: &str| {
            let order = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
            let order = order.replacen('{', &format!("{{{members}"), 1);
            let call = server.post("/api/orders").by(token);
            let call = call.header("Prefer", "return=representation");
            let order = call.json(order).send();
            assert_eq!(order.status, 201, "{order}");
            ["/contact/email", "/contact/phone", "/shipping_address/name"]
                .map(|it| if order.at(it) == "null" { "-".into() } else { order.text(it) })
        };
        let jane = server.token("jane", "");
        let kept = ["jane@example.com", "+1 555 0100", "Jane Doe"].map(str::to_owned);
        let found = place(&jane, "");
        assert_eq!(found[..2], kept[..2]);
        let grant = Grant { subject: "jane", email: Some("token@example.com"), ..Grant::default() };
        assert_eq!(place(&server.grant(&grant), "")[0], "token@example.com");
        let contact = r#""contact": {"email": "body@example.com", "phone": "7"}, "#;
        assert_eq!(place(&server.grant(&grant), contact)[..2], ["body@example.com", "7"]);
        let by_staff = place(&server.staff(), r#""user_id": "jane", "#);
        assert_eq!(by_staff[..2], kept[..2], "whoever places it");
        assert_eq!(place(&server.staff(), r#""user_id": null, "#)[..2], ["-", "-"]);
        let nameless = r#"{"address": "Gate 1", "city": "Oslo", "zip": "0153", "country": "NO"}"#;
        let body = format!(
            r#"{{"items": [{{"product_id": "p001", "quantity": 1}}],
                "shipping_address": {nameless}, "billing_address": {nameless}}}"#
        );
        let call = server.post("/api/orders").by(&jane).header("Prefer", "return=representation");
        let order = call.json(body).send();
        let names = ["/shipping_address/name", "/billing_address/name"].map(|it| order.text(it));
        assert_eq!(names, ["Jane Doe", "Jane Doe"]);
    }
}

#[test]
fn every_faulty_field_is_named() {
    let server = TestServer::start();
    let check = |members: &str, faults: &str| {
        let reply = put(&server, "jane", &format!("{{{members}}}"));
        let told = reply.refusal();
        let found = told.split_once('[').map(|(_, it)| it.trim_end_matches(']'));
        assert_eq!((reply.status, found), (400, Some(faults)), "{members}");
    };
    check(r#""customer_id": "joe""#, "/customer_id id_mismatch");
    check(r#""name": "", "email": "jane""#, "/name invalid_length, /email invalid_email");
    for locale in ["1x", "nb_NO", "nb-", "1b", "nb--NO", "norwegianx"] {
        check(&format!(r#""locale": "{locale}""#), "/locale invalid_locale");
    }
    check(r#""notify": ["post"]"#, "/notify/0 unknown_value");
    check(r#""notify": "email""#, "/notify invalid_type");
    check(r#""colour": "red""#, "/colour unknown_field");
    let card = put(&server, "jane", r#"{"name": "4111 1111 1111 1111"}"#);
    assert_eq!(card.code(), "400 card_data_refused");
    assert_eq!(put(&server, "a%20b", "{}").code(), "400 validation_failed");
}
