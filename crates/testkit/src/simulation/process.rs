//! A process of the server: a write path, the effects that it works on, and what waits in it. When
//! it dies all of that is gone but for what the store has.

use std::{collections::VecDeque, fmt, sync::Arc};

use domain::{
    Actor, Command, EffectId, IntentId, Outcome,
    effect::{Effect, ProcessId},
    world::Policy,
};
use engine::{Answer, Inline, Submission, clock::ManualClock};
use store::{Store, memory::Memory};

use super::requests::{Requests, Waiter};

pub(super) struct Process {
    pub(super) id: ProcessId,
    pub(super) inline: Inline,
    /// Handed in, and not in a batch yet.
    pub(super) queue: VecDeque<Letter>,
    /// On its way to the queue, and taking its time.
    pub(super) slow: Vec<Letter>,
    /// Effects whose lease this process has, and has heard of.
    pub(super) held: Vec<Effect>,
    pub(super) waiters: Vec<Waiter>,
}

/// A command on its way, and who wants to hear what becomes of it.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) command: Command,
    pub(super) actor: Actor,
    pub(super) sender: Sender,
}

#[derive(Clone, Debug)]
pub(super) enum Sender {
    /// A person, by the place of the request.
    Asker(usize),
    /// A job; it looks again by itself.
    Nobody,
    /// Who was told by the provider that something has changed.
    Notice(IntentId),
    /// Who works on this effect.
    Worker(Box<Effect>),
}

impl Process {
    pub(super) fn start(
        memory: &Memory,
        clock: &Arc<ManualClock>,
        policy: &Policy,
        id: ProcessId,
    ) -> Process {
        let policy = Policy { process: id, ..policy.clone() };
        let writer = memory.writer().expect("memory has a writer");
        Process {
            id,
            inline: Inline::new(writer, clock.clone(), policy),
            queue: VecDeque::new(),
            slow: Vec::new(),
            held: Vec::new(),
            waiters: Vec::new(),
        }
    }

    pub(super) fn holds(&self, id: &EffectId) -> bool {
        self.held.iter().any(|it| it.id == *id)
            || self.queue.iter().chain(&self.slow).any(|it| it.sender.works_on(id))
    }

    /// Nothing is left to be done now. Somebody may still wait for what others do.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.slow.is_empty() && self.held.is_empty()
    }
}

impl Sender {
    fn works_on(&self, id: &EffectId) -> bool {
        match self {
            Sender::Worker(effect) => effect.id == *id,
            Sender::Asker(_) | Sender::Nobody | Sender::Notice(_) => false,
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sender::Asker(place) => write!(f, "request {place}"),
            Sender::Nobody => f.write_str("by itself"),
            Sender::Notice(intent) => write!(f, "upon notice of {intent}"),
            Sender::Worker(effect) => write!(f, "for {}", effect.id),
        }
    }
}

impl Letter {
    pub(super) fn submission(&self, requests: &Requests) -> Submission {
        let (request_id, idempotency) = match &self.sender {
            Sender::Asker(place) => (Requests::request_id(*place), requests.idempotency(*place)),
            Sender::Nobody | Sender::Notice(_) | Sender::Worker(_) => ("server".into(), None),
        };
        Submission {
            command: self.command.clone(),
            actor: self.actor.clone(),
            request_id,
            idempotency,
            render: Box::new(|world, outcome| {
                let (order, detail) = if let Outcome::Order(no) = outcome {
                    (Some(*no), String::new())
                } else if let Outcome::Refund { order, id } | Outcome::Shipment { order, id } =
                    outcome
                {
                    (Some(*order), id.clone())
                } else {
                    (None, String::new())
                };
                let version = order.and_then(|no| world.orders.get(&no)).map_or(0, |it| it.version);
                let body = format!("{order:?} {version} {detail}");
                Answer { status: 200, location: None, etag: None, body, shows: None }
            }),
        }
    }
}
