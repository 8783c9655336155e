//! Checks the tokens of requests, our own and those of outside issuers. Time is an argument.
//!
//! A checked token is kept until it expires, so most requests cost one lookup; that its key is not
//! withdrawn and its client not removed is looked at each time.

use std::sync::{Arc, PoisonError, RwLock};

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use domain::client::Client;
use domain::counter::Counter;
use jsonwebtoken::Algorithm;
use quick_cache::sync::Cache;
use serde::Deserialize;
use store::{KeptKey, Reads, StoreError};

use super::caller::Caller;
use super::claims::Claims;
use super::issuer::{Issuer, IssuerSettings, LEEWAY_MS};
use super::keyring::Keyring;
use super::signing_key::ISSUER;
use super::vault::Vault;
use crate::problem::Problem;

/// Tokens that are remembered as checked.
const CHECKED_MAX: usize = 20_000;
/// A longer token is refused unread, so that the cache has a bound in bytes too.
const TOKEN_LENGTH_MAX: usize = 4096;

/// Whose tokens count beside those of our own keys.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Where clients find this server; its name in the tokens that it signs.
    pub public_url: Option<String>,
    pub issuers: Vec<IssuerSettings>,
}

/// Checks `Authorization` headers. Shared by all requests.
pub struct Verifier {
    reads: Arc<dyn Reads>,
    vault: Vault,
    public_url: Option<String>,
    own: RwLock<Arc<Keyring>>,
    /// One look at a time, so that what an earlier one has found never replaces a later one's.
    looking: tokio::sync::Mutex<()>,
    issuers: Vec<Arc<Issuer>>,
    checked: Cache<Box<str>, Checked>,
}

#[derive(Clone)]
struct Checked {
    caller: Arc<Caller>,
    origin: Origin,
    valid_from_ms: i64,
    expires_at_ms: i64,
}

/// What may be taken away before a token expires.
#[derive(Clone)]
enum Origin {
    Own { key_id: Box<str>, client: Option<Box<str>> },
    Outside { issuer: Arc<Issuer>, key_id: Box<str> },
}

impl Checked {
    fn is_valid_at(&self, now_ms: i64) -> bool {
        (self.valid_from_ms..self.expires_at_ms).contains(&now_ms)
    }
}

impl Verifier {
    pub async fn open(
        reads: Arc<dyn Reads>,
        trust: Trust,
        vault: Vault,
    ) -> Result<Verifier, String> {
        let kept = reads.signing_keys().await.map_err(|error| error.to_string())?;
        let clients = reads.clients().await.map_err(|error| error.to_string())?;
        let issuers = issuers(&trust)?;
        let own = Keyring::new(&kept, &clients, &vault)?;
        Ok(Verifier {
            reads,
            vault,
            public_url: trust.public_url,
            own: RwLock::new(Arc::new(own)),
            looking: tokio::sync::Mutex::default(),
            issuers,
            checked: Cache::new(CHECKED_MAX),
        })
    }

    /// The caller, or 401.
    pub async fn require(&self, headers: &HeaderMap, now_ms: i64) -> Result<Arc<Caller>, Problem> {
        let caller = self.caller(headers, now_ms).await?;
        caller.ok_or_else(|| unauthorized("token_required", "This call needs a token", "Bearer"))
    }

    /// The caller where a token is optional. A token that is given must be valid all the same.
    pub async fn caller(
        &self,
        headers: &HeaderMap,
        now_ms: i64,
    ) -> Result<Option<Arc<Caller>>, Problem> {
        let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
        let token = value.to_str().ok().and_then(bearer).ok_or_else(|| {
            let challenge = "Bearer error=\"invalid_request\"";
            unauthorized("token_required", "Authorization must be a bearer token", challenge)
        })?;
        let checked = match self.checked.get(token) {
            Some(checked) => checked,
            None => {
                let checked = self.check(token).await.ok_or_else(invalid_token)?;
                if checked.is_valid_at(now_ms) {
                    self.checked.insert(token.into(), checked.clone());
                }
                checked
            }
        };
        if checked.is_valid_at(now_ms) && self.stands_for(&checked.origin) {
            return Ok(Some(checked.caller));
        }
        self.checked.remove(token);
        Err(invalid_token())
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    pub(super) fn reads(&self) -> &dyn Reads {
        &*self.reads
    }

    pub(crate) fn own(&self) -> Arc<Keyring> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at keys and clients as they stand now. Clients change by commands alone, which the
    /// admin log counts.
    pub(crate) async fn look_again(&self, seen: &mut Seen) -> Result<(), String> {
        let failed = |error: StoreError| error.to_string();
        let _one = self.looking.lock().await;
        let kept = self.reads.signing_keys().await.map_err(failed)?;
        let counters = self.reads.counters().await.map_err(failed)?;
        let logged = counters.value(Counter::AdminEvent);
        if seen.logged == Some(logged) && seen.kept == kept {
            return Ok(());
        }
        let clients = self.reads.clients().await.map_err(failed)?;
        if seen.kept != kept || seen.clients != clients {
            let keyring = Arc::new(Keyring::new(&kept, &clients, &self.vault)?);
            *self.own.write().unwrap_or_else(PoisonError::into_inner) = keyring;
        }
        *seen = Seen { logged: Some(logged), kept, clients };
        Ok(())
    }

    /// Asks outside issuers for their keys now. Our own are looked at all the time.
    pub(crate) fn read_again(&self) {
        self.issuers.iter().for_each(Issuer::read_again);
    }

    pub(super) fn keep_fresh(&self) {
        self.issuers.iter().for_each(Issuer::keep_fresh);
    }

    fn stands_for(&self, origin: &Origin) -> bool {
        match origin {
            Origin::Own { key_id, client } => self.own().accepts(key_id, client.as_deref()),
            Origin::Outside { issuer, key_id } => issuer.has(key_id),
        }
    }

    async fn check(&self, token: &str) -> Option<Checked> {
        if token.len() > TOKEN_LENGTH_MAX {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        // Extensions that must be understood (RFC 7515, 4.1.11): there are none that we do.
        if header.crit.is_some() {
            return None;
        }
        let key_id = header.kid?;
        let named = jsonwebtoken::dangerous::insecure_decode_claims::<Named>(token).ok()?.iss;
        if named == ISSUER || self.public_url.as_ref() == Some(&named) {
            if header.alg != Algorithm::EdDSA {
                return None;
            }
            let claims = self.own().claims(token, &key_id)?;
            let caller = Caller::new(ISSUER, &claims.sub, &claims.scope.text());
            let client = claims.client_id.clone().map(String::into_boxed_str);
            let origin = Origin::Own { key_id: key_id.into(), client };
            return checked(caller, claims, origin, 0);
        }
        let issuer = self.issuers.iter().find(|it| it.name() == named)?;
        let claims = issuer.claims(token, &key_id, header.alg).await?;
        if claims.sub.is_empty() {
            return None;
        }
        let caller = issuer.caller(&claims)?;
        let origin = Origin::Outside { issuer: issuer.clone(), key_id: key_id.into() };
        checked(caller, claims, origin, LEEWAY_MS)
    }
}

/// What a look at the database has found last.
#[derive(Default)]
pub(crate) struct Seen {
    /// The last number of the admin log, read before the clients were.
    logged: Option<u64>,
    kept: Vec<KeptKey>,
    clients: Vec<Client>,
}

/// Only to find out whose keys to check the rest with.
#[derive(Deserialize)]
struct Named {
    iss: String,
}

fn checked(caller: Caller, claims: Claims, origin: Origin, leeway_ms: i64) -> Option<Checked> {
    if caller.subject().is_empty() {
        return None;
    }
    let (valid_from_ms, expires_at_ms) = claims.times_ms(leeway_ms);
    let caller = caller
        .with_stores(claims.stores)
        .with_email(claims.email)
        .with_store(claims.store)
        .with_expiry(expires_at_ms);
    Some(Checked { caller: Arc::new(caller), origin, valid_from_ms, expires_at_ms })
}

/// The issuers, if they can be told apart, and their users too.
fn issuers(trust: &Trust) -> Result<Vec<Arc<Issuer>>, String> {
    let all = &trust.issuers;
    for (nth, it) in all.iter().enumerate() {
        let is_ours = it.issuer == ISSUER || trust.public_url.as_ref() == Some(&it.issuer);
        if is_ours || all[..nth].iter().any(|other| other.issuer == it.issuer) {
            return Err(format!("the issuer {} is named twice, or is this server", it.issuer));
        }
        if it.audience.is_empty() {
            return Err(format!("the issuer {} needs an audience", it.issuer));
        }
    }
    let prefix = |it: &IssuerSettings| it.user_prefix.clone().unwrap_or_default();
    if all.iter().filter(|it| prefix(it).is_empty()).count() > 1 {
        return Err("one issuer at most may do without a user_prefix".into());
    }
    let others = |nth: usize| {
        let others = all.iter().enumerate().filter(move |(other, _)| *other != nth);
        others.map(|(_, it)| prefix(it)).filter(|it| !it.is_empty())
    };
    for (nth, it) in all.iter().enumerate() {
        if let Some(other) = others(nth).find(|other| prefix(it).starts_with(other.as_str())) {
            let own = prefix(it);
            return Err(format!("the user_prefix {own:?} begins with another one, {other:?}"));
        }
    }
    let issuer =
        |(nth, it): (usize, &IssuerSettings)| Issuer::new(it.clone(), others(nth).collect());
    Ok(all.iter().enumerate().map(issuer).collect())
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
mod tests;
