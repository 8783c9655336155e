//! Brings a batch to disk: loads what it names, has it decided, writes and commits.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use domain::{Keys, world::Policy};
use store::{StoreError, Writer};

use super::{
    Request,
    batch::{Batch, Done},
};
use crate::{clock::Clock, submission::Rejected};

pub(crate) struct Committer {
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
}

impl Committer {
    /// The outcomes, in order, once they are on disk.
    pub(super) fn commit(&mut self, requests: &[Request]) -> Done {
        let none = |rejected: Rejected| Done {
            outcomes: requests.iter().map(|_| Err(rejected.clone())).collect(),
            effects: Vec::new(),
            last_seq: None,
        };
        match self.try_commit(requests) {
            Ok(done) => done,
            Err(Failure::Unavailable) => none(Rejected::Unavailable),
            Err(Failure::Culprit) if requests.len() == 1 => none(Rejected::Failed),
            Err(Failure::Culprit) => {
                let mut done = Done { outcomes: Vec::new(), effects: Vec::new(), last_seq: None };
                for it in requests {
                    let one = self.commit(std::slice::from_ref(it));
                    done.outcomes.extend(one.outcomes);
                    done.effects.extend(one.effects);
                    done.last_seq = one.last_seq.or(done.last_seq);
                }
                done
            }
        }
    }

    fn try_commit(&mut self, requests: &[Request]) -> Result<Done, Failure> {
        let mut keys = Keys::default();
        for it in requests {
            it.submission.command.keys(&mut keys);
            // A rehearsal knows nothing of keys: it is made again as often as anybody likes.
            let idempotency = it.submission.idempotency.filter(|_| !it.is_rehearsal);
            keys.idempotency.extend(idempotency.map(|it| it.key));
        }
        let mut batch = Batch::new(requests, self.policy.clone(), &*self.clock);
        // The thread of the write path outlives every panic: without it nobody is served. The
        // transaction was not committed, so nothing of the batch is there.
        let writer = &mut self.writer;
        let written = catch_unwind(AssertUnwindSafe(|| {
            writer.run_batch(&keys, &mut |world| batch.step(world))
        }));
        match written.unwrap_or_else(|_| Err(StoreError::Broken("the store has panicked".into()))) {
            Ok(()) => batch.done().ok_or(Failure::Culprit),
            Err(StoreError::Unavailable(why)) => {
                tracing::warn!(why, commands = requests.len(), "the store took no batch");
                Err(Failure::Unavailable)
            }
            Err(StoreError::Broken(why)) => {
                tracing::error!(why, commands = requests.len(), "a batch has failed");
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
