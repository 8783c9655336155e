//! `POST /api/stores/{number}/rotate-secret`.

use server::auth::Grant;
use testkit::server::{Reply, TestServer};

use crate::retrieval::{ask, rotate};

fn call(server: &TestServer, number: u32) -> testkit::server::Call<'_> {
    server.post(&format!("/api/stores/{number}/rotate-secret")).by(&server.staff())
}

/// Whether a secret lets its shop in.
fn lets_in(server: &TestServer, secret: &str) -> bool {
    let reply = ask(server, "v1/orderNumbers", 1, secret, r#""sinceOrderId": 0"#);
    match reply.status {
        200 => true,
        _ => {
            assert_eq!(reply.body, r#"{"error":"Invalid security credentials"}"#);
            false
        }
    }
}

on_every_store! {
    fn the_secret_is_told_once_and_the_one_before_it_is_wrong(server: &TestServer) {
        let first = call(server, 1).send();
        assert_eq!((first.status, first.header("cache-control")), (200, Some("no-store")));
        assert_eq!(first.at("/store_id"), "1");
        let (first, second) = (first.text("/secret"), rotate(server, 1));
        assert!(first.len() > 40 && first != second, "{first}");
        assert!(lets_in(server, &second));
        assert!(!lets_in(server, &first) && !lets_in(server, "null"));
        // To put the store keeps it.
        server.must_put("/api/stores/1", r#""name": "A", "currency": "USD""#);
        assert!(lets_in(server, &second));
        let shown = server.get("/api/stores/1").by(&server.staff()).send();
        assert!(!shown.body.contains("secret"), "{shown}");
        let log = server.get("/api/admin/log").by(&server.staff()).send();
        assert_eq!(log.text("/entries/0/type"), "store.secret_rotated");
        assert_eq!(log.at("/entries/0/data"), r#"{"store_id":1}"#);
        assert!(!log.body.contains("hash") && !log.body.contains(&first[..12]), "{log}");
    }
}

/// Whoever reads the stored answers must not find a secret there.
#[test]
fn a_replay_has_no_secret() {
    let server = TestServer::start();
    let first = call(&server, 1).key("once").send();
    let again = call(&server, 1).key("once").send();
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.body, r#"{"store_id":1,"secret":null}"#);
    assert_eq!(again.header("cache-control"), Some("no-store"));
    assert!(lets_in(&server, &first.text("/secret")), "it was rotated once");
    assert_eq!(server.tables_with(&first.text("/secret")), [""; 0]);
}

#[test]
fn a_dry_run_rotates_nothing() {
    let server = TestServer::start();
    let secret = rotate(&server, 1);
    let logged = server.last_admin_seq();
    let call = server.post("/api/stores/1/rotate-secret?dry_run=true").by(&server.staff());
    let reply = call.send();
    assert_eq!((reply.at("/status"), reply.at("/body/secret")), ("200", "null"), "{reply}");
    assert!(lets_in(&server, &secret));
    assert_eq!(server.last_admin_seq(), logged);
}

#[test]
fn what_can_not_be_rotated_is_refused() {
    let server = TestServer::start();
    let code = |reply: Reply| reply.code();
    assert_eq!(code(call(&server, 2).send()), "404 store_not_found");
    assert_eq!(
        code(call(&server, 1).json(r#"{"secret": "mine"}"#).send()),
        "400 validation_failed"
    );
    let narrowed = Grant { subject: "n", scope: "staff", stores: Some(&[2]), ..Grant::default() };
    let by = |number: u32| {
        let path = format!("/api/stores/{number}/rotate-secret");
        server.post(&path).by(&server.grant(&narrowed)).send()
    };
    assert_eq!(code(by(1)), "403 forbidden");
    server.must_put("/api/stores/2", r#""name": "A", "currency": "USD""#);
    assert_eq!(by(2).status, 200, "their own store's");
}
