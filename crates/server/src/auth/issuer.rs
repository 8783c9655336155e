//! An outside issuer of tokens: its keys, and what it may say.
//!
//! Its keys are kept, and asked for again when a token names one that is not among them, by one
//! request at a time and not more often than its pace allows. An issuer that is slow or away holds
//! up nobody whose key is known; who names an unknown one is refused at once, unless an answer is
//! on its way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use engine::keys::{ANSWER_TIMEOUT, KeySource, Material, PublicKey};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::caller::{Caller, Scopes};
use super::claims::{Claims, validation};

/// Clocks of other machines may differ from ours by so much.
pub const LEEWAY_MS: i64 = 30_000;

/// Requests that may wait for the keys of one issuer at a time; any further is refused at once.
const WAITING_MAX: usize = 1024;

/// How often an issuer may be asked for its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchPace {
    /// Not more often than this, whoever wants them.
    pub floor: Duration,
    /// Again after this, though all are known: one that the issuer has withdrawn is not there then.
    pub refresh: Duration,
}

impl Default for FetchPace {
    fn default() -> FetchPace {
        FetchPace { floor: Duration::from_secs(10), refresh: Duration::from_secs(300) }
    }
}

/// An outside issuer, as the operator trusts it.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// `iss` of its tokens, to the letter.
    pub issuer: String,
    /// One of these must be among `aud` of its tokens.
    pub audience: Vec<String>,
    pub may_grant: Scopes,
    /// Stands before its subjects, to keep them apart from those of other issuers.
    pub user_prefix: Option<String>,
    pub source: Arc<dyn KeySource>,
    pub pace: FetchPace,
}

pub(super) struct Issuer {
    settings: IssuerSettings,
    /// Prefixes of other issuers, which must not stand before subjects of this one.
    foreign_prefixes: Vec<String>,
    keys: RwLock<Arc<[OutsideKey]>>,
    fetches: Mutex<Fetches>,
    waiting: Semaphore,
}

struct OutsideKey {
    key_id: String,
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

#[derive(Default)]
struct Fetches {
    last: Option<Instant>,
    /// Ends with the answer that is on its way.
    under_way: Option<watch::Receiver<()>>,
    /// Somebody was refused for a key that was not known.
    wanted: bool,
}

impl Issuer {
    pub(super) fn new(settings: IssuerSettings, foreign_prefixes: Vec<String>) -> Arc<Issuer> {
        Arc::new(Issuer {
            settings,
            foreign_prefixes,
            keys: RwLock::new(Arc::from([])),
            fetches: Mutex::default(),
            waiting: Semaphore::new(WAITING_MAX),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.issuer
    }

    pub(super) fn has(&self, key_id: &str) -> bool {
        self.known().iter().any(|it| it.key_id == key_id)
    }

    /// What a token of this issuer says, if it is one.
    pub(super) async fn claims(
        self: &Arc<Self>,
        token: &str,
        key_id: &str,
        algorithm: Algorithm,
    ) -> Option<Claims> {
        if !ALGORITHMS.contains(&algorithm) {
            return None;
        }
        if !self.has(key_id) {
            self.look_again().await;
        }
        let validation = validation(algorithm, self.name(), Some(&self.settings.audience));
        let known = self.known();
        let mut fitting =
            known.iter().filter(|it| it.key_id == key_id && it.algorithms.contains(&algorithm));
        let decode = |it: &OutsideKey| jsonwebtoken::decode(token, &it.decoding, &validation).ok();
        fitting.find_map(decode).map(|it| it.claims)
    }

    /// The bearer of such a token.
    pub(super) fn caller(&self, claims: &Claims) -> Option<Caller> {
        let subject = match &self.settings.user_prefix {
            Some(prefix) => format!("{prefix}{}", claims.sub),
            None => claims.sub.clone(),
        };
        // Otherwise this issuer could name users of another.
        if self.foreign_prefixes.iter().any(|it| subject.starts_with(it)) {
            return None;
        }
        let may_grant = self.settings.may_grant;
        let granted = Scopes::known(&claims.scope.text()).among(may_grant);
        let scopes = if granted.is_empty() { Scopes::CUSTOMER.among(may_grant) } else { granted };
        Some(Caller::with_scopes(self.name(), &subject, scopes))
    }

    fn known(&self) -> Arc<[OutsideKey]> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fetches(&self) -> std::sync::MutexGuard<'_, Fetches> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the keys, if it is time to, or waits for those who have asked already.
    async fn look_again(self: &Arc<Self>) {
        let Some(mut under_way) = self.fetch(true) else { return };
        let Ok(_place) = self.waiting.try_acquire() else { return };
        // It ends when its sender goes, whatever the issuer has said.
        _ = under_way.changed().await;
    }

    /// What is due without anybody waiting for it: once at first, now and then, and where somebody
    /// was refused while it was too early.
    pub(super) fn keep_fresh(self: &Arc<Self>) {
        let is_due = {
            let fetches = self.fetches();
            let wanted = fetches.wanted;
            fetches.last.is_none_or(|it| wanted || it.elapsed() >= self.settings.pace.refresh)
        };
        if is_due {
            self.fetch(false);
        }
    }

    /// Told by the operator, who need not keep to the pace.
    pub(super) fn read_again(self: &Arc<Self>) {
        self.fetches().last = None;
        self.fetch(true);
    }

    fn fetch(self: &Arc<Self>, wanted: bool) -> Option<watch::Receiver<()>> {
        let mut fetches = self.fetches();
        if let Some(under_way) = &fetches.under_way {
            return Some(under_way.clone());
        }
        if fetches.last.is_some_and(|it| it.elapsed() < self.settings.pace.floor) {
            fetches.wanted |= wanted;
            return None;
        }
        let (sender, receiver) = watch::channel(());
        fetches.last = Some(Instant::now());
        fetches.wanted = false;
        fetches.under_way = Some(receiver.clone());
        drop(fetches);
        // By itself, so that a request that is given up does not take it along.
        let issuer = self.clone();
        tokio::spawn(async move {
            issuer.take_over().await;
            issuer.fetches().under_way = None;
            drop(sender);
        });
        Some(receiver)
    }

    /// Without an answer the keys stay as they are.
    async fn take_over(&self) {
        let asked = timeout(ANSWER_TIMEOUT, self.settings.source.keys()).await;
        let issuer = self.name();
        match asked {
            Ok(Ok(published)) => {
                let keys: Arc<[OutsideKey]> = published.iter().filter_map(outside_key).collect();
                let names: BTreeSet<&str> = keys.iter().map(|it| it.key_id.as_str()).collect();
                tracing::info!(issuer, keys = ?names, "the keys of an issuer were read");
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.clone();
            }
            Ok(Err(error)) => {
                tracing::warn!(issuer, %error, "the keys of an issuer can't be read");
            }
            Err(_) => tracing::warn!(issuer, "an issuer does not answer for its keys"),
        }
    }
}

/// The algorithms that count. None of them has a secret that both sides know.
const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// A key is good for the algorithms of its kind, or the one of them that it was published for.
fn outside_key(published: &PublicKey) -> Option<OutsideKey> {
    let (mut algorithms, decoding) = match &published.material {
        Material::Rsa { modulus, exponent } => {
            let decoding = DecodingKey::from_rsa_components(modulus, exponent);
            (vec![Algorithm::RS256, Algorithm::PS256], decoding)
        }
        Material::P256 { x, y } => (vec![Algorithm::ES256], DecodingKey::from_ec_components(x, y)),
        Material::Ed25519 { x } => (vec![Algorithm::EdDSA], DecodingKey::from_ed_components(x)),
    };
    if let Some(name) = published.algorithm.as_deref() {
        // Ed25519 is the newer name of the same (RFC 9864).
        let is_named = |it: &Algorithm| {
            name.parse().is_ok_and(|named: Algorithm| named == *it)
                || name == "Ed25519" && *it == Algorithm::EdDSA
        };
        algorithms.retain(is_named);
    }
    let key_id = published.key_id.clone();
    Some(OutsideKey { key_id, algorithms, decoding: decoding.ok()? })
}
