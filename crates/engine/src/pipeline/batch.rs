//! One batch inside its transaction: look, decide each command, make the decisions so.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

use domain::{
    Keys, Moment, OrderNo, Outcome, World, decide,
    effect::Effect,
    idempotency::{KeyHash, Remembered},
    world::{Change, Policy, Signature},
};
use store::Next;

use super::{Request, Told};
use crate::{
    clock::Clock,
    crash_points,
    submission::{Idempotency, Rehearsal, Rejected, Reply, Said, Submission},
    traces,
};

pub(super) struct Batch<'a> {
    requests: &'a [Request],
    policy: Policy,
    clock: &'a dyn Clock,
    done: Option<Done>,
}

/// What a batch has come to.
pub(super) struct Done {
    pub(super) outcomes: Vec<Result<Told, Rejected>>,
    /// Every effect that the batch has changed, as it left it.
    pub(super) effects: Vec<Effect>,
    /// The number of its last event, if it has any.
    pub(super) last_seq: Option<u64>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(requests: &'a [Request], policy: Policy, clock: &'a dyn Clock) -> Batch<'a> {
        Batch { requests, policy, clock, done: None }
    }

    /// May be run again on a fresh world: it keeps nothing of a run before.
    pub(super) fn step(&mut self, world: &mut World) -> Next {
        self.done = None;
        world.policy = self.policy.clone();
        let mut more = Keys::default();
        for it in self.requests {
            it.submission.command.more_keys(world, &mut more);
        }
        if more.retain_unloaded(world) {
            return Next::LoadMore(more);
        }
        let outcomes =
            traces::decide().in_scope(|| catch_unwind(AssertUnwindSafe(|| self.run_all(world))));
        let outcomes = match outcomes {
            Ok(Some(outcomes)) => outcomes,
            Ok(None) => return Next::Abandon,
            Err(_) => {
                tracing::error!("a command has panicked after its decision");
                return Next::Abandon;
            }
        };
        let effects = changed_effects(world);
        crash_points::before_commit(&effects);
        let last_seq = world.events.last().map(|it| it.seq);
        self.done = Some(Done { outcomes, effects, last_seq });
        // Rehearsals have nothing to be written.
        if self.requests.iter().all(|it| it.is_rehearsal) { Next::Abandon } else { Next::Write }
    }

    /// `None` if a command would have to see what nobody has loaded, because one before it has
    /// changed what it asks for: they are run one by one then. It is rare, and costs only time.
    fn run_all(&self, world: &mut World) -> Option<Vec<Result<Told, Rejected>>> {
        let run = |it: &Request| {
            let has_its_facts = it.submission.command.has_its_facts(world);
            has_its_facts.then(|| self.run(world, it))
        };
        self.requests.iter().map(run).collect()
    }

    /// `None` if the batch was abandoned.
    pub(super) fn done(self) -> Option<Done> {
        self.done
    }

    fn run(&self, world: &mut World, it: &Request) -> Result<Told, Rejected> {
        if it.is_rehearsal {
            self.rehearse(world, &it.submission).map(|it| Told::Rehearsal(Box::new(it)))
        } else {
            self.reply(world, &it.submission).map(Told::Reply)
        }
    }

    fn reply(&self, world: &mut World, it: &Submission) -> Result<Reply, Rejected> {
        if let Some(idempotency) = it.idempotency
            && let Some(known) = world.idempotency.get(&idempotency.key)
        {
            if known.fingerprint != idempotency.fingerprint {
                return Err(Rejected::KeyReused);
            }
            let said = Said::from_bytes(&known.answer).ok_or(Rejected::Failed)?;
            return Ok(Reply { said, replayed: true });
        }
        let made = self.make(world, it, it.idempotency.map(|it| it.key))?;
        let said = made.say(world, it);
        if let Some(idempotency) = it.idempotency {
            remember(world, idempotency, &said, made.at);
        }
        Ok(Reply { said, replayed: false })
    }

    /// Decides and makes it so, on a world of its own. Whatever goes wrong stays in there.
    fn rehearse(&self, world: &mut World, it: &Submission) -> Result<Rehearsal, Rejected> {
        let mut own = copy(world);
        let rehearsed = catch_unwind(AssertUnwindSafe(|| {
            let made = self.make(&mut own, it, None)?;
            let answer = match made.say(&own, it) {
                Said::Answer(answer) => Some(answer),
                Said::Awaits { .. } => None,
            };
            let order = made.order.and_then(|no| own.orders.get(&no)).cloned();
            Ok(Rehearsal { answer, order, events: mem::take(&mut own.events) })
        }));
        rehearsed.unwrap_or_else(|_| {
            tracing::error!(request_id = it.request_id, "a rehearsal has panicked");
            Err(Rejected::Failed)
        })
    }

    fn make(
        &self,
        world: &mut World,
        it: &Submission,
        key: Option<KeyHash>,
    ) -> Result<Made, Rejected> {
        let now = world.moment(self.clock.now());
        let decided = AssertUnwindSafe(|| decide(world, &it.command, &it.actor, now));
        let decision = catch_unwind(decided)
            .map_err(|_| {
                tracing::error!(request_id = it.request_id, "a decision has panicked");
                Rejected::Failed
            })?
            .map_err(Rejected::Refused)?;
        let made = Made { at: now, order: decision.order, outcome: decision.outcome.clone() };
        let refusal = decision.refusal.clone();
        let actor = it.actor.to_string();
        let signature = Signature { at: now, actor: &actor, request_id: &it.request_id, key };
        world.apply(decision, signature);
        // Something was recorded, and yet the answer is no. Nothing remembers it.
        match refusal {
            Some(refusal) => Err(Rejected::Refused(refusal.into())),
            None => Ok(made),
        }
    }
}

/// A decision that was made so.
struct Made {
    at: Moment,
    order: Option<OrderNo>,
    outcome: Outcome,
}

impl Made {
    fn say(&self, world: &World, it: &Submission) -> Said {
        if let Outcome::Awaits(effect) = &self.outcome {
            return Said::Awaits { awaits: effect.clone() };
        }
        Said::Answer((it.render)(world, &self.outcome))
    }
}

/// The world as it stands, without what the batch has added to the logs so far.
fn copy(world: &mut World) -> World {
    let events = mem::take(&mut world.events);
    let admin_events = mem::take(&mut world.admin_events);
    let copy = world.clone();
    world.events = events;
    world.admin_events = admin_events;
    copy
}

fn remember(world: &mut World, idempotency: Idempotency, said: &Said, at: Moment) {
    let (answer, shows) = (said.to_bytes(), said.shows());
    let remembered = Remembered { fingerprint: idempotency.fingerprint, at, answer, shows };
    world.idempotency.put(idempotency.key, remembered);
}

fn changed_effects(world: &World) -> Vec<Effect> {
    let changes = world.effects.changes().filter_map(|(_, change)| match change {
        Change::Insert(effect) | Change::Update(effect) => Some(effect.clone()),
        Change::Delete => None,
    });
    changes.collect()
}
