//! The server's own keys. They live in the database, so every process on it signs with the same.
//! With `ORDERD_MASTER_KEY` their secret halves are wrapped there.

use engine::{
    clock::{Clock, SystemClock},
    ids::{Ids, RandomIds},
};
use server::{
    PageKey,
    auth::{Grant, MasterKey, NONCE_LENGTH, SigningKey, Vault, place_of, signing},
};
use store::{KeptKey, KeyChange, Purpose, Store};

use crate::{bench::Signer, runtime};

/// Longer than any bench.
const BENCH_TTL_S: u64 = 24 * 3600;

/// A secret that a database has one of: of several processes that start at once, all find the same.
#[derive(Clone, Copy)]
struct Secret {
    name: &'static str,
    place: &'static str,
}

/// The first key follows from it. Earlier releases knew it alone.
const FIRST: Secret = Secret { name: "signing_key", place: "secrets/signing_key" };
/// What the pages for buyers are sealed with.
const PAGES: Secret = Secret { name: "page_key", place: "secrets/page_key" };

const MASTER_KEY: &str = "ORDERD_MASTER_KEY";
const MASTER_KEY_OLD: &str = "ORDERD_MASTER_KEY_OLD";

/// What the keys are wrapped by; a vault that wraps nothing, where no master key is set.
pub(crate) fn vault() -> Result<Vault, String> {
    let (current, old) = (master_key(MASTER_KEY)?, master_key(MASTER_KEY_OLD)?);
    if current.is_none() && old.is_some() {
        return Err(format!("{MASTER_KEY_OLD} is set without {MASTER_KEY}, which replaces it"));
    }
    Ok(Vault::new(current, old))
}

fn master_key(name: &str) -> Result<Option<MasterKey>, String> {
    let Some(text) = std::env::var_os(name).filter(|it| !it.is_empty()) else { return Ok(None) };
    let key = text.to_str().and_then(MasterKey::parse);
    let wanted = "32 bytes in base64 or in hex, as openssl rand -base64 32 makes them";
    key.map(Some).ok_or_else(|| format!("{name} is no master key: it must be {wanted}"))
}

/// The key of a database that signs now; a new database gets one.
pub(crate) async fn key(store: &dyn Store, vault: &Vault) -> Result<SigningKey, String> {
    let reads = store.reads();
    let mut kept = reads.signing_keys().await.map_err(|error| error.to_string())?;
    if signing(&kept).is_none() {
        add_first(store, vault).await?;
        kept = reads.signing_keys().await.map_err(|error| error.to_string())?;
    }
    let key = signing(&kept).ok_or("the database has no key that signs")?;
    from_seed(&unwrapped(vault, &place_of(&key.key_id), &key.seed)?)
}

async fn add_first(store: &dyn Store, vault: &Vault) -> Result<(), String> {
    let kept = FIRST.kept(store, vault).await?;
    let seed = unwrapped(vault, FIRST.place, &kept)?;
    let key_id = from_seed(&seed)?.key_id().to_owned();
    let seed = wrapped(vault, &place_of(&key_id), &seed);
    let now = SystemClock.now();
    let key = KeptKey { key_id, seed, created_at: now, signs_from: Some(now), withdrawn_at: None };
    change(store, vec![KeyChange::Add(key)]).await
}

/// The key that seals pages.
pub(crate) async fn page_key(store: &dyn Store, vault: &Vault) -> Result<PageKey, String> {
    let kept = PAGES.kept(store, vault).await?;
    let key = unwrapped(vault, PAGES.place, &kept)?;
    let key = key.try_into().map_err(|_| "the key of pages in the database is no key")?;
    Ok(PageKey::new(key))
}

impl Secret {
    /// As it is kept; a new one where there is none.
    async fn kept(self, store: &dyn Store, vault: &Vault) -> Result<Vec<u8>, String> {
        let mut offered = vec![0; 32];
        RandomIds.fill(&mut offered);
        let offered = wrapped(vault, self.place, &offered);
        store.secret(self.name, offered).await.map_err(|error| error.to_string())
    }
}

/// Keeps every key as the master key wraps it now. Whatever can't be unwrapped ends this before
/// anything is changed, and what another process has wrapped meanwhile is left as it is.
pub(crate) async fn wrap_all(store: &dyn Store, vault: &Vault) -> Result<(), String> {
    let kept = store.reads().signing_keys().await.map_err(|error| error.to_string())?;
    let mut changes = Vec::new();
    // A key that is withdrawn has nothing to hide.
    for key in kept.into_iter().filter(|it| !it.seed.is_empty()) {
        let to = rewrapped(vault, &place_of(&key.key_id), &key.seed)?;
        let change = |to| KeyChange::Rewrap { key_id: key.key_id, from: key.seed, to };
        changes.extend(to.map(change));
    }
    let mut secrets = Vec::new();
    for secret in [FIRST, PAGES] {
        let from = secret.kept(store, vault).await?;
        let to = rewrapped(vault, secret.place, &from)?;
        secrets.extend(to.map(|to| (secret.name, from, to)));
    }
    if changes.is_empty() && secrets.is_empty() {
        return Ok(());
    }
    tracing::info!(keys = changes.len(), "the keys are wrapped by the master key");
    change(store, changes).await?;
    for (name, from, to) in secrets {
        store.rewrap_secret(name, from, to).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Nothing, where it is kept as it shall be.
fn rewrapped(vault: &Vault, place: &str, kept: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let secret = unwrapped(vault, place, kept)?;
    Ok((!vault.keeps(kept)).then(|| wrapped(vault, place, &secret)))
}

/// A new key, which is only announced.
pub(crate) fn announced(vault: &Vault) -> Result<KeptKey, String> {
    let (key_id, seed) = new_seed()?;
    let seed = wrapped(vault, &place_of(&key_id), &seed);
    let created_at = SystemClock.now();
    Ok(KeptKey { key_id, seed, created_at, signs_from: None, withdrawn_at: None })
}

/// The secret half of a new key, and its name.
fn new_seed() -> Result<(String, Vec<u8>), String> {
    let mut seed = vec![0; 32];
    RandomIds.fill(&mut seed);
    Ok((from_seed(&seed)?.key_id().to_owned(), seed))
}

fn from_seed(seed: &[u8]) -> Result<SigningKey, String> {
    let seed = seed.try_into().map_err(|_| "the signing key in the database is no key")?;
    SigningKey::from_seed(seed).map_err(|error| format!("the signing key is unusable: {error}"))
}

fn wrapped(vault: &Vault, place: &str, secret: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE_LENGTH];
    RandomIds.fill(&mut nonce);
    vault.wrap(place, secret, nonce)
}

fn unwrapped(vault: &Vault, place: &str, kept: &[u8]) -> Result<Vec<u8>, String> {
    vault.unwrap(place, kept).map_err(|locked| locked.to_string())
}

pub(crate) async fn change(store: &dyn Store, changes: Vec<KeyChange>) -> Result<(), String> {
    store.change_signing_keys(changes).await.map_err(|error| error.to_string())
}

/// The key of the database of this URL, beside a process that may serve it.
pub(crate) fn open_key(database: &str) -> Result<SigningKey, String> {
    runtime()?.block_on(async {
        let vault = vault()?;
        let store = store::open(database, Purpose::Beside).await;
        key(&*store.map_err(|error| error.to_string())?, &vault).await
    })
}

pub(crate) fn mint(key: &SigningKey, grant: &Grant<'_>, ttl_s: u64) -> Result<String, String> {
    let token = key.mint(grant, ttl_s, SystemClock.now().0);
    token.map_err(|error| format!("no token: {error}"))
}

/// For the bench: tokens for many subjects.
pub(crate) fn signer(database: &str) -> Result<Signer, String> {
    let key = open_key(database)?;
    Ok(Box::new(move |subject, scope| {
        let grant = Grant { subject, scope: scope.unwrap_or_default(), ..Grant::default() };
        mint(&key, &grant, BENCH_TTL_S).unwrap_or_default()
    }))
}
