//! The server's own keys. They live in the database, so every process on it signs with the same.

use engine::{
    clock::{Clock, SystemClock},
    ids::{Ids, RandomIds},
};
use server::auth::{Grant, SigningKey, signing};
use store::{KeptKey, KeyChange, Purpose, Store};

use crate::{bench::Signer, runtime};

/// Longer than any bench.
const BENCH_TTL_S: u64 = 24 * 3600;

/// The key of a database that signs now; a new database gets one.
pub(crate) async fn key(store: &dyn Store) -> Result<SigningKey, String> {
    let reads = store.reads();
    let mut kept = reads.signing_keys().await.map_err(|error| error.to_string())?;
    if signing(&kept).is_none() {
        add_first(store).await?;
        kept = reads.signing_keys().await.map_err(|error| error.to_string())?;
    }
    let key = signing(&kept).ok_or("the database has no key that signs")?;
    from_seed(&key.seed)
}

/// The first key is a secret of this name, which earlier releases knew alone: of several processes
/// that start at once, all find the same.
async fn add_first(store: &dyn Store) -> Result<(), String> {
    let (_, offered) = new_key()?;
    let seed = store.secret("signing_key", offered).await.map_err(|error| error.to_string())?;
    let key_id = from_seed(&seed)?.key_id().to_owned();
    let now = SystemClock.now();
    let key = KeptKey { key_id, seed, created_at: now, signs_from: Some(now), withdrawn_at: None };
    store.change_signing_keys(vec![KeyChange::Add(key)]).await.map_err(|error| error.to_string())
}

/// Its name, and the seed that it follows from.
pub(crate) fn new_key() -> Result<(String, Vec<u8>), String> {
    let mut seed = vec![0; 32];
    RandomIds.fill(&mut seed);
    Ok((from_seed(&seed)?.key_id().to_owned(), seed))
}

fn from_seed(seed: &[u8]) -> Result<SigningKey, String> {
    let seed = seed.try_into().map_err(|_| "the signing key in the database is no key")?;
    SigningKey::from_seed(seed).map_err(|error| format!("the signing key is unusable: {error}"))
}

/// The key of the database of this URL, beside a process that may serve it.
pub(crate) fn open_key(database: &str) -> Result<SigningKey, String> {
    runtime()?.block_on(async {
        let store = store::open(database, Purpose::Beside).await;
        key(&*store.map_err(|error| error.to_string())?).await
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
