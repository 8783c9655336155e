//! The server's own tokens: JWTs signed with Ed25519, made by `orderd token` and for machine
//! clients, checked on every request. Time is an argument.

use std::fmt;
use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::caller::Caller;
use crate::problem::Problem;

/// `iss` of our own tokens.
pub const ISSUER: &str = "orderd";

/// Tokens that are remembered as checked.
const CHECKED_MAX: usize = 20_000;
/// A longer token is refused unread, so that the cache has a bound in bytes too.
const TOKEN_LENGTH_MAX: usize = 4096;

/// What a token says about its bearer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grant<'a> {
    pub subject: &'a str,
    pub scope: &'a str,
    pub stores: Option<&'a [i64]>,
    pub store: Option<i64>,
    pub email: Option<&'a str>,
}

/// The key that signs. Kept as its 32 secret bytes, from which all else follows.
pub struct SigningKey {
    seed: [u8; 32],
    encoding: EncodingKey,
    public: Jwk,
    key_id: String,
}

impl SigningKey {
    /// The key of these secret bytes: random ones make a new key, stored ones bring it back.
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, Error> {
        let encoding = EncodingKey::from_ed_der(&pkcs8(&seed));
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA)?;
        let key_id = key_id(&public)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(SigningKey { seed, encoding, public, key_id })
    }

    /// What storage keeps, and nothing else may see.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public half, as `/.well-known/jwks.json` shows it.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Makes a token that is valid from now on.
    pub fn mint(&self, grant: &Grant<'_>, ttl_s: u64, now_ms: i64) -> Result<String, Error> {
        let now_s = now_ms.div_euclid(1000);
        let claims = Minted {
            iss: ISSUER,
            sub: grant.subject,
            iat: now_s,
            exp: now_s.saturating_add_unsigned(ttl_s),
            scope: grant.scope,
            stores: grant.stores,
            store: grant.store,
            email: grant.email,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, &claims, &self.encoding)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.key_id)
    }
}

#[derive(Serialize)]
struct Minted<'a> {
    iss: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stores: Option<&'a [i64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

/// The PKCS#8 form of an Ed25519 seed (RFC 8410, 7): a fixed head and the seed.
fn pkcs8(seed: &[u8; 32]) -> [u8; 48] {
    const HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let mut key = [0; 48];
    key[..16].copy_from_slice(&HEAD);
    key[16..].copy_from_slice(seed);
    key
}

/// The key's RFC 7638 thumbprint (with RFC 8037's members), which needs no table of names.
fn key_id(public: &Jwk) -> Result<String, Error> {
    let AlgorithmParameters::OctetKeyPair(parameters) = &public.algorithm else {
        return Err(ErrorKind::InvalidEddsaKey.into());
    };
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, parameters.x);
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)))
}

/// Checks `Authorization` headers. Shared by all requests.
pub struct Verifier {
    keys: Vec<(String, DecodingKey)>,
    validation: Validation,
    checked: Cache<Box<str>, Checked>,
}

#[derive(Clone)]
struct Checked {
    caller: Arc<Caller>,
    valid_from_ms: i64,
    expires_at_ms: i64,
}

impl Checked {
    fn is_valid_at(&self, now_ms: i64) -> bool {
        (self.valid_from_ms..self.expires_at_ms).contains(&now_ms)
    }
}

impl Verifier {
    /// Accepts tokens signed with any of these keys.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k SigningKey>) -> Result<Self, Error> {
        let keys = keys
            .into_iter()
            .map(|key| Ok((key.key_id.clone(), DecodingKey::from_jwk(&key.public)?)));
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // The library reads the machine's clock; time is judged here by the caller's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Verifier {
            keys: keys.collect::<Result<_, Error>>()?,
            validation,
            checked: Cache::new(CHECKED_MAX),
        })
    }

    /// The caller, or 401.
    pub fn require(&self, headers: &HeaderMap, now_ms: i64) -> Result<Arc<Caller>, Problem> {
        self.caller(headers, now_ms)?
            .ok_or_else(|| unauthorized("token_required", "This call needs a token", "Bearer"))
    }

    /// The caller where a token is optional. A token that is given must be valid all the same.
    pub fn caller(&self, headers: &HeaderMap, now_ms: i64) -> Result<Option<Arc<Caller>>, Problem> {
        let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
        let token = value.to_str().ok().and_then(bearer).ok_or_else(|| {
            let challenge = "Bearer error=\"invalid_request\"";
            unauthorized("token_required", "Authorization must be a bearer token", challenge)
        })?;
        let checked = match self.checked.get(token) {
            Some(checked) => checked,
            None => {
                let checked = self.check(token).ok_or_else(invalid_token)?;
                if checked.is_valid_at(now_ms) {
                    self.checked.insert(token.into(), checked.clone());
                }
                checked
            }
        };
        if checked.is_valid_at(now_ms) {
            return Ok(Some(checked.caller));
        }
        self.checked.remove(token);
        Err(invalid_token())
    }

    fn check(&self, token: &str) -> Option<Checked> {
        if token.len() > TOKEN_LENGTH_MAX {
            return None;
        }
        let key_id = jsonwebtoken::decode_header(token).ok()?.kid?;
        let (_, key) = self.keys.iter().find(|(known, _)| *known == key_id)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
        if claims.sub.is_empty() {
            return None;
        }
        let caller = Caller::new(&claims.iss, &claims.sub, &claims.scope)
            .with_stores(claims.stores)
            .with_email(claims.email)
            .with_store(claims.store)
            .with_expiry(milliseconds(claims.exp));
        Some(Checked {
            caller: Arc::new(caller),
            valid_from_ms: claims.nbf.map_or(i64::MIN, milliseconds),
            expires_at_ms: milliseconds(claims.exp),
        })
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    /// RFC 7519 allows fractions of a second.
    exp: f64,
    nbf: Option<f64>,
    #[serde(default)]
    scope: String,
    stores: Option<Vec<i64>>,
    store: Option<i64>,
    email: Option<String>,
}

/// Saturates, as float to integer conversion does; what is not a number is no time at all.
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

/// The scheme's name is in any case (RFC 9110, 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn invalid_token() -> Problem {
    let challenge = "Bearer error=\"invalid_token\"";
    unauthorized("invalid_token", "The token is not valid or has expired", challenge)
}

fn unauthorized(code: &'static str, detail: &'static str, challenge: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Right;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW_MS: i64 = 1_750_000_000_000;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_seed([byte; 32]).expect("any 32 bytes are a key")
    }

    fn verifier() -> Verifier {
        Verifier::new([&key(1)]).expect("the key is sound")
    }

    fn authorization(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().expect("a header value"))])
    }

    fn status_and_challenge(verifier: &Verifier, value: &str, now_ms: i64) -> (u16, String) {
        match verifier.require(&authorization(value), now_ms) {
            Ok(_) => (200, String::new()),
            Err(problem) => {
                let response = axum::response::Response::from(problem);
                let challenge = response.headers()[WWW_AUTHENTICATE].to_str().expect("ASCII");
                (response.status().as_u16(), challenge.to_owned())
            }
        }
    }

    /// Signs claims as they are, also such that `mint` never makes.
    fn signed(header: Header, claims: &serde_json::Value) -> String {
        jsonwebtoken::encode(&header, claims, &key(1).encoding).expect("claims can be signed")
    }

    fn own_header() -> Header {
        Header { kid: Some(key(1).key_id), ..Header::new(Algorithm::EdDSA) }
    }

    #[test]
    fn a_minted_token_names_its_bearer() {
        let grant = Grant {
            subject: "boss",
            scope: "staff",
            stores: Some(&[1, 4]),
            store: Some(4),
            email: Some("boss@example.com"),
        };
        let token = key(1).mint(&grant, 60, NOW_MS).expect("a token");
        let headers = authorization(&format!("Bearer {token}"));
        let verifier = verifier();
        for _ in 0..2 {
            let caller = verifier.require(&headers, NOW_MS).expect("the token is valid");
            assert_eq!((caller.issuer(), caller.subject()), ("orderd", "boss"));
            assert!(caller.may(Right::Administer));
            assert_eq!(caller.stores(), Some(&[1, 4][..]));
            assert_eq!((caller.store(), caller.email()), (Some(4), Some("boss@example.com")));
        }
        assert_eq!(verifier.checked.len(), 1);
    }

    #[test]
    fn a_token_expires_also_in_the_cache() {
        let verifier = verifier();
        let grant = Grant { subject: "u", ..Grant::default() };
        let token = key(1).mint(&grant, 60, NOW_MS).expect("a token");
        let value = format!("bearer {token}");
        assert_eq!(status_and_challenge(&verifier, &value, NOW_MS + 59_999).0, 200);
        let expired = (401, "Bearer error=\"invalid_token\"".to_owned());
        assert_eq!(status_and_challenge(&verifier, &value, NOW_MS + 60_000), expired);
        assert_eq!(verifier.checked.len(), 0);
        assert_eq!(status_and_challenge(&verifier, &value, NOW_MS + 60_000), expired);
    }

    #[test]
    fn claims_are_checked() {
        let verifier = verifier();
        let check = |name: &str, value: serde_json::Value, expected: u16| {
            let mut claims = json!({"iss": "orderd", "sub": "u", "exp": NOW_MS / 1000 + 60});
            claims[name] = value;
            let token = signed(own_header(), &claims);
            let found = status_and_challenge(&verifier, &format!("Bearer {token}"), NOW_MS).0;
            assert_eq!(found, expected, "{claims}");
        };
        check("scope", json!("staff"), 200);
        check("exp", json!(NOW_MS / 1000 + 1), 200);
        check("exp", json!(NOW_MS as f64 / 1000.0 + 0.5), 200);
        check("exp", json!(NOW_MS / 1000), 401);
        check("exp", json!(null), 401);
        check("exp", json!("soon"), 401);
        check("nbf", json!(NOW_MS / 1000), 200);
        check("nbf", json!(NOW_MS / 1000 + 1), 401);
        check("iss", json!("another"), 401);
        check("iss", json!(null), 401);
        check("sub", json!(""), 401);
        check("sub", json!(null), 401);
        check("aud", json!("another service"), 401);
        check("stores", json!("all"), 401);
    }

    #[test]
    fn only_our_own_signature_counts() {
        let verifier = verifier();
        let claims = json!({"iss": "orderd", "sub": "u", "exp": NOW_MS / 1000 + 60});
        let check = |token: &str, expected: u16| {
            let found = status_and_challenge(&verifier, &format!("Bearer {token}"), NOW_MS).0;
            assert_eq!(found, expected, "{token}");
        };
        let own = signed(own_header(), &claims);
        check(&own, 200);
        check(&signed(Header::new(Algorithm::EdDSA), &claims), 401);
        let other = key(2).mint(&Grant { subject: "u", ..Grant::default() }, 60, NOW_MS);
        check(&other.expect("a token"), 401);
        let header = Header { kid: Some(key(1).key_id), ..Header::new(Algorithm::HS256) };
        let secret = EncodingKey::from_secret(b"secret");
        check(&jsonwebtoken::encode(&header, &claims, &secret).expect("a token"), 401);
        let none = format!(r#"{{"alg":"none","kid":"{}"}}"#, key(1).key_id);
        let payload = own.split('.').nth(1).expect("a token has three parts");
        check(&format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(none)), 401);
        let forged = URL_SAFE_NO_PAD.encode(claims.to_string().replace("\"u\"", "\"v\""));
        check(&own.replace(payload, &forged), 401);
        check(&format!("{own}{}", "A".repeat(TOKEN_LENGTH_MAX)), 401);
    }

    #[test]
    fn a_refusal_says_how_to_come_in() {
        let verifier = verifier();
        let without = verifier.require(&HeaderMap::new(), NOW_MS).expect_err("no token");
        assert_eq!((without.status().as_u16(), without.code()), (401, "token_required"));
        let response = axum::response::Response::from(without);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        assert_eq!(verifier.caller(&HeaderMap::new(), NOW_MS).ok(), Some(None));
        for value in ["Basic dTpw", "Bearer", "Bearer ", "x"] {
            let expected = (401, "Bearer error=\"invalid_request\"".to_owned());
            assert_eq!(status_and_challenge(&verifier, value, NOW_MS), expected, "{value}");
        }
        let expected = (401, "Bearer error=\"invalid_token\"".to_owned());
        assert_eq!(status_and_challenge(&verifier, "Bearer a.b.c", NOW_MS), expected);
    }

    #[test]
    fn a_key_is_its_seed() {
        // RFC 8032, 7.1, test 1; the id is RFC 8037's example (A.3) of the same key.
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        let key = SigningKey::from_seed(seed).expect("any 32 bytes are a key");
        assert_eq!(key.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.seed(), &seed);
        let public = serde_json::to_value(key.public()).expect("a JWK is JSON");
        assert_eq!(
            public,
            json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.key_id(),
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            })
        );
        assert!(!format!("{key:?}").contains("157"), "the secret is not shown");
    }

    proptest! {
        #[test]
        fn any_header_is_judged(value in "[Bb]earer [A-Za-z0-9_.=-]{0,60}") {
            prop_assert!(verifier().require(&authorization(&value), NOW_MS).is_err());
        }
    }
}
