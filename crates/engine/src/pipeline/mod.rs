//! The write path: collect, load, decide, write, commit, reply.
//!
//! A batch is whatever arrived while the last one was being written: nobody waits for company, and
//! under load a flush to disk is shared by all that came meanwhile. Grouping can't be seen from
//! outside: in a batch each command sees what the one before it left, one that is refused or fails
//! leaves no trace, and a batch that fails as a whole is run again one by one.

mod batch;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use domain::{Keys, world::Policy};
use store::{StoreError, Writer};
use tokio::sync::{mpsc, oneshot};

use self::batch::Batch;
use crate::{
    clock::Clock,
    submission::{Rejected, Reply, Submission},
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
        Limits { commands_max: 512, rows_max: 8192 }
    }
}

/// A submission, and who waits for its outcome.
pub(crate) struct Waiting {
    pub(crate) submission: Submission,
    pub(crate) reply: oneshot::Sender<Result<Reply, Rejected>>,
}

pub(crate) struct Pipeline {
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) queue: mpsc::Receiver<Waiting>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
}

impl Pipeline {
    pub(crate) fn run(mut self) {
        while let Some(waiting) = self.collect() {
            let (submissions, replies): (Vec<_>, Vec<_>) =
                waiting.into_iter().map(|it| (it.submission, it.reply)).unzip();
            let outcomes = self.commit(&submissions);
            for (reply, outcome) in replies.into_iter().zip(outcomes) {
                // A caller that has gone away meanwhile finds its outcome by its key.
                _ = reply.send(outcome);
            }
        }
    }

    /// Everything that waits, up to the limits; `None` when nobody can send any more.
    fn collect(&mut self) -> Option<Vec<Waiting>> {
        let first = self.queue.blocking_recv()?;
        let mut rows = first.submission.command.weight();
        let mut waiting = vec![first];
        while waiting.len() < self.limits.commands_max && rows < self.limits.rows_max {
            let Ok(next) = self.queue.try_recv() else { break };
            rows += next.submission.command.weight();
            waiting.push(next);
        }
        Some(waiting)
    }

    /// The outcomes, in order, once they are on disk.
    fn commit(&mut self, submissions: &[Submission]) -> Vec<Result<Reply, Rejected>> {
        match self.try_commit(submissions) {
            Ok(outcomes) => outcomes,
            Err(Failure::Unavailable) => {
                submissions.iter().map(|_| Err(Rejected::Unavailable)).collect()
            }
            Err(Failure::Culprit) if submissions.len() == 1 => vec![Err(Rejected::Failed)],
            Err(Failure::Culprit) => {
                let one_by_one = submissions.iter();
                one_by_one.flat_map(|it| self.commit(std::slice::from_ref(it))).collect()
            }
        }
    }

    fn try_commit(
        &mut self,
        submissions: &[Submission],
    ) -> Result<Vec<Result<Reply, Rejected>>, Failure> {
        let mut keys = Keys::default();
        for it in submissions {
            it.command.keys(&mut keys);
            keys.idempotency.extend(it.idempotency.map(|it| it.key));
        }
        let mut batch = Batch::new(submissions, self.policy, &*self.clock);
        // The thread of the write path outlives every panic: without it nobody is served. The
        // transaction was not committed, so nothing of the batch is there.
        let writer = &mut self.writer;
        let written = catch_unwind(AssertUnwindSafe(|| {
            writer.run_batch(&keys, &mut |world| batch.step(world))
        }));
        match written.unwrap_or_else(|_| Err(StoreError::Broken("the store has panicked".into()))) {
            Ok(()) => batch.outcomes().ok_or(Failure::Culprit),
            Err(StoreError::Unavailable(why)) => {
                tracing::warn!(why, commands = submissions.len(), "the store took no batch");
                Err(Failure::Unavailable)
            }
            Err(StoreError::Broken(why)) => {
                tracing::error!(why, commands = submissions.len(), "a batch has failed");
                Err(Failure::Culprit)
            }
        }
    }
}

enum Failure {
    /// Nobody's fault here: everyone may come again.
    Unavailable,
    /// Some command of the batch can't be run.
    Culprit,
}
