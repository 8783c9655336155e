//! The write path without its queue and its thread: a simulation says itself what comes together
//! in a batch, and when.

use std::sync::Arc;

use domain::{effect::Effect, world::Policy};
use store::Writer;

use super::{Committer, Request, Told, batch::Done};
use crate::{
    clock::Clock,
    submission::{Rejected, Reply, Submission},
};

pub struct Inline(Committer);

/// What has become of a batch.
#[derive(Debug)]
pub struct Committed {
    /// In the order of the submissions.
    pub outcomes: Vec<Result<Reply, Rejected>>,
    /// Every effect that the batch has changed, as it left it.
    pub effects: Vec<Effect>,
}

impl Inline {
    pub fn new(writer: Box<dyn Writer>, clock: Arc<dyn Clock>, policy: Policy) -> Inline {
        Inline(Committer { writer, clock, policy })
    }

    pub fn commit(&mut self, submissions: impl IntoIterator<Item = Submission>) -> Committed {
        let requests = submissions.into_iter();
        let requests: Vec<_> =
            requests.map(|submission| Request { submission, is_rehearsal: false }).collect();
        let Done { outcomes, effects, last_seq: _ } = self.0.commit(&requests);
        let reply = |told| match told {
            Told::Reply(reply) => Ok(reply),
            Told::Rehearsal(_) => Err(Rejected::Failed),
        };
        let outcomes = outcomes.into_iter().map(|it| it.and_then(reply)).collect();
        Committed { outcomes, effects }
    }
}
