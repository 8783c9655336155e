//! What may become of an intent: who may do what from which state.

use domain::payment::{Capture, IntentState};

use super::SandboxError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// It is there already.
    Stay,
    To(IntentState),
}

type Moved = Result<Move, SandboxError>;

/// The customer's card is good.
pub(super) fn confirm(from: IntentState, capture: Capture) -> Moved {
    match from {
        IntentState::Open | IntentState::Declined | IntentState::Processing => {
            Ok(Move::To(match capture {
                Capture::AtOnce => IntentState::Succeeded,
                Capture::AtShipment => IntentState::Authorized,
            }))
        }
        IntentState::Authorized | IntentState::Succeeded => Ok(Move::Stay),
        IntentState::Cancelled => impossible(from, "confirmed"),
    }
}

/// The customer's card is not.
pub(super) fn decline(from: IntentState) -> Moved {
    match from {
        IntentState::Open | IntentState::Declined | IntentState::Processing => {
            Ok(Move::To(IntentState::Declined))
        }
        IntentState::Authorized | IntentState::Succeeded | IntentState::Cancelled => {
            impossible(from, "declined")
        }
    }
}

/// The customer has paid in a way that takes days.
pub(super) fn process(from: IntentState) -> Moved {
    match from {
        IntentState::Open | IntentState::Declined => Ok(Move::To(IntentState::Processing)),
        IntentState::Processing => Ok(Move::Stay),
        IntentState::Authorized | IntentState::Succeeded | IntentState::Cancelled => {
            impossible(from, "processed")
        }
    }
}

/// The customer's bank or the provider itself gives it up; it may whatever the shop may not.
pub(super) fn give_up(from: IntentState) -> Moved {
    match from {
        IntentState::Open
        | IntentState::Declined
        | IntentState::Processing
        | IntentState::Authorized => Ok(Move::To(IntentState::Cancelled)),
        IntentState::Cancelled => Ok(Move::Stay),
        IntentState::Succeeded => impossible(from, "cancelled"),
    }
}

/// The shop takes the money that is held for it.
pub(super) fn capture(from: IntentState) -> Moved {
    match from {
        IntentState::Authorized => Ok(Move::To(IntentState::Succeeded)),
        IntentState::Succeeded | IntentState::Cancelled => Ok(Move::Stay),
        IntentState::Open | IntentState::Declined | IntentState::Processing => {
            impossible(from, "captured")
        }
    }
}

/// The shop no longer wants it.
pub(super) fn cancel(from: IntentState) -> Moved {
    match from {
        IntentState::Open | IntentState::Declined | IntentState::Authorized => {
            Ok(Move::To(IntentState::Cancelled))
        }
        IntentState::Succeeded | IntentState::Cancelled => Ok(Move::Stay),
        // As with bank debits: what is on its way cannot be called back, only given back.
        IntentState::Processing => {
            Err(SandboxError::Unavailable("the payment is still being processed".into()))
        }
    }
}

fn impossible(from: IntentState, what: &str) -> Moved {
    let why = format!("This payment is {} and cannot be {what}.", from.name());
    Err(SandboxError::Impossible(why))
}

#[cfg(test)]
mod tests {
    use IntentState::{Authorized, Cancelled, Declined, Open, Processing, Succeeded};

    use super::*;

    const STATES: [IntentState; 6] = [Open, Declined, Processing, Authorized, Succeeded, Cancelled];

    /// Where each state of [`STATES`] leads: to another, nowhere (`=`), or it is refused (`-`) or
    /// put off (`?`).
    fn check(what: &str, step: impl Fn(IntentState) -> Moved, expected: [&str; 6]) {
        for (from, expected) in STATES.into_iter().zip(expected) {
            let found = match step(from) {
                Ok(Move::To(state)) => state.name(),
                Ok(Move::Stay) => "=",
                Err(SandboxError::Impossible(_)) => "-",
                Err(SandboxError::Unavailable(_)) => "?",
                Err(SandboxError::Unknown) => "unknown",
            };
            assert_eq!(found, expected, "{what} from {}", from.name());
        }
    }

    #[test]
    fn who_may_do_what() {
        let (paid, held, off) = ("succeeded", "authorized", "cancelled");
        let no = "declined";
        check("confirm", |it| confirm(it, Capture::AtOnce), [paid, paid, paid, "=", "=", "-"]);
        check("confirm", |it| confirm(it, Capture::AtShipment), [held, held, held, "=", "=", "-"]);
        check("decline", decline, [no, no, no, "-", "-", "-"]);
        check("process", process, ["processing", "processing", "=", "-", "-", "-"]);
        check("give up", give_up, [off, off, off, off, "-", "="]);
        check("capture", capture, ["-", "-", "-", paid, "=", "="]);
        check("cancel", cancel, [off, off, "?", off, "=", "="]);
    }

    #[test]
    fn a_refusal_is_a_sentence() {
        let refused = confirm(Cancelled, Capture::AtOnce);
        let why = "This payment is cancelled and cannot be confirmed.";
        assert_eq!(refused, Err(SandboxError::Impossible(why.into())));
    }
}
