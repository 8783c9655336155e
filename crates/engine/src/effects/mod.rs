//! What shall happen outside, made to happen: never inside a batch, and twice without harm.
//!
//! An effect is written with the decision that wants it, and leased to the process that wrote it.
//! `runner` works on what this process holds a lease of: [`work`] asks the provider, [`record`]
//! makes the command that records the outcome, and the pipeline commits it. `claims` takes up what
//! a dead process has left, and what was put off; `expiry` ends reservations that nobody has paid
//! for; `notices` records what the provider tells unasked; `waiters` has those who wait for the end
//! of an effect.
//!
//! Whatever is dropped halfway, by a crash or by a full queue, is an open row still, and comes
//! again.

pub mod backoff;
mod claims;
mod context;
pub mod expiry;
mod notices;
pub mod record;
pub(crate) mod runner;
mod waiters;
pub mod work;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::task::JoinSet;

use self::runner::{Lanes, Runner};
pub(crate) use self::{
    context::{Context, in_time},
    runner::Working,
};

/// How long the provider has for one answer.
pub const PROVIDER_DEADLINE: Duration = Duration::from_secs(10);

/// How often the jobs look for something to do, told or not.
pub const ROUND_EVERY: Duration = Duration::from_secs(1);

/// Effects that somebody waits for, worked on at once. They have a lane of their own, so that
/// neither they nor those in the background have to wait for the other kind.
pub const WAITED_MAX: usize = 512;

/// Effects in the background, worked on at once.
pub const BACKGROUND_MAX: usize = 32;

/// How fast the jobs go; tests hurry them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub provider_deadline: Duration,
    pub round_every: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { provider_deadline: PROVIDER_DEADLINE, round_every: ROUND_EVERY }
    }
}

/// Starts everything on the runtime that this is called in. It ends when the set is dropped.
pub(crate) fn start(runner: &Arc<Runner>, lanes: Lanes) -> (JoinSet<()>, Working) {
    let mut jobs = JoinSet::new();
    let working = Working::default();
    let Lanes { waited, background } = lanes;
    jobs.spawn(runner::lane(runner.clone(), waited, WAITED_MAX, working.clone()));
    jobs.spawn(runner::lane(runner.clone(), background, BACKGROUND_MAX, working.clone()));
    jobs.spawn(for_ever("claims", {
        let runner = runner.clone();
        move || claims::run(runner.clone())
    }));
    jobs.spawn(for_ever("expiry", {
        let context = runner.context.clone();
        move || expiry::run(context.clone())
    }));
    jobs.spawn(for_ever("notices", {
        let (context, working) = (runner.context.clone(), working.clone());
        move || notices::run(context.clone(), working.clone())
    }));
    (jobs, working)
}

/// A job outlives every panic, as the write path does: what it looks after is looked after again.
pub(crate) async fn for_ever<F: Future<Output = ()>>(name: &'static str, job: impl Fn() -> F) {
    loop {
        if AssertUnwindSafe(job()).catch_unwind().await.is_ok() {
            return;
        }
        tracing::error!(name, "a job has panicked and begins again");
        tokio::time::sleep(ROUND_EVERY).await;
    }
}
