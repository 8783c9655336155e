//! From what has come of an effect to the command that records it, or puts the effect off.

use adapters::payment::{CreatedIntent, ProviderError, RefundNews};
use domain::{
    Command, Expected, Moment,
    effect::{Effect, retry::RetryEffect},
    payment::{
        IntentNews, fail_intent::FailIntent, record::RecordPayment, record_intent::RecordIntent,
    },
    refund::{RefundState, record::RecordRefund},
};

use super::{
    backoff::{is_hopeless, pause_ms},
    work::Worked,
};

/// For people, where the provider has said nothing.
const NO_ANSWER: &str = "The payment provider did not answer.";

const UNKNOWN_PAYMENT: &str = "The payment provider does not know this payment.";

pub fn command(effect: &Effect, worked: Worked, now: Moment, jitter: u64) -> Command {
    match worked {
        Worked::Created(created) => created_intent(effect, created),
        Worked::Told(told) => told_intent(effect, told, now, jitter),
        Worked::Refunded(refunded) => refunded_payment(effect, refunded, now, jitter),
    }
}

/// Puts an effect off.
pub fn retry(effect: &Effect, error: String, now: Moment, jitter: u64) -> Command {
    let due_at = now.plus_ms(pause_ms(effect.attempts, jitter));
    Command::RetryEffect(RetryEffect { effect: effect.id.clone(), due_at, error })
}

/// Somebody waits for it, so it is never put off.
fn created_intent(effect: &Effect, created: Result<CreatedIntent, ProviderError>) -> Command {
    let fail = |message: String, may_exist| {
        let (order, effect) = (effect.order, effect.id.clone());
        Command::FailIntent(FailIntent { order, effect, message, may_exist })
    };
    match created {
        Ok(CreatedIntent { intent, client_secret }) => Command::RecordIntent(RecordIntent {
            order: effect.order,
            effect: effect.id.clone(),
            intent,
            client_secret,
        }),
        Err(ProviderError::Refused(message)) => fail(message, false),
        Err(ProviderError::Unknown | ProviderError::Unavailable(_)) => fail(NO_ANSWER.into(), true),
    }
}

fn told_intent(
    effect: &Effect,
    told: Result<Option<IntentNews>, ProviderError>,
    now: Moment,
    jitter: u64,
) -> Command {
    let record = |news| {
        let closes = Some(effect.id.clone());
        let (order, expected) = (effect.order, Expected::Any);
        Command::RecordPayment(Box::new(RecordPayment { order, news, closes, expected }))
    };
    match told {
        Ok(news) => record(news),
        Err(_) if is_hopeless(effect.created_at, now) => record(None),
        Err(error) => retry(effect, error.to_string(), now, jitter),
    }
}

fn refunded_payment(
    effect: &Effect,
    refunded: Result<RefundNews, ProviderError>,
    now: Moment,
    jitter: u64,
) -> Command {
    let record = |state, message| {
        let (order, effect) = (effect.order, effect.id.clone());
        Command::RecordRefund(RecordRefund { order, effect, state, message })
    };
    match refunded {
        Ok(RefundNews { state: RefundState::Pending, .. }) => {
            retry(effect, "the provider is still working on it".into(), now, jitter)
        }
        Ok(RefundNews {
            state: state @ (RefundState::Succeeded | RefundState::Failed),
            message,
        }) => record(state, message),
        Err(ProviderError::Refused(message)) => record(RefundState::Failed, Some(message)),
        Err(ProviderError::Unknown) => record(RefundState::Failed, Some(UNKNOWN_PAYMENT.into())),
        Err(ProviderError::Unavailable(_)) if is_hopeless(effect.created_at, now) => {
            record(RefundState::Failed, Some(NO_ANSWER.into()))
        }
        Err(error @ ProviderError::Unavailable(_)) => retry(effect, error.to_string(), now, jitter),
    }
}
