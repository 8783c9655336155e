//! One effect, asked of the provider. The effect's id is the provider's idempotency key, so that
//! working on it again does nothing twice.

use std::time::Duration;

use adapters::payment::{CreatedIntent, PaymentProvider, ProviderError, RefundNews};
use domain::{
    EffectId, IntentId,
    effect::{Action, Effect},
    payment::{IntentNews, IntentRequest, IntentState},
};

use super::context::in_time;

/// What has come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worked {
    /// An intent was to be made.
    Created(Result<CreatedIntent, ProviderError>),
    /// One was to be captured or cancelled; `None`: there is no such intent.
    Told(Result<Option<IntentNews>, ProviderError>),
    /// Money was to be given back.
    Refunded(Result<RefundNews, ProviderError>),
}

impl Worked {
    pub(crate) fn error(&self) -> Option<&ProviderError> {
        match self {
            Worked::Created(answer) => answer.as_ref().err(),
            Worked::Told(answer) => answer.as_ref().err(),
            Worked::Refunded(answer) => answer.as_ref().err(),
        }
    }
}

pub async fn work(provider: &dyn PaymentProvider, effect: &Effect, deadline: Duration) -> Worked {
    match &effect.action {
        Action::InitializePayment(request) => {
            let created = provider.create(effect.id.as_str(), request);
            Worked::Created(in_time(deadline, created).await)
        }
        Action::CancelPayment { intent, request } => {
            let cancelled = cancel(provider, &effect.id, intent.as_ref(), request);
            Worked::Told(in_time(deadline, cancelled).await)
        }
        Action::CapturePayment { intent, .. } => {
            let captured = capture(provider, &effect.id, intent);
            Worked::Told(in_time(deadline, captured).await)
        }
        Action::RefundPayment { intent, amount, .. } => {
            let refunded = provider.refund(effect.id.as_str(), intent, *amount);
            Worked::Refunded(in_time(deadline, refunded).await)
        }
    }
}

async fn cancel(
    provider: &dyn PaymentProvider,
    key: &EffectId,
    intent: Option<&IntentId>,
    request: &IntentRequest,
) -> Result<Option<IntentNews>, ProviderError> {
    let intent = match intent {
        Some(intent) => intent.clone(),
        // The answer that named it was lost. To make it again with its first key tells its name.
        None => match provider.create(request.payment.as_str(), request).await {
            Ok(created) => created.intent,
            Err(ProviderError::Refused(_)) => return Ok(None),
            Err(error @ (ProviderError::Unknown | ProviderError::Unavailable(_))) => {
                return Err(error);
            }
        },
    };
    let cancelled = provider.cancel(key.as_str(), &intent).await;
    match cancelled {
        Ok(news) => Ok(Some(news)),
        Err(ProviderError::Unknown) => Ok(None),
        Err(ProviderError::Refused(why)) => {
            let news = provider.intent(&intent).await?;
            if has_ended(news.state) { Ok(Some(news)) } else { Err(ProviderError::Refused(why)) }
        }
        Err(error @ ProviderError::Unavailable(_)) => Err(error),
    }
}

async fn capture(
    provider: &dyn PaymentProvider,
    key: &EffectId,
    intent: &IntentId,
) -> Result<Option<IntentNews>, ProviderError> {
    match provider.capture(key.as_str(), intent).await {
        Ok(news) => Ok(Some(news)),
        Err(ProviderError::Unknown) => Ok(None),
        Err(ProviderError::Refused(why)) => {
            let news = provider.intent(intent).await?;
            let is_over = has_ended(news.state) || news.state == IntentState::Declined;
            if is_over { Ok(Some(news)) } else { Err(ProviderError::Refused(why)) }
        }
        Err(error @ ProviderError::Unavailable(_)) => Err(error),
    }
}

/// Where the provider says no, the intent may have ended meanwhile: then its end is the outcome.
fn has_ended(state: IntentState) -> bool {
    match state {
        IntentState::Succeeded | IntentState::Cancelled => true,
        IntentState::Open
        | IntentState::Declined
        | IntentState::Processing
        | IntentState::Authorized => false,
    }
}
