//! What a caller hands in, and what it gets back.

use std::fmt;

use domain::{
    Actor, Command, EffectId, Order, Outcome, Recorded, Refusals, World,
    idempotency::{Fingerprint, KeyHash},
};
use serde::{Deserialize, Serialize};

pub struct Submission {
    pub command: Command,
    pub actor: Actor,
    pub request_id: String,
    pub idempotency: Option<Idempotency>,
    /// Makes the answer from the world as the command left it. It is stored in the transaction of
    /// its effect, so it is made before the commit and sent after it.
    pub render: Render,
}

pub type Render = Box<dyn Fn(&World, &Outcome) -> Answer + Send>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency {
    pub key: KeyHash,
    pub fingerprint: Fingerprint,
}

/// An answer that can be given again, to the byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// JSON, or nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// What is said at once, and remembered under the key.
///
/// Answers that were stored before there was anything to wait for are read as what they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// The answer is not known yet: it comes with the end of this effect.
    Awaits {
        awaits: EffectId,
    },
    Answer(Answer),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub said: Said,
    /// It was given before, to the same request with the same key.
    pub replayed: bool,
}

/// What a command would bring about if it came now. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// Absent where the answer would come from outside.
    pub answer: Option<Answer>,
    /// The order that it is about, as it would be.
    pub order: Option<Order>,
    pub events: Vec<Recorded>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    Refused(Refusals),
    /// The key was used for another request.
    KeyReused,
    /// Too much waits; come again soon.
    Overloaded,
    /// The store is away or full; nothing is known to be written.
    Unavailable,
    /// A fault of ours.
    Failed,
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submission")
            .field("command", &self.command)
            .field("actor", &self.actor)
            .field("request_id", &self.request_id)
            .field("idempotency", &self.idempotency)
            .finish_non_exhaustive()
    }
}
