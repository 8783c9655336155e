//! What a caller hands in, and what it gets back.

use std::fmt;

use domain::{
    Actor, Command, CustomerId, EffectId, Order, Outcome, Recorded, Refusals, World,
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
    /// The customer whose person the body shows. It is stored so that it can be forgotten.
    #[serde(skip)]
    pub shows: Option<CustomerId>,
}

/// What is said at once, and remembered under the key.
///
/// Answers that were stored before there was anything to wait for are read as what they are.
/// The body of one that shows a person stands on a line of its own, and may be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// The answer is not known yet: it comes with the end of this effect.
    Awaits {
        awaits: EffectId,
    },
    Answer(Answer),
}

impl Said {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let json =
            |said: &Said| serde_json::to_vec(said).expect("an answer has only texts and numbers");
        match self {
            Said::Answer(answer) if answer.shows.is_some() => {
                let head = Answer { body: String::new(), ..answer.clone() };
                let mut bytes = json(&Said::Answer(head));
                bytes.push(b'\n');
                bytes.extend_from_slice(answer.body.as_bytes());
                bytes
            }
            Said::Answer(_) | Said::Awaits { .. } => json(self),
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Said> {
        let end = bytes.iter().position(|it| *it == b'\n');
        let (head, body) = bytes.split_at(end.unwrap_or(bytes.len()));
        let mut said = serde_json::from_slice(head).ok()?;
        if let (Said::Answer(answer), [_, body @ ..]) = (&mut said, body) {
            answer.body = String::from_utf8(body.to_vec()).ok()?;
        }
        Some(said)
    }

    pub(crate) fn shows(&self) -> Option<CustomerId> {
        match self {
            Said::Answer(answer) => answer.shows.clone(),
            Said::Awaits { .. } => None,
        }
    }
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

#[cfg(test)]
mod tests {
    use domain::idempotency::{Fingerprint, Remembered};

    use super::*;

    #[test]
    fn what_shows_a_person_can_be_forgotten() {
        let shown = Answer {
            status: 201,
            location: Some("/api/orders/ORD1".into()),
            etag: Some("\"2\"".into()),
            body: "{\"name\":\"Jane\\n\"}\n".into(),
            shows: "jane".parse().ok(),
        };
        let forget = |said: &Said| {
            let (answer, shows) = (said.to_bytes(), said.shows());
            let fingerprint = Fingerprint([0; 16]);
            let at = domain::Moment(0);
            let mut remembered = Remembered { fingerprint, at, answer, shows };
            remembered.forget_person();
            (Said::from_bytes(&remembered.answer), remembered)
        };
        let said = Said::Answer(shown.clone());
        let again = Said::Answer(Answer { shows: None, ..shown.clone() });
        assert_eq!(Said::from_bytes(&said.to_bytes()), Some(again.clone()));
        let (left, row) = forget(&said);
        let bodyless = Answer { body: String::new(), shows: None, ..shown };
        assert_eq!(left, Some(Said::Answer(bodyless)));
        assert!(!String::from_utf8(row.answer).expect("a text").contains("Jane"));
        assert_eq!(row.shows, None);
        // One that shows nobody is as it always was, and has nothing to forget.
        assert_eq!(forget(&again).0, Some(again));
    }
}
