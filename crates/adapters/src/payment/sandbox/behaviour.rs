//! How the sandbox can be told to behave badly, so that the ugly paths can be walked.
//!
//! It is about the shop's calls alone; a customer is always served at once and well. Questions are
//! only delayed: were they counted, what jobs ask in the background would use up what a tester has
//! ordered for the next thing that is done.

use std::time::Duration;

use rusqlite::params;

use super::{
    Sandbox, SandboxError,
    books::{Books, unreadable},
};

/// How long after its time a late notice comes and a refund stays pending, while callbacks are
/// late.
pub const LATE_MS: i64 = 3_000;

/// What it says to a call that it was told to fail.
pub const FAILURE: &str = "Your card issuer cannot be reached. Please try again later.";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// How long each answer takes. What was asked for is done at once, so that a shop that does not
    /// wait for the answer is left with something that it does not know of.
    pub delay_ms: u32,
    /// So many of the next calls that would change something are refused for good: no intent is
    /// made, nothing is captured, cancelled or refunded.
    pub fail_next: u32,
    /// So many of the next calls that change something do so and are never answered.
    pub lose_answer_next: u32,
    pub callback: Callback,
}

/// How notices are delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Callback {
    #[default]
    On,
    Off,
    /// Each of them twice.
    Double,
    /// Some seconds later, and so perhaps after one that is told once this is over. Refunds take
    /// their time as well.
    Late,
}

impl Callback {
    pub const ALL: [Callback; 4] = [Callback::On, Callback::Off, Callback::Double, Callback::Late];

    pub fn name(self) -> &'static str {
        match self {
            Callback::On => "on",
            Callback::Off => "off",
            Callback::Double => "double",
            Callback::Late => "late",
        }
    }

    pub fn named(name: &str) -> Option<Callback> {
        Callback::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) ending: Ending,
    pub(super) delay: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Answered,
    Refused,
    Lost,
}

impl Sandbox {
    pub fn behaviour(&self) -> Result<Behaviour, SandboxError> {
        self.read(current)
    }

    /// How it behaves towards the shop from now on, here and in other processes.
    pub fn set_behaviour(&self, behaviour: Behaviour) -> Result<(), SandboxError> {
        self.write(|books| replace(books, behaviour))
    }

    /// The fate of a call that changes something; what it takes of a count is gone.
    pub(super) fn fate_of_change(&self) -> Result<Fate, SandboxError> {
        let behaviour = self.behaviour()?;
        let ending = if behaviour.fail_next == 0 && behaviour.lose_answer_next == 0 {
            Ending::Answered
        } else {
            self.write(take_ending)?
        };
        Ok(Fate { ending, delay: behaviour.delay() })
    }

    pub(super) fn fate_of_question(&self) -> Result<Fate, SandboxError> {
        Ok(Fate { ending: Ending::Answered, delay: self.behaviour()?.delay() })
    }
}

impl Behaviour {
    fn delay(self) -> Duration {
        Duration::from_millis(self.delay_ms.into())
    }
}

/// What stands in the books.
pub(super) fn current(books: &Books<'_>) -> Result<Behaviour, SandboxError> {
    let mut select = books
        .connection
        .prepare_cached("SELECT delay_ms, fail_next, lose_answer_next, callback FROM behaviour")?;
    let (behaviour, callback) = select.query_row([], |row| {
        let behaviour = Behaviour {
            delay_ms: row.get(0)?,
            fail_next: row.get(1)?,
            lose_answer_next: row.get(2)?,
            callback: Callback::On,
        };
        Ok((behaviour, row.get::<_, String>(3)?))
    })?;
    let callback = Callback::named(&callback).ok_or_else(|| unreadable("callback"))?;
    Ok(Behaviour { callback, ..behaviour })
}

fn replace(books: &Books<'_>, behaviour: Behaviour) -> Result<(), SandboxError> {
    let Behaviour { delay_ms, fail_next, lose_answer_next, callback } = behaviour;
    books.connection.execute(
        "UPDATE behaviour SET delay_ms = ?1, fail_next = ?2, lose_answer_next = ?3, callback = ?4",
        params![delay_ms, fail_next, lose_answer_next, callback.name()],
    )?;
    Ok(())
}

/// Uses up one call of a count, if there is one left; of several processes one gets it.
fn take_ending(books: &Books<'_>) -> Result<Ending, SandboxError> {
    let fail = "UPDATE behaviour SET fail_next = fail_next - 1 WHERE fail_next > 0";
    let lose = "UPDATE behaviour SET lose_answer_next = lose_answer_next - 1 \
                WHERE lose_answer_next > 0";
    if books.connection.execute(fail, [])? == 1 {
        return Ok(Ending::Refused);
    }
    let is_lost = books.connection.execute(lose, [])? == 1;
    Ok(if is_lost { Ending::Lost } else { Ending::Answered })
}
