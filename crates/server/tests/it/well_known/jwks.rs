//! `GET /.well-known/jwks.json`, and the keys behind it, which change while the server runs.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use domain::Moment;
use server::auth::{Grant, LOOK_EVERY, SigningKey};
use store::{KeptKey, KeyChange};
use testkit::server::{START, TestServer};
use tokio::time::Instant;

use crate::clients::{create, token_of};

fn key(byte: u8) -> SigningKey {
    SigningKey::from_seed([byte; 32]).expect("any 32 bytes are a key")
}

fn announced(byte: u8) -> KeyChange {
    KeyChange::Add(KeptKey {
        key_id: key(byte).key_id().into(),
        seed: vec![byte; 32],
        created_at: Moment(START.0 + i64::from(byte)),
        signs_from: None,
        withdrawn_at: None,
    })
}

fn names(server: &TestServer) -> Vec<String> {
    let reply = server.get("/.well-known/jwks.json").send();
    assert_eq!(reply.status, 200, "{reply}");
    let name = |nth: usize| {
        let pointer = format!("/keys/{nth}/kid");
        reply.has(&pointer).then(|| reply.text(&pointer))
    };
    (0..).map_while(name).collect()
}

/// Waits until the server has noticed.
#[track_caller]
fn noticed(server: &TestServer, expected: &[&str]) {
    let patience = 20;
    for _ in 0..patience {
        if names(server) == expected {
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
    panic!("{:?} are not {expected:?}", names(server));
}

on_every_store! {
    fn keys_are_published_without_their_secrets(server: &TestServer) {
        let reply = server.get("/.well-known/jwks.json").send();
        assert_eq!(reply.header("cache-control"), Some("public, max-age=60"));
        assert_eq!(reply.text("/keys/0/kty"), "OKP");
        assert_eq!(reply.text("/keys/0/crv"), "Ed25519");
        assert_eq!(reply.text("/keys/0/alg"), "EdDSA");
        assert_eq!(reply.text("/keys/0/use"), "sig");
        assert!(!reply.body.contains("\"d\""), "{reply}");
        assert_eq!(names(server), [key(7).key_id()]);
    }

    fn a_withdrawn_key_stops(server: &TestServer) {
        let (old, new) = (key(7).key_id().to_owned(), key(9).key_id().to_owned());
        let mint = |byte| {
            let grant = Grant { subject: "u", ..Grant::default() };
            key(byte).mint(&grant, 3600, START.0).expect("a token")
        };
        let status = |token: &str| server.get("/api/orders").by(token).send().status;
        assert_eq!((status(&mint(7)), status(&mint(9))), (200, 401));
        server.change_keys(vec![announced(9)]);
        noticed(server, &[&old, &new]);
        assert_eq!((status(&mint(7)), status(&mint(9))), (200, 200));
        server.change_keys(vec![
            KeyChange::Sign { key_id: new.clone(), from: Moment(START.0 + 9) },
            KeyChange::Withdraw { key_id: old, at: Moment(START.0 + 9) },
        ]);
        noticed(server, &[&new]);
        assert_eq!((status(&mint(7)), status(&mint(9))), (401, 200));
    }
}

/// Callers get and use tokens all the time while key follows key.
#[test]
fn a_rotation_refuses_no_good_token() {
    let server = TestServer::start();
    let client = create(&server, "orders:read");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut calls = 0;
                    while !done.load(Ordering::Relaxed) {
                        let token = token_of(&server, &client);
                        for _ in 0..3 {
                            let reply = server.get("/api/orders").by(&token).send();
                            assert_eq!(reply.status, 200, "{reply}");
                            calls += 1;
                        }
                    }
                    calls
                })
            })
            .collect();
        let begun = Instant::now();
        let mut expected = vec![key(7).key_id().to_owned()];
        for byte in 10..14 {
            let name = key(byte).key_id().to_owned();
            server.change_keys(vec![announced(byte)]);
            expected.push(name.clone());
            noticed(&server, &expected.iter().map(String::as_str).collect::<Vec<_>>());
            let from = Moment(START.0 + i64::from(byte));
            server.change_keys(vec![KeyChange::Sign { key_id: name, from }]);
            thread::sleep(LOOK_EVERY * 2);
        }
        assert!(begun.elapsed() > Duration::from_secs(1), "it was a while");
        done.store(true, Ordering::Relaxed);
        let calls: usize = callers.into_iter().map(|it| it.join().expect("no panic")).sum();
        assert!(calls > 8, "{calls} calls were made meanwhile");
    });
    let token = token_of(&server, &client);
    let header = token.split('.').next().expect("a token has a header");
    let header = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, header);
    let header = String::from_utf8(header.expect("base64url")).expect("a header is JSON");
    assert!(header.contains(key(13).key_id()), "the newest signs: {header}");
}
