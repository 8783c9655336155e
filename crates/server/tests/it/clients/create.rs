//! `POST /api/clients`.

use server::auth::Grant;
use testkit::server::{Reply, TestServer};

use super::token_of;

const ERP: &str = r#"{"name": "ERP", "scope": "events:read orders:read"}"#;

fn create(server: &TestServer, body: &str) -> Reply {
    server.post("/api/clients").by(&server.staff()).json(body).send()
}

on_every_store! {
    fn a_client_is_made_and_its_secret_shown_once(server: &TestServer) {
        let made = create(server, ERP);
        let (id, secret) = (made.text("/client_id"), made.text("/client_secret"));
        assert_eq!(made.status, 201, "{made}");
        assert_eq!(made.header("location"), Some(format!("/api/clients/{id}").as_str()));
        assert_eq!(made.header("cache-control"), Some("no-store"));
        assert_eq!(made.text("/scope"), "orders:read events:read", "in the order of the table");
        assert!(id.starts_with("client_") && secret.len() > 40, "{made}");
        let shown = server.get(&format!("/api/clients/{id}")).by(&server.staff()).send();
        assert!(!shown.body.contains("secret"), "{shown}");
        let token = token_of(server, &(id.clone(), secret.clone()));
        assert_eq!(server.get("/api/orders").by(&token).send().status, 200);
        assert_eq!(server.get("/api/clients").by(&token).send().code(), "403 forbidden");
        let log = server.get("/api/admin/log").by(&server.staff()).send();
        assert_eq!(log.text("/entries/0/type"), "client.created");
        assert_eq!(log.text("/entries/0/actor"), "staff:boss");
        assert_eq!(log.text("/entries/0/data/client_id"), id);
        assert!(!log.body.contains("secret") && !log.body.contains("hash"), "{log}");
    }
}

/// Whoever reads the stored answers must not find a secret there.
#[test]
fn a_replay_has_no_secret() {
    let server = TestServer::start();
    let call = || server.post("/api/clients").by(&server.staff()).key("erp").json(ERP);
    let replies = server.at_once((0..8).map(|_| call()).collect());
    let replayed = |it: &Reply| it.header("idempotent-replayed").is_some();
    let (again, first): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|it| replayed(it));
    let [first] = first[..] else { panic!("{} are not replayed", first.len()) };
    let late = call().send();
    for it in again.into_iter().chain([&late]) {
        assert_eq!((it.status, it.at("/client_secret")), (201, "null"), "{it}");
        assert_eq!(it.text("/client_id"), first.text("/client_id"));
        assert_eq!(it.header("cache-control"), Some("no-store"));
    }
    token_of(&server, &(first.text("/client_id"), first.text("/client_secret")));
    assert_eq!(server.last_admin_seq(), 1, "one client was made");
}

#[test]
fn a_dry_run_gives_neither_id_nor_secret() {
    let server = TestServer::start();
    let call = server.post("/api/clients?dry_run=true").by(&server.staff()).json(ERP);
    let reply = call.send();
    assert_eq!((reply.status, reply.at("/status")), (200, "201"), "{reply}");
    assert_eq!(reply.at("/body/client_id"), "null");
    assert_eq!(reply.at("/body/client_secret"), "null");
    assert_eq!(server.last_admin_seq(), 0);
}

#[test]
fn what_is_no_client_is_refused() {
    let server = TestServer::start();
    let check = |body: &str, faults: &str| {
        let refusal = create(&server, body).refusal();
        assert!(refusal.ends_with(faults), "{body}: {refusal}");
    };
    check("{}", "[/name required, /scope required]");
    check(r#"{"name": "", "scope": ""}"#, "[/name invalid_length, /scope invalid_length]");
    check(r#"{"name": "ERP", "scope": "orders:reed"}"#, "[/scope unknown_scope]");
    check(r#"{"name": "ERP", "scope": "customer"}"#, "[/scope unknown_scope]");
    check(r#"{"name": "ERP", "scope": " "}"#, "[/scope invalid_length]");
    check(r#"{"name": "ERP", "scope": "staff", "stores": [1]}"#, "[/stores unknown_field]");
    assert_eq!(server.last_admin_seq(), 0, "nothing was stored");
}

/// They could make a client that is not narrowed.
#[test]
fn narrowed_staff_make_none() {
    let server = TestServer::start();
    let narrowed = Grant { subject: "n", scope: "staff", stores: Some(&[1]), ..Grant::default() };
    let call = server.post("/api/clients").by(&server.grant(&narrowed)).json(ERP);
    assert_eq!(call.send().code(), "403 forbidden");
}
