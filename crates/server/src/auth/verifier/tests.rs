use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Moment;
use engine::keys::{KeySource, KeysUnavailable, Material, PublicKey, Published};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::{KeyChange, Store, memory::Memory};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use super::*;
use crate::auth::{FetchPace, Grant, Right, Scopes, SigningKey};

const NOW_MS: i64 = 1_750_000_000_000;
const NOW_S: i64 = NOW_MS / 1000;

fn key(byte: u8) -> SigningKey {
    SigningKey::from_seed([byte; 32]).expect("any 32 bytes are a key")
}

/// A verifier and what it needs to live.
struct House {
    runtime: Runtime,
    store: Memory,
    verifier: Verifier,
}

impl House {
    /// Whose key 1 signs.
    fn new() -> House {
        House::trusting(Trust::default()).expect("nothing is wrong")
    }

    fn trusting(trust: Trust) -> Result<House, String> {
        let runtime = Runtime::new().expect("a runtime");
        let store = Memory::new();
        let first = KeyChange::Add(kept(1, Some(1)));
        runtime.block_on(store.change_signing_keys(vec![first])).expect("a key can be kept");
        let verifier = runtime.block_on(Verifier::open(store.reads(), trust, Vault::default()))?;
        Ok(House { runtime, store, verifier })
    }

    fn judge(&self, authorization: &str, now_ms: i64) -> Result<Arc<Caller>, Problem> {
        let value = authorization.parse().expect("a header value");
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        self.runtime.block_on(self.verifier.require(&headers, now_ms))
    }

    /// 200, or what is refused with.
    fn status(&self, token: &str) -> u16 {
        match self.judge(&format!("Bearer {token}"), NOW_MS) {
            Ok(_) => 200,
            Err(problem) => problem.status().as_u16(),
        }
    }

    fn caller(&self, token: &str) -> Arc<Caller> {
        self.judge(&format!("Bearer {token}"), NOW_MS).expect("the token is valid")
    }

    /// Changes the keys, and notices.
    fn change(&self, changes: &[KeyChange]) {
        let changed = self.store.change_signing_keys(changes.to_vec());
        self.runtime.block_on(changed).expect("keys can be changed");
        let mut seen = Seen::default();
        let looked = self.verifier.look_again(&mut seen);
        self.runtime.block_on(looked).expect("keys can be read");
    }
}

fn kept(byte: u8, signs_from: Option<i64>) -> KeptKey {
    KeptKey {
        key_id: key(byte).key_id().into(),
        seed: vec![byte; 32],
        created_at: Moment(i64::from(byte)),
        signs_from: signs_from.map(Moment),
        withdrawn_at: None,
    }
}

fn of(subject: &str) -> Grant<'_> {
    Grant { subject, ..Grant::default() }
}

fn challenge(problem: Problem) -> String {
    let response = axum::response::Response::from(problem);
    response.headers()[WWW_AUTHENTICATE].to_str().expect("ASCII").to_owned()
}

/// PKCS#8 of an Ed25519 seed of one byte, 32 times.
fn ed25519(byte: u8) -> EncodingKey {
    let mut der = vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
    der.extend([0x04, 0x22, 0x04, 0x20]);
    der.extend([byte; 32]);
    EncodingKey::from_ed_der(&der)
}

/// Signs claims as they are, also such that nobody mints.
fn signed(algorithm: Algorithm, kid: Option<&str>, claims: &Value, by: &EncodingKey) -> String {
    let header = Header { kid: kid.map(Into::into), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, by).expect("claims can be signed")
}

fn own(claims: &Value) -> String {
    signed(Algorithm::EdDSA, Some(key(1).key_id()), claims, &ed25519(1))
}

#[test]
fn a_minted_token_names_its_bearer() {
    let grant = Grant {
        stores: Some(&[1, 4]),
        store: Some(4),
        email: Some("boss@example.com"),
        scope: "staff",
        ..of("boss")
    };
    let token = key(1).mint(&grant, 60, NOW_MS).expect("a token");
    let house = House::new();
    for _ in 0..2 {
        let caller = house.caller(&token);
        assert_eq!((caller.issuer(), caller.subject()), ("orderd", "boss"));
        assert!(caller.may(Right::Administer));
        assert!(caller.require_everywhere(Right::Administer).is_err(), "it is narrowed");
        assert_eq!(caller.stores(), Some(&[1, 4][..]));
        assert_eq!((caller.store(), caller.email()), (Some(4), Some("boss@example.com")));
    }
    assert_eq!(house.verifier.checked.len(), 1);
}

#[test]
fn a_token_expires_also_in_the_cache() {
    let house = House::new();
    let token = key(1).mint(&of("u"), 60, NOW_MS).expect("a token");
    let value = format!("bearer {token}");
    assert!(house.judge(&value, NOW_MS + 59_999).is_ok());
    for _ in 0..2 {
        let expired = house.judge(&value, NOW_MS + 60_000).expect_err("it has expired");
        assert_eq!(challenge(expired), "Bearer error=\"invalid_token\"");
        assert_eq!(house.verifier.checked.len(), 0);
    }
}

#[test]
fn claims_are_checked() {
    let house = House::new();
    let check = |name: &str, value: Value, expected: u16| {
        let mut claims = json!({"iss": "orderd", "sub": "u", "exp": NOW_S + 60});
        claims[name] = value;
        assert_eq!(house.status(&own(&claims)), expected, "{claims}");
    };
    check("scope", json!("staff"), 200);
    check("scope", json!(["staff", "more"]), 200);
    check("scope", json!({"staff": true}), 401);
    check("exp", json!(NOW_S + 1), 200);
    check("exp", json!(NOW_MS as f64 / 1000.0 + 0.5), 200);
    check("exp", json!(NOW_S), 401);
    check("exp", json!(null), 401);
    check("exp", json!("soon"), 401);
    check("nbf", json!(NOW_S), 200);
    check("nbf", json!(NOW_S + 1), 401);
    check("iss", json!("another"), 401);
    check("iss", json!(null), 401);
    check("sub", json!(""), 401);
    check("sub", json!(null), 401);
    check("aud", json!("another service"), 401);
    check("stores", json!("all"), 401);
}

#[test]
fn only_our_own_signature_counts() {
    let house = House::new();
    let claims = json!({"iss": "orderd", "sub": "u", "exp": NOW_S + 60});
    let check = |token: &str, expected: u16| assert_eq!(house.status(token), expected, "{token}");
    let good = own(&claims);
    check(&good, 200);
    check(&signed(Algorithm::EdDSA, None, &claims, &ed25519(1)), 401);
    check(&key(2).mint(&of("u"), 60, NOW_MS).expect("a token"), 401);
    check(&signed(Algorithm::EdDSA, Some(key(1).key_id()), &claims, &ed25519(2)), 401);
    let secret = EncodingKey::from_secret(b"secret");
    check(&signed(Algorithm::HS256, Some(key(1).key_id()), &claims, &secret), 401);
    let (_, payload, signature) = parts(&good);
    let header = |text: String| URL_SAFE_NO_PAD.encode(text);
    let none = header(format!(r#"{{"alg":"none","kid":"{}"}}"#, key(1).key_id()));
    check(&format!("{none}.{payload}."), 401);
    let forged = header(claims.to_string().replace("\"u\"", "\"v\""));
    check(&good.replace(payload, &forged), 401);
    let critical = Header {
        kid: Some(key(1).key_id().into()),
        crit: Some(vec!["b64".into()]),
        ..Header::new(Algorithm::EdDSA)
    };
    check(&jsonwebtoken::encode(&critical, &claims, &ed25519(1)).expect("a token"), 401);
    check(&format!("{good}{}", "A".repeat(TOKEN_LENGTH_MAX)), 401);
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    for at in 0..bytes.len() {
        bytes[at] ^= 1;
        check(&good.replace(signature, &URL_SAFE_NO_PAD.encode(&bytes)), 401);
        bytes[at] ^= 1;
    }
    check(&good.replace(signature, &URL_SAFE_NO_PAD.encode(&bytes[..63])), 401);
    check(&good, 200);
}

fn parts(token: &str) -> (&str, &str, &str) {
    let mut parts = token.split('.');
    let mut next = || parts.next().expect("a token has three parts");
    (next(), next(), next())
}

#[test]
fn a_refusal_says_how_to_come_in() {
    let house = House::new();
    let asked = house.runtime.block_on(house.verifier.require(&HeaderMap::new(), NOW_MS));
    let without = asked.expect_err("no token");
    assert_eq!((without.status().as_u16(), without.code()), (401, "token_required"));
    assert_eq!(challenge(without), "Bearer");
    let optional = house.runtime.block_on(house.verifier.caller(&HeaderMap::new(), NOW_MS));
    assert_eq!(optional.ok(), Some(None));
    for value in ["Basic dTpw", "Bearer", "Bearer ", "x"] {
        let refused = house.judge(value, NOW_MS).expect_err("no bearer token");
        assert_eq!(challenge(refused), "Bearer error=\"invalid_request\"", "{value}");
    }
    let refused = house.judge("Bearer a.b.c", NOW_MS).expect_err("no token");
    assert_eq!(challenge(refused), "Bearer error=\"invalid_token\"");
}

#[test]
fn keys_are_announced_sign_retire_and_are_withdrawn() {
    let house = House::new();
    let signs = || house.verifier.own().signing().key_id().to_owned();
    let token = |byte| key(byte).mint(&of("u"), 60, NOW_MS).expect("a token");
    let name = |byte| key(byte).key_id().to_owned();
    assert_eq!((house.status(&token(1)), house.status(&token(2))), (200, 401));
    house.change(&[KeyChange::Add(kept(2, None))]);
    assert_eq!(signs(), name(1), "one that is announced does not sign yet");
    assert_eq!((house.status(&token(1)), house.status(&token(2))), (200, 200));
    assert_eq!(house.verifier.own().public().len(), 2);
    house.change(&[KeyChange::Sign { key_id: name(2), from: Moment(9) }]);
    assert_eq!(signs(), name(2));
    assert_eq!(house.status(&token(1)), 200, "tokens of the old one live on");
    house.change(&[KeyChange::Withdraw { key_id: name(1), at: Moment(10) }]);
    assert_eq!((house.status(&token(1)), house.status(&token(2))), (401, 200), "also if cached");
    assert_eq!(house.verifier.own().public().len(), 1);
    assert_eq!(signs(), name(2));
}

/// An issuer of the test's own, that counts how often it was asked.
#[derive(Debug, Default)]
struct Source {
    answer: Mutex<Option<Vec<PublicKey>>>,
    delay: Mutex<Duration>,
    asked: AtomicUsize,
}

impl Source {
    fn publish(&self, keys: &[PublicKey]) {
        *self.answer.lock().unwrap() = Some(keys.to_vec());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl KeySource for Source {
    fn keys(&self) -> Published<'_> {
        Box::pin(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let delay = *self.delay.lock().unwrap();
            tokio::time::sleep(delay).await;
            let answer = self.answer.lock().unwrap().clone();
            answer.ok_or_else(|| KeysUnavailable("away".into()))
        })
    }
}

fn published(byte: u8, key_id: &str) -> PublicKey {
    let public = serde_json::to_value(key(byte).public()).expect("a JWK is JSON");
    let x = public["x"].as_str().expect("a text").to_owned();
    PublicKey { key_id: key_id.into(), algorithm: None, material: Material::Ed25519 { x } }
}

const FLOOR: Duration = Duration::from_millis(300);

fn issuer(name: &str, prefix: Option<&str>, source: &Arc<Source>) -> IssuerSettings {
    IssuerSettings {
        issuer: name.into(),
        audience: vec!["shop".into()],
        may_grant: Scopes::CUSTOMER,
        user_prefix: prefix.map(Into::into),
        source: source.clone(),
        pace: FetchPace { floor: FLOOR, refresh: Duration::from_secs(60) },
    }
}

fn trust(issuers: &[IssuerSettings]) -> Trust {
    Trust { public_url: None, issuers: issuers.to_vec() }
}

/// One issuer, whose key `a` is 7.
fn outside() -> (House, Arc<Source>) {
    let source = Arc::new(Source::default());
    source.publish(&[published(7, "a")]);
    let house = House::trusting(trust(&[issuer("https://id", None, &source)]));
    (house.expect("nothing is wrong"), source)
}

fn outside_claims() -> Value {
    json!({"iss": "https://id", "sub": "u", "aud": "shop", "exp": NOW_S + 60})
}

fn by_seven(claims: &Value) -> String {
    signed(Algorithm::EdDSA, Some("a"), claims, &ed25519(7))
}

#[test]
fn claims_of_outside_issuers_are_checked() {
    let (house, _) = outside();
    let check = |name: &str, value: Value, expected: u16| {
        let mut claims = outside_claims();
        claims[name] = value;
        assert_eq!(house.status(&by_seven(&claims)), expected, "{claims}");
    };
    check("aud", json!(["other", "shop"]), 200);
    check("aud", json!("other"), 401);
    check("aud", json!(null), 401);
    check("exp", json!(NOW_S - 29), 200);
    check("exp", json!(NOW_S - 30), 401);
    check("exp", json!(null), 401);
    check("nbf", json!(NOW_S + 30), 200);
    check("nbf", json!(NOW_S + 31), 401);
    check("iss", json!("https://id/"), 401);
    check("iss", json!("orderd"), 401);
    check("sub", json!(""), 401);
    check("stores", json!([1]), 200);
    check("stores", json!("1"), 401);
}

#[test]
fn forged_tokens_of_outside_issuers_are_refused() {
    let (house, source) = outside();
    let claims = outside_claims();
    let good = by_seven(&claims);
    assert_eq!(house.status(&good), 200);
    let check = |what: &str, token: &str| assert_eq!(house.status(token), 401, "{what}");
    check("another's signature", &signed(Algorithm::EdDSA, Some("a"), &claims, &ed25519(8)));
    check("our own key", &signed(Algorithm::EdDSA, Some(key(1).key_id()), &claims, &ed25519(1)));
    check("no key named", &signed(Algorithm::EdDSA, None, &claims, &ed25519(7)));
    check("an unknown key named", &signed(Algorithm::EdDSA, Some("b"), &claims, &ed25519(7)));
    let public = serde_json::to_value(key(7).public()).expect("a JWK is JSON");
    let x = public["x"].as_str().expect("a text");
    for secret in [x.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(x).expect("base64url")] {
        let secret = EncodingKey::from_secret(&secret);
        check("the public key as a secret", &signed(Algorithm::HS256, Some("a"), &claims, &secret));
    }
    let (_, payload, signature) = parts(&good);
    for algorithm in ["none", "None", "RS256", "ES256", "HS256"] {
        let header = json!({"alg": algorithm, "kid": "a"}).to_string();
        let header = URL_SAFE_NO_PAD.encode(header);
        check(algorithm, &format!("{header}.{payload}.{signature}"));
        check(algorithm, &format!("{header}.{payload}."));
    }
    let as_ours = json!({"iss": "orderd", "sub": "u", "exp": NOW_S + 60});
    check("in our name", &by_seven(&as_ours));
    assert!(source.asked() <= 2, "asked {} times", source.asked());
}

#[test]
fn an_issuer_grants_what_it_may() {
    let source = Arc::new(Source::default());
    source.publish(&[published(7, "a")]);
    let rights = |may_grant: &str, scope: &str| {
        let settings = IssuerSettings {
            may_grant: Scopes::known(may_grant),
            ..issuer("https://id", None, &source)
        };
        let house = House::trusting(trust(&[settings])).expect("nothing is wrong");
        let mut claims = outside_claims();
        claims["scope"] = scope.into();
        house.caller(&by_seven(&claims)).scopes().words().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(rights("customer", ""), "customer");
    assert_eq!(rights("customer", "staff"), "customer");
    assert_eq!(rights("customer", "openid staff orders:read"), "customer");
    assert_eq!(rights("customer staff", "openid staff"), "staff");
    assert_eq!(rights("customer staff", "openid"), "customer");
    assert_eq!(rights("orders:read events:read", "orders:read orders:write"), "orders:read");
    assert_eq!(rights("orders:read", "openid"), "", "it may not name customers");
    assert_eq!(rights("", "staff"), "");
}

#[test]
fn users_of_several_issuers_are_kept_apart() {
    let sources = [Arc::new(Source::default()), Arc::new(Source::default())];
    sources[0].publish(&[published(7, "a")]);
    sources[1].publish(&[published(8, "a"), published(7, "c")]);
    let all = [issuer("https://id", None, &sources[0]), issuer("two", Some("two-"), &sources[1])];
    let house = House::trusting(trust(&all)).expect("nothing is wrong");
    let of = |iss: &str, sub: &str| {
        let mut claims = outside_claims();
        (claims["iss"], claims["sub"]) = (iss.into(), sub.into());
        claims
    };
    let second = |sub| signed(Algorithm::EdDSA, Some("a"), &of("two", sub), &ed25519(8));
    let caller = house.caller(&second("jane"));
    assert_eq!((caller.issuer(), caller.subject()), ("two", "two-jane"));
    assert_eq!(house.caller(&by_seven(&of("https://id", "jane"))).subject(), "jane");
    assert_eq!(house.status(&by_seven(&of("https://id", "two-jane"))), 401, "another's user");
    assert_eq!(house.caller(&second("two-jane")).subject(), "two-two-jane");
    assert_eq!(house.status(&by_seven(&of("two", "jane"))), 401, "a key of the other issuer");
    let named = signed(Algorithm::EdDSA, Some("c"), &of("https://id", "jane"), &ed25519(7));
    assert_eq!(house.status(&named), 401, "a name that only the other issuer has");
}

#[test]
fn issuers_that_can_not_be_told_apart_are_refused() {
    let source = Arc::new(Source::default());
    let check = |issuers: &[IssuerSettings], why: &str| {
        let refused = House::trusting(trust(issuers)).err().expect("it is refused");
        assert!(refused.contains(why), "{refused}");
    };
    let it = |name: &str, prefix| issuer(name, prefix, &source);
    check(&[it("a", None), it("a", Some("x"))], "named twice");
    check(&[it("orderd", None)], "this server");
    check(&[it("a", None), it("b", Some(""))], "user_prefix");
    check(&[it("a", Some("x-")), it("b", Some("x-"))], "begins with");
    check(&[it("a", Some("x")), it("b", Some("x-"))], "begins with");
    check(&[IssuerSettings { audience: Vec::new(), ..it("a", None) }], "audience");
}

#[test]
fn keys_are_asked_for_again_not_too_often() {
    let (house, source) = outside();
    let unknown = |kid: &str| signed(Algorithm::EdDSA, Some(kid), &outside_claims(), &ed25519(9));
    assert_eq!(house.status(&by_seven(&outside_claims())), 200);
    assert_eq!(source.asked(), 1);
    for nth in 0..50 {
        assert_eq!(house.status(&unknown(&format!("x{nth}"))), 401);
    }
    assert_eq!(source.asked(), 1, "it was asked a moment ago");
    source.publish(&[published(9, "b")]);
    assert_eq!(house.status(&unknown("b")), 401, "too early");
    std::thread::sleep(FLOOR);
    assert_eq!(house.status(&unknown("b")), 200);
    assert_eq!(source.asked(), 2);
    assert_eq!(house.status(&by_seven(&outside_claims())), 401, "withdrawn, also if cached");
    *source.answer.lock().unwrap() = None;
    std::thread::sleep(FLOOR);
    assert_eq!(house.status(&unknown("c")), 401);
    assert_eq!(source.asked(), 3);
    assert_eq!(house.status(&unknown("b")), 200, "an issuer that is away keeps its keys");
}

#[test]
fn a_slow_issuer_holds_nobody() {
    let (house, source) = outside();
    let unknown = signed(Algorithm::EdDSA, Some("b"), &outside_claims(), &ed25519(9));
    assert_eq!(house.status(&by_seven(&outside_claims())), 200);
    std::thread::sleep(FLOOR);
    *source.delay.lock().unwrap() = 2 * FLOOR;
    source.publish(&[published(7, "a"), published(9, "b")]);
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..8).map(|_| scope.spawn(|| house.status(&unknown))).collect();
        let begun = house.runtime.block_on(async { Instant::now() });
        std::thread::sleep(FLOOR / 3);
        let claims = json!({"iss": "https://id", "sub": "v", "aud": "shop", "exp": NOW_S + 60});
        assert_eq!(house.status(&by_seven(&claims)), 200, "its key is known");
        assert!(begun.elapsed() < FLOOR, "it waited for nobody");
        for it in waiting {
            assert_eq!(it.join().expect("no panic"), 200, "its key was on its way");
        }
    });
    assert_eq!(source.asked(), 2, "all of them waited for one answer");
}

#[test]
fn what_was_refused_too_early_is_asked_for_later() {
    let (house, source) = outside();
    let fresh = signed(Algorithm::EdDSA, Some("b"), &outside_claims(), &ed25519(9));
    assert_eq!(house.status(&by_seven(&outside_claims())), 200);
    source.publish(&[published(9, "b")]);
    assert_eq!(house.status(&fresh), 401);
    std::thread::sleep(FLOOR);
    house.runtime.block_on(async { house.verifier.keep_fresh() });
    for _ in 0..100 {
        if source.asked() == 2 {
            break;
        }
        std::thread::sleep(FLOOR / 100);
    }
    assert_eq!((source.asked(), house.status(&fresh)), (2, 200));
    house.runtime.block_on(async { house.verifier.keep_fresh() });
    assert_eq!(source.asked(), 2, "nothing is wanted any more");
}

proptest! {
    #[test]
    fn any_header_is_judged(value in "[Bb]earer [A-Za-z0-9_.=-]{0,60}") {
        prop_assert!(House::new().judge(&value, NOW_MS).is_err());
    }
}
