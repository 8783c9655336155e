//! `GET /api/stores/{number}`.

use server::auth::Grant;
use testkit::server::TestServer;

#[test]
fn store_1_is_there_from_the_start() {
    let server = TestServer::start();
    let reply = server.get("/api/stores/1").by(&server.staff()).send();
    assert_eq!(
        reply.to_string(),
        "200\ncontent-type: application/json\netag: \"1\"\n\n".to_owned()
            + r#"{"store_id":1,"name":"Store 1","currency":"USD","time_zone":"UTC","#
            + r#""invoice_prefix":"INV","success_url":null,"success_hosts":[],"test":false,"#
            + r#""version":1}"#
    );
}

#[test]
fn what_is_no_store_is_not_there() {
    let server = TestServer::start();
    for number in ["2", "0", "01", "-1", "1.0", "4294967296", "x", "%FF", "1%20"] {
        let reply = server.get(&format!("/api/stores/{number}")).by(&server.staff()).send();
        assert_eq!(reply.refusal(), "404 store_not_found: Store not found", "{number}");
    }
}

/// Whoever is narrowed to stores learns nothing of others, not even whether they are there.
#[test]
fn another_store_is_out_of_reach() {
    let server = TestServer::start();
    let grant =
        Grant { subject: "boss", scope: "staff", stores: Some(&[2, 3]), ..Grant::default() };
    let token = server.grant(&grant);
    let get = |number: u32| server.get(&format!("/api/stores/{number}")).by(&token).send();
    for number in [1, 4] {
        let refused = "403 forbidden: Your token does not reach this store";
        assert_eq!(get(number).refusal(), refused);
    }
    assert_eq!(get(2).code(), "404 store_not_found");
    let put = |number: u32| {
        let call = server.put(&format!("/api/stores/{number}")).by(&token);
        call.json(r#"{"name": "A", "currency": "USD"}"#).send().status
    };
    assert_eq!([put(1), put(2), put(4)], [403, 201, 403]);
    let listed = server.get("/api/stores").by(&token).send();
    assert_eq!(listed.at("/stores/0/store_id"), "2");
    assert!(!listed.has("/stores/1"), "{listed}");
}
