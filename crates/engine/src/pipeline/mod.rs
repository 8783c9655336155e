//! The write path: collect, load, decide, write, commit, reply.
//!
//! A batch is whatever arrived while the last one was being written: nobody waits for company, and
//! under load a flush to disk is shared by all that came meanwhile. Grouping can't be seen from
//! outside: in a batch each command sees what the one before it left, one that is refused or fails
//! leaves no trace, and a batch that fails as a whole is run again one by one.

mod batch;
mod commit;
mod inline;
mod lanes;

use std::{sync::Arc, time::Instant};

use tokio::sync::oneshot;
use tracing::Span;

use self::batch::Done;
pub(crate) use self::commit::Committer;
pub use self::inline::{Committed, Inline};
pub(crate) use self::lanes::Lanes;
use crate::{
    crash_points,
    effects::runner::Runner,
    meters::{self, Meters},
    readers::feed::Feed,
    submission::{Rehearsal, Rejected, Reply, Submission},
    traces,
};

/// How much one batch may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub commands_max: usize,
    /// Rows that the commands write, about: a few large orders fill a batch as many small ones do.
    pub rows_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { commands_max: 512, rows_max: 4096 }
    }
}

/// What a rehearsal weighs: it writes nothing, and copies what the batch has loaded.
const REHEARSAL_WEIGHT: usize = 256;

/// A submission as it stands in the queue.
pub(crate) struct Request {
    pub(crate) submission: Submission,
    /// Nothing of it shall be kept.
    pub(crate) is_rehearsal: bool,
}

impl Request {
    /// What it takes of a batch.
    fn weight(&self) -> usize {
        if self.is_rehearsal { REHEARSAL_WEIGHT } else { self.rows() }
    }

    /// What it takes of the queue.
    pub(crate) fn rows(&self) -> usize {
        self.submission.command.weight()
    }
}

/// What a request has come to.
pub(crate) enum Told {
    Reply(Reply),
    Rehearsal(Box<Rehearsal>),
}

/// A request, and who waits for its outcome.
pub(crate) struct Waiting {
    pub(crate) request: Request,
    pub(crate) reply: oneshot::Sender<Result<Told, Rejected>>,
    /// Since when it has waited.
    pub(crate) since: Instant,
    /// The span that it was handed in from, let go of when its batch begins.
    pub(crate) asked_in: Span,
}

impl Waiting {
    pub(crate) fn now(request: Request, reply: oneshot::Sender<Result<Told, Rejected>>) -> Waiting {
        Waiting { request, reply, since: meters::begin(), asked_in: Span::current() }
    }
}

pub(crate) struct Pipeline {
    pub(crate) lanes: Lanes,
    pub(crate) committer: Committer,
    pub(crate) runner: Arc<Runner>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) meters: Arc<Meters>,
}

impl Pipeline {
    pub(crate) fn run(mut self) {
        while let Some(waiting) = self.lanes.collect() {
            waiting.iter().for_each(|it| self.meters.waited(it.since));
            let span = traces::batch(&waiting);
            let (requests, replies): (Vec<_>, Vec<_>) =
                waiting.into_iter().map(|it| (it.request, it.reply)).unzip();
            let begun = meters::begin();
            let done = span.in_scope(|| self.committer.commit(&requests));
            let Done { outcomes, effects, last_seq } = done;
            self.meters.committed(requests.len(), begun);
            traces::committed(&span, &outcomes, last_seq);
            drop(span);
            crash_points::committed(&effects);
            self.runner.committed(effects);
            if let Some(seq) = last_seq {
                self.feed.committed(seq);
            }
            for (reply, outcome) in replies.into_iter().zip(outcomes) {
                // A caller that has gone away meanwhile finds its outcome by its key.
                _ = reply.send(outcome);
            }
        }
    }
}
