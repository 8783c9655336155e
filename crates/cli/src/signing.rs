//! The server's own key. It lives in the database, so every process on it signs with the same one.

use engine::{
    clock::{Clock, SystemClock},
    ids::{Ids, RandomIds},
};
use server::auth::{Grant, SigningKey};
use store::{Purpose, Store};

use crate::{bench::Signer, runtime};

/// Longer than any bench.
const BENCH_TTL_S: u64 = 24 * 3600;

/// The key of a database; a new database gets one.
pub(crate) async fn key(store: &dyn Store) -> Result<SigningKey, String> {
    let mut offered = vec![0; 32];
    RandomIds.fill(&mut offered);
    let seed = store.secret("signing_key", offered).await.map_err(|error| error.to_string())?;
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
