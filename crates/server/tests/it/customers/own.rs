//! `GET` and `PUT /api/customers/me`.

use server::auth::Grant;
use testkit::server::TestServer;

#[test]
fn whoever_is_not_known_is_what_the_token_tells() {
    let server = TestServer::start();
    let grant = Grant { subject: "jane", email: Some("jane@example.com"), ..Grant::default() };
    let me = server.get("/api/customers/me").by(&server.grant(&grant)).send();
    assert_eq!(
        me.to_string(),
        "200\ncontent-type: application/json\n\n".to_owned()
            + r#"{"customer_id":"jane","name":null,"email":"jane@example.com","phone":null,"#
            + r#""locale":null,"notify":["email"],"version":null}"#
    );
    assert_eq!(server.last_admin_seq(), 0, "to look registers nobody");
}

on_every_store! {
    fn a_customer_tells_and_takes_back(server: &TestServer) {
        let jane = server.token("jane", "");
        let put = |body: &str| server.put("/api/customers/me").by(&jane).json(body).send();
        let made = put(r#"{"name": "Jane Doe", "phone": "+1 555 0100", "notify": ["sms"]}"#);
        assert_eq!((made.status, made.header("location")), (201, Some("/api/customers/me")));
        let me = server.get("/api/customers/me").by(&jane).send();
        assert_eq!((&me.body, me.header("etag")), (&made.body, Some("\"1\"")));
        let for_staff = server.get("/api/customers/jane").by(&server.staff()).send();
        assert_eq!(for_staff.body, made.body);
        assert_eq!(put(&made.body).status, 200, "what is shown may be put back");
        let less = put("{}");
        assert_eq!((less.at("/name"), less.at("/notify")), ("null", "[\"email\"]"));
        let another = put(r#"{"customer_id": "joe"}"#);
        assert_eq!(another.code(), "400 validation_failed");
        let call = server.put("/api/customers/me").by(&jane).if_match("\"1\"");
        assert_eq!(call.json("{}").send().code(), "412 version_mismatch");
    }
}

#[test]
fn a_subject_that_is_no_id_is_no_customer() {
    let server = TestServer::start();
    let odd = server.token("jane@example.com", "");
    let refused = "403 forbidden: The subject of your token is no customer id";
    assert_eq!(server.get("/api/customers/me").by(&odd).send().refusal(), refused);
    let removed = server.delete("/api/customers/me").by(&odd).send();
    assert_eq!((removed.status, removed.header("allow")), (405, Some("GET,HEAD,PUT")));
}
