//! Records what the provider tells unasked. A notice only says which intent to ask about; it is
//! acknowledged once the answer is recorded, and told again until then.

use std::{sync::Arc, time::Duration};

use adapters::payment::{Notice, ProviderError};
use domain::{Command, Expected, payment::record::RecordPayment};
use tokio::sync::Semaphore;

use super::{
    context::{Context, in_time},
    runner::Working,
};
use crate::submission::Rejected;

/// Notices that are seen to at once.
const NOTICES_MAX: usize = 32;

/// One that came to nothing keeps its place for so long, so that telling it again at once does
/// not make us spin.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(context: Context, working: Working) {
    let places = Arc::new(Semaphore::new(NOTICES_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let notice = context.provider.notice().await;
        let context = context.clone();
        working.spawn(async move {
            if let Err(why) = see_to(&context, &notice).await {
                tracing::warn!(intent = %notice.intent, why, "a notice comes again");
                tokio::time::sleep(PAUSE).await;
            }
            drop(place);
        });
    }
}

async fn see_to(context: &Context, notice: &Notice) -> Result<(), String> {
    let deadline = context.pace.provider_deadline;
    match in_time(deadline, context.provider.intent(&notice.intent)).await {
        Ok(news) => {
            if let Some(order) = news.order {
                let (news, closes, expected) = (Some(news), None, Expected::Any);
                let record = RecordPayment { order, news, closes, expected };
                match context.submit("payments", Command::RecordPayment(Box::new(record))).await {
                    // A refusal is the last word too: what there was to record is recorded.
                    Ok(()) | Err(Rejected::Refused(_)) => {}
                    Err(error) => return Err(format!("{error:?}")),
                }
            }
        }
        Err(ProviderError::Unknown | ProviderError::Refused(_)) => {}
        Err(error @ ProviderError::Unavailable(_)) => return Err(error.to_string()),
    }
    let acknowledged = in_time(deadline, context.provider.acknowledge(notice)).await;
    acknowledged.map_err(|error| error.to_string())
}
