//! Follows what decides who comes in while the server runs: our keys, clients and stores' secrets,
//! which another process may change, and the keys of outside issuers.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::verifier::{Seen, Verifier};
use crate::retrieval::Shops;

/// A withdrawn key, a removed client and an old secret stop after this long on every process.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Ends with the server.
pub(crate) struct Follower(JoinHandle<()>);

impl Follower {
    pub(crate) fn start(verifier: Arc<Verifier>, shops: Arc<Shops>) -> Follower {
        Follower(tokio::spawn(follow(verifier, shops)))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn follow(verifier: Arc<Verifier>, shops: Arc<Shops>) {
    let mut seen = Seen::default();
    let mut was_well = true;
    loop {
        verifier.keep_fresh();
        // What can't be read now stays as it was read last.
        let looked = verifier.look_again(&mut seen).await;
        let stores = shops.look_again(verifier.reads()).await.map_err(|error| error.to_string());
        let looked = looked.and(stores);
        if let (Err(why), true) = (&looked, was_well) {
            tracing::warn!(why, "keys, clients and stores can't be read; those known go on");
        }
        was_well = looked.is_ok();
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
