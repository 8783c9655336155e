//! Ends reservations whose customers have not paid in time. The provider is asked first: money
//! that is there or on its way counts, whatever the clock says.

use std::collections::HashMap;

use adapters::payment::ProviderError;
use domain::{
    Command, Expected, IntentId, Moment, Order, OrderNo,
    order::expire::ExpireOrder,
    payment::{IntentNews, IntentState, PaymentState, record::RecordPayment},
};
use futures_util::{StreamExt, stream};
use store::StoreError;
use tokio::time::{MissedTickBehavior, interval};

use super::context::{Context, in_time};

/// Orders that are seen to in one round, and of them so many at once.
const EXPIRED_MAX: u32 = 256;
const AT_ONCE_MAX: usize = 16;

/// One that is overdue still after it was seen to is left alone for so long.
const AGAIN_MS: i64 = 60_000;

pub(super) async fn run(context: Context) {
    let mut rounds = interval(context.pace.round_every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen_to = HashMap::new();
    loop {
        rounds.tick().await;
        if let Err(error) = round(&context, &mut seen_to).await {
            tracing::warn!(%error, "overdue reservations can't be read");
        }
    }
}

async fn round(
    context: &Context,
    seen_to: &mut HashMap<OrderNo, Moment>,
) -> Result<(), StoreError> {
    let now = context.now();
    let expired = context.reads.expired_orders(now, EXPIRED_MAX).await?;
    seen_to.retain(|no, at| expired.contains(no) && now < at.plus_ms(AGAIN_MS));
    let next: Vec<_> = expired.into_iter().filter(|no| !seen_to.contains_key(no)).collect();
    seen_to.extend(next.iter().map(|no| (*no, now)));
    stream::iter(next).for_each_concurrent(AT_ONCE_MAX, |no| end(context, no)).await;
    Ok(())
}

async fn end(context: &Context, no: OrderNo) {
    let order = match context.reads.order(no).await {
        Ok(Some(order)) => order,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(%error, order = %no, "an overdue order can't be read");
            return;
        }
    };
    let news = ask(context, &order).await;
    if let Err(error) = context.submit("jobs", command(&order, news)).await {
        tracing::warn!(?error, order = %no, "a reservation could not be ended");
    }
}

/// How the order's last intent stands, where there is one and the provider tells.
async fn ask(context: &Context, order: &Order) -> Option<IntentNews> {
    let intent = last_intent(order)?;
    let answer = in_time(context.pace.provider_deadline, context.provider.intent(intent)).await;
    match answer {
        Ok(news) => Some(news),
        Err(ProviderError::Refused(_) | ProviderError::Unknown) => None,
        Err(ProviderError::Unavailable(error)) => {
            tracing::warn!(error, order = %order.no, "an order expires without an answer");
            None
        }
    }
}

pub fn last_intent(order: &Order) -> Option<&IntentId> {
    order.payments.iter().rev().find_map(|it| it.intent.as_ref())
}

/// What follows from what the provider tells, if it does.
pub fn command(order: &Order, news: Option<IntentNews>) -> Command {
    let no = order.no;
    match news {
        Some(news) if gives_time(order, news.state) => {
            let (closes, expected) = (None, Expected::Any);
            let record = RecordPayment { order: no, news: Some(news), closes, expected };
            Command::RecordPayment(Box::new(record))
        }
        Some(_) | None => Command::ExpireOrder(ExpireOrder { order: no }),
    }
}

/// Whether the order is not to expire now. What is being processed gives it time, but only once.
fn gives_time(order: &Order, state: IntentState) -> bool {
    match state {
        IntentState::Succeeded | IntentState::Authorized => true,
        IntentState::Processing => {
            order.payments.iter().all(|it| it.status != PaymentState::Processing)
        }
        IntentState::Open | IntentState::Declined | IntentState::Cancelled => false,
    }
}
