//! Takes up effects that are due and that no live process works on: those that were put off, and
//! those that a dead process has left.

use std::sync::Arc;

use domain::{Command, effect::claim::ClaimEffects};
use tokio::time::{MissedTickBehavior, interval};

use super::runner::Runner;

/// Effects that are looked at in one round. More than are ever worked on at once, so that those
/// under way never hide the others.
const DUE_MAX: u32 = 1024;

pub(super) async fn run(runner: Arc<Runner>) {
    let mut rounds = interval(runner.context.pace.round_every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_first = true;
    loop {
        rounds.tick().await;
        is_first &= !round(&runner, is_first).await;
    }
}

/// Whether it has seen the store.
async fn round(runner: &Runner, is_first: bool) -> bool {
    let context = &runner.context;
    let due = match context.reads.due_effects(context.now(), DUE_MAX).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "effects that are due can't be read");
            return false;
        }
    };
    let effects = runner.claimable(&due, is_first);
    if effects.is_empty() {
        return true;
    }
    // Once it is committed, the runner is told of those that are ours now.
    let claimed = context.submit("jobs", Command::ClaimEffects(ClaimEffects { effects })).await;
    if let Err(error) = &claimed {
        tracing::warn!(?error, "effects could not be claimed");
    }
    claimed.is_ok()
}
