//! One batch inside its transaction: look, decide each command, make the decisions so.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::{
    Keys, World, decide,
    idempotency::Remembered,
    world::{Policy, Signature},
};
use store::Next;

use crate::{
    clock::Clock,
    submission::{Answer, Rejected, Reply, Submission},
};

pub(super) struct Batch<'a> {
    submissions: &'a [Submission],
    policy: Policy,
    clock: &'a dyn Clock,
    outcomes: Option<Vec<Result<Reply, Rejected>>>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        submissions: &'a [Submission],
        policy: Policy,
        clock: &'a dyn Clock,
    ) -> Batch<'a> {
        Batch { submissions, policy, clock, outcomes: None }
    }

    /// May be run again on a fresh world: it keeps nothing of a run before.
    pub(super) fn step(&mut self, world: &mut World) -> Next {
        self.outcomes = None;
        world.policy = self.policy;
        let mut more = Keys::default();
        for it in self.submissions {
            it.command.more_keys(world, &mut more);
        }
        if more.retain_unloaded(world) {
            return Next::LoadMore(more);
        }
        let outcomes = catch_unwind(AssertUnwindSafe(|| {
            self.submissions.iter().map(|it| self.run(world, it)).collect()
        }));
        match outcomes {
            Ok(outcomes) => {
                self.outcomes = Some(outcomes);
                Next::Write
            }
            Err(_) => {
                tracing::error!("a command has panicked after its decision");
                Next::Abandon
            }
        }
    }

    /// `None` if the batch was abandoned.
    pub(super) fn outcomes(self) -> Option<Vec<Result<Reply, Rejected>>> {
        self.outcomes
    }

    fn run(&self, world: &mut World, it: &Submission) -> Result<Reply, Rejected> {
        if let Some(idempotency) = it.idempotency
            && let Some(known) = world.idempotency.get(&idempotency.key)
        {
            if known.fingerprint != idempotency.fingerprint {
                return Err(Rejected::KeyReused);
            }
            let answer = serde_json::from_slice(&known.answer).map_err(|_| Rejected::Failed)?;
            return Ok(Reply { answer, replayed: true });
        }
        let now = world.moment(self.clock.now());
        let decided = AssertUnwindSafe(|| decide(world, &it.command, &it.actor, now));
        let decision = catch_unwind(decided)
            .map_err(|_| {
                tracing::error!(request_id = it.request_id, "a decision has panicked");
                Rejected::Failed
            })?
            .map_err(Rejected::Refused)?;
        let outcome = decision.outcome.clone();
        let actor = it.actor.to_string();
        let signature = Signature { at: now, actor: &actor, request_id: &it.request_id };
        world.apply(decision, signature);
        let answer = (it.render)(world, &outcome);
        remember(world, it, &answer, signature);
        Ok(Reply { answer, replayed: false })
    }
}

fn remember(world: &mut World, it: &Submission, answer: &Answer, signature: Signature<'_>) {
    let Some(idempotency) = it.idempotency else { return };
    let answer = serde_json::to_vec(answer).expect("an answer has only texts and numbers");
    let remembered = Remembered { fingerprint: idempotency.fingerprint, at: signature.at, answer };
    world.idempotency.put(idempotency.key, remembered);
}
