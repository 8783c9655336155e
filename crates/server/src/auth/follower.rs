//! Follows what decides about tokens while the server runs: our keys and clients, which another
//! process may change, and the keys of outside issuers.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::verifier::{Seen, Verifier};

/// A withdrawn key and a removed client stop after this long on every process.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Ends with the server.
pub(crate) struct Follower(JoinHandle<()>);

impl Follower {
    pub(crate) fn start(verifier: Arc<Verifier>) -> Follower {
        Follower(tokio::spawn(follow(verifier)))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn follow(verifier: Arc<Verifier>) {
    let mut seen = Seen::default();
    let mut was_well = true;
    loop {
        verifier.keep_fresh();
        // What can't be read now stays as it was read last.
        let looked = verifier.look_again(&mut seen).await;
        if let (Err(why), true) = (&looked, was_well) {
            tracing::warn!(why, "keys and clients can't be read; those known go on");
        }
        was_well = looked.is_ok();
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
