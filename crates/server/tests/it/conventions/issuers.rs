//! Tokens of outside issuers, whose keys the server fetches over HTTP from this machine.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use engine::keys::{ANSWER_TIMEOUT, FileKeys, HttpKeys, KeySource};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use server::auth::{FetchPace, IssuerSettings, Scopes, SigningKey, Trust};
use testkit::server::{START, TestServer, Wish};
use tokio::{net::TcpListener, runtime::Runtime, time::Instant};

const NOW_S: i64 = START.0 / 1000;
const RSA: &[u8] = include_bytes!("issuer_keys/rsa.pem");
const P256: &[u8] = include_bytes!("issuer_keys/p256.pem");
const ED25519: &[u8] = include_bytes!("issuer_keys/ed25519.pem");

/// Somebody else's server, with addresses for its keys.
struct Issuer {
    _runtime: Runtime,
    url: String,
    books: Arc<Books>,
}

#[derive(Default)]
struct Books {
    keys: Mutex<Vec<Value>>,
    is_away: AtomicBool,
    is_stuck: AtomicBool,
    asked: AtomicUsize,
}

impl Issuer {
    fn start(keys: &[Value]) -> Issuer {
        let runtime = Runtime::new().expect("a runtime");
        let books = Arc::new(Books::default());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}/jwks", listener.local_addr().expect("an address"));
        let router = Router::new().route("/jwks", get(jwks)).with_state(books.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let issuer = Issuer { _runtime: runtime, url, books };
        issuer.publish(keys);
        issuer
    }

    fn publish(&self, keys: &[Value]) {
        *self.books.keys.lock().unwrap() = keys.to_vec();
    }

    fn asked(&self) -> usize {
        self.books.asked.load(Ordering::SeqCst)
    }

    fn source(&self) -> Arc<dyn KeySource> {
        Arc::new(HttpKeys::new(&self.url).expect("an address of this machine"))
    }
}

async fn jwks(State(books): State<Arc<Books>>) -> Result<axum::Json<Value>, StatusCode> {
    books.asked.fetch_add(1, Ordering::SeqCst);
    if books.is_stuck.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    if books.is_away.load(Ordering::SeqCst) {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(axum::Json(json!({"keys": *books.keys.lock().unwrap()})))
}

/// A server that trusts an issuer of customers.
fn trusting(source: Arc<dyn KeySource>, pace: FetchPace) -> TestServer {
    let issuer = IssuerSettings {
        issuer: "https://id.example.com".into(),
        audience: vec!["shop".into()],
        may_grant: Scopes::CUSTOMER,
        user_prefix: None,
        source,
        pace,
    };
    let trust = Trust { public_url: None, issuers: vec![issuer] };
    TestServer::with(Wish { trust, ..Wish::default() })
}

/// The published half of a key.
fn published(key: &EncodingKey, algorithm: Algorithm, kid: &str, alg: Option<&str>) -> Value {
    let jwk = Jwk::from_encoding_key(key, algorithm).expect("a key has a public half");
    let mut value = serde_json::to_value(jwk).expect("a JWK is JSON");
    value["kid"] = kid.into();
    let members = value.as_object_mut().expect("an object");
    members.remove("alg");
    members.extend(alg.map(|alg| ("alg".to_owned(), alg.into())));
    value
}

fn claims(subject: &str) -> Value {
    json!({
        "iss": "https://id.example.com", "sub": subject, "aud": "shop", "exp": NOW_S + 3600,
        "email": "jane@example.com",
    })
}

fn token(algorithm: Algorithm, kid: &str, subject: &str, key: &EncodingKey) -> String {
    let header = Header { kid: Some(kid.into()), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, &claims(subject), key).expect("a token")
}

fn ed25519(byte: u8) -> EncodingKey {
    let mut der = vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
    der.extend([0x04, 0x22, 0x04, 0x20]);
    der.extend([byte; 32]);
    EncodingKey::from_ed_der(&der)
}

fn public_ed25519(byte: u8, kid: &str) -> Value {
    published(&ed25519(byte), Algorithm::EdDSA, kid, None)
}

fn by(byte: u8, kid: &str, subject: &str) -> String {
    token(Algorithm::EdDSA, kid, subject, &ed25519(byte))
}

fn status(server: &TestServer, token: &str) -> u16 {
    server.get("/api/orders").by(token).send().status
}

#[test]
fn each_algorithm_wants_a_key_of_its_kind() {
    let rsa = EncodingKey::from_rsa_pem(RSA).expect("a key");
    let p256 = EncodingKey::from_ec_pem(P256).expect("a key");
    let ed = EncodingKey::from_ed_pem(ED25519).expect("a key");
    let issuer = Issuer::start(&[
        published(&rsa, Algorithm::RS256, "rsa", None),
        published(&rsa, Algorithm::RS256, "rs256", Some("RS256")),
        published(&rsa, Algorithm::RS256, "rs512", Some("RS512")),
        published(&p256, Algorithm::ES256, "p256", Some("ES256")),
        published(&ed, Algorithm::EdDSA, "ed", Some("EdDSA")),
        published(&ed, Algorithm::EdDSA, "ed2", Some("Ed25519")),
        json!({"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}),
    ]);
    let server = trusting(issuer.source(), FetchPace::default());
    let check = |algorithm: Algorithm, kid: &str, key: &EncodingKey, expected: u16| {
        let found = status(&server, &token(algorithm, kid, "jane", key));
        assert_eq!(found, expected, "{algorithm:?} {kid}");
    };
    check(Algorithm::RS256, "rsa", &rsa, 200);
    check(Algorithm::PS256, "rsa", &rsa, 200);
    check(Algorithm::RS256, "rs256", &rsa, 200);
    check(Algorithm::ES256, "p256", &p256, 200);
    check(Algorithm::EdDSA, "ed", &ed, 200);
    check(Algorithm::EdDSA, "ed2", &ed, 200);
    check(Algorithm::PS256, "rs256", &rsa, 401);
    check(Algorithm::RS512, "rsa", &rsa, 401);
    check(Algorithm::RS512, "rs512", &rsa, 401);
    check(Algorithm::RS256, "rs512", &rsa, 401);
    check(Algorithm::RS256, "p256", &rsa, 401);
    check(Algorithm::ES256, "rsa", &p256, 401);
    check(Algorithm::EdDSA, "p256", &ed, 401);
    for secret in [RSA, P256, b"secret"] {
        for kid in ["rsa", "p256", "shared"] {
            check(Algorithm::HS256, kid, &EncodingKey::from_secret(secret), 401);
        }
    }
    assert_eq!(issuer.asked(), 1, "every name was known or a key that is no use");
}

#[test]
fn a_customer_of_an_issuer_is_one_of_ours() {
    let issuer = Issuer::start(&[public_ed25519(1, "a")]);
    let server = trusting(issuer.source(), FetchPace::default());
    server.open_shop();
    let order = server.order("jane", "p001", 1);
    let path = format!("/api/orders/{order}");
    let get = |subject: &str| server.get(&path).by(&by(1, "a", subject)).send();
    assert_eq!(get("jane").text("/user_id"), "jane");
    assert_eq!(get("john").code(), "404 order_not_found");
    let events = server.get("/api/events").by(&by(1, "a", "jane")).send();
    assert_eq!(events.code(), "403 forbidden");
}

/// The issuer publishes each key before it signs with it, and leaves the one before it there.
#[test]
fn keys_rotate_under_load_without_a_refused_token() {
    let issuer = Issuer::start(&[public_ed25519(1, "k1")]);
    let floor = Duration::from_millis(100);
    let pace = FetchPace { floor, ..FetchPace::default() };
    let server = trusting(issuer.source(), pace);
    let newest = AtomicUsize::new(1);
    let done = AtomicBool::new(false);
    let rotations = 6;
    thread::scope(|scope| {
        let callers: Vec<_> = (0..6)
            .map(|caller| {
                let (server, newest, done) = (&server, &newest, &done);
                scope.spawn(move || {
                    let mut calls = 0;
                    while !done.load(Ordering::SeqCst) {
                        let number = newest.load(Ordering::SeqCst);
                        let byte = u8::try_from(number).expect("a few keys");
                        let subject = format!("jane-{caller}-{calls}");
                        let token = by(byte, &format!("k{number}"), &subject);
                        assert_eq!(status(server, &token), 200, "key {number}");
                        calls += 1;
                    }
                    calls
                })
            })
            .collect();
        for number in 2..=rotations {
            // Rotations are further apart than fetches may be.
            thread::sleep(3 * floor);
            let key = |number: u8| public_ed25519(number, &format!("k{number}"));
            issuer.publish(&[key(number - 1), key(number)]);
            newest.store(number.into(), Ordering::SeqCst);
        }
        thread::sleep(3 * floor);
        done.store(true, Ordering::SeqCst);
        let calls: usize = callers.into_iter().map(|it| it.join().expect("no panic")).sum();
        assert!(calls > 12, "{calls} calls were made meanwhile");
    });
    let asked = issuer.asked();
    assert_eq!(asked, usize::from(rotations), "one fetch a key, whoever wanted it");
    assert_eq!(status(&server, &by(1, "k1", "jane")), 401, "the issuer has withdrawn it");
}

#[test]
fn an_issuer_that_is_stuck_holds_nobody() {
    let issuer = Issuer::start(&[public_ed25519(1, "a")]);
    let pace = FetchPace { floor: Duration::from_millis(100), ..FetchPace::default() };
    let server = trusting(issuer.source(), pace);
    assert_eq!(status(&server, &by(1, "a", "jane")), 200);
    issuer.books.is_stuck.store(true, Ordering::SeqCst);
    thread::sleep(pace.floor);
    let took = |token: &str| {
        let begun = Instant::now();
        (status(&server, token), begun.elapsed())
    };
    thread::scope(|scope| {
        let storm: Vec<_> = (0..20)
            .map(|nth| {
                let took = &took;
                scope.spawn(move || took(&by(9, &format!("x{nth}"), "mallory")))
            })
            .collect();
        thread::sleep(Duration::from_millis(200));
        for nth in 0..20 {
            let (found, time) = took(&by(1, "a", &format!("john-{nth}")));
            assert_eq!(found, 200);
            assert!(time < ANSWER_TIMEOUT / 3, "{time:?}");
        }
        assert_eq!(took(&server.token("jane", "")).0, 200, "nor our own");
        for it in storm {
            let (found, time) = it.join().expect("no panic");
            assert_eq!(found, 401);
            assert!(time < ANSWER_TIMEOUT + Duration::from_secs(2), "{time:?}");
        }
    });
    assert!(issuer.asked() <= 3, "{} questions to one that does not answer", issuer.asked());
}

/// A storm within the time in which nobody may ask again is refused without a wait.
#[test]
fn a_storm_of_unknown_keys_is_refused_at_once() {
    let issuer = Issuer::start(&[public_ed25519(1, "a")]);
    let server = trusting(issuer.source(), FetchPace::default());
    assert_eq!(status(&server, &by(1, "a", "jane")), 200);
    issuer.books.is_stuck.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    let calls = |nth: u32| server.get("/api/orders").by(&by(9, &format!("x{nth}"), "mallory"));
    for reply in server.at_once((0..200).map(calls).collect()) {
        assert_eq!(reply.code(), "401 invalid_token");
    }
    assert!(begun.elapsed() < ANSWER_TIMEOUT, "{:?}", begun.elapsed());
    assert_eq!(issuer.asked(), 1);
}

#[test]
fn an_issuer_may_be_away_at_the_start() {
    let issuer = Issuer::start(&[public_ed25519(1, "a")]);
    issuer.books.is_away.store(true, Ordering::SeqCst);
    let pace = FetchPace { floor: Duration::from_millis(100), ..FetchPace::default() };
    let server = trusting(issuer.source(), pace);
    assert_eq!(status(&server, &server.token("jane", "")), 200);
    assert_eq!(status(&server, &by(1, "a", "jane")), 401);
    issuer.books.is_away.store(false, Ordering::SeqCst);
    thread::sleep(pace.floor);
    assert_eq!(status(&server, &by(1, "a", "jane")), 200);
    issuer.books.is_away.store(true, Ordering::SeqCst);
    thread::sleep(pace.floor);
    assert_eq!(status(&server, &by(9, "b", "jane")), 401);
    assert_eq!(status(&server, &by(1, "a", "john")), 200, "what was known stays");
}

#[test]
fn keys_may_stand_in_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("jwks.json");
    let write = |keys: &[Value]| {
        std::fs::write(&path, json!({ "keys": keys }).to_string()).expect("a file");
    };
    write(&[public_ed25519(1, "a")]);
    let pace = FetchPace { floor: Duration::from_millis(100), ..FetchPace::default() };
    let server = trusting(Arc::new(FileKeys::new(path.clone())), pace);
    assert_eq!(status(&server, &by(1, "a", "jane")), 200);
    write(&[public_ed25519(2, "b")]);
    thread::sleep(pace.floor);
    assert_eq!(status(&server, &by(2, "b", "jane")), 200);
    assert_eq!(status(&server, &by(1, "a", "jane")), 401);
}

/// An issuer's key signs nothing in our name, nor ours in its name.
#[test]
fn keys_speak_for_their_own_issuer_alone() {
    let issuer = Issuer::start(&[public_ed25519(1, "a")]);
    let server = trusting(issuer.source(), FetchPace::default());
    let ours = SigningKey::from_seed([7; 32]).expect("the test server's key");
    assert_eq!(status(&server, &by(7, ours.key_id(), "jane")), 401);
    let mut in_our_name = claims("boss");
    in_our_name["iss"] = "orderd".into();
    in_our_name["scope"] = "staff".into();
    in_our_name.as_object_mut().expect("an object").remove("aud");
    for kid in ["a", ours.key_id()] {
        let header = Header { kid: Some(kid.into()), ..Header::new(Algorithm::EdDSA) };
        let forged = jsonwebtoken::encode(&header, &in_our_name, &ed25519(1)).expect("a token");
        assert_eq!(status(&server, &forged), 401, "{kid}");
    }
}
