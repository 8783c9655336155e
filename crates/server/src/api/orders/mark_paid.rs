//! `PATCH /api/orders/{id}/paid`: the money is there. For a prepaid order that is a question to the
//! payment provider, for any other one the word of staff who have it in their hands.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Actor, Command, Expected, IntentId, Order, Refusal,
    order::{PaymentStatus, Status, collect::CollectPayment},
    payment::{IntentNews, record::RecordPayment},
};
use engine::{Answer, Rejected, Render, Reply, Said, Submission, payment::ProviderError};

use crate::{
    app::{App, Shared, submission},
    auth::Right,
    call::{Call, Manner, Named},
    dry_run,
    json::Style,
    outcome,
    problem::Problem,
    refused,
    reply::{self, etag},
    view::order::Viewer,
};

/// Mark an order as paid
///
/// Of a prepaid order the payment provider is asked, and only it is believed: if the payment has
/// succeeded, with the order's amount, currency and id, the order is paid and confirmed. The
/// provider's own callback does the same; both together have one effect. Of any other order staff
/// say that they have collected the money.
///
/// A dry run asks no provider. It tells the refusal that can be known without one, else 204 and the
/// order as it stands.
#[utoipa::path(
    patch, path = "/api/orders/{id}/paid", operation_id = "mark_order_paid", tag = "payments",
    responses((status = 204, description = "Paid")),
)]
pub(crate) async fn mark_paid(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let manner = call.empty_change(body).await?;
    let expected = call.expected()?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let no = app.order_no(&id).await?;
    let order = app.reads().order(no).await.map_err(refused::store)?;
    let actor = call.actor()?;
    let order = order.filter(|it| actor.may_see(it.customer.as_ref(), it.store));
    let Some(order) = order.filter(goes_through_provider) else {
        // Who has no such order is refused when its turn comes.
        let command = Command::CollectPayment(CollectPayment { order: no, expected });
        return app.submit(&call, command, manner, Style::Strict, paid()).await;
    };
    let asked = match manner {
        Manner::Real(_) => ask(&app, &order).await,
        Manner::Dry => Asked::Unanswered,
    };
    let news = match &asked {
        Asked::Answered(news) => news.clone(),
        Asked::Unanswered => None,
    };
    let command = RecordPayment { order: no, news, closes: None, expected };
    let command = Command::RecordPayment(Box::new(command));
    match manner {
        Manner::Real(idempotency) => {
            let submission = submission(&call, command, idempotency, paid())?;
            let reply = app.engine.submit(submission).await;
            match reply {
                Ok(Reply { said: Said::Answer(answer), replayed }) => {
                    Ok(reply::response(answer, replayed))
                }
                Ok(Reply { said: Said::Awaits { .. }, .. }) => Err(Problem::internal()),
                Err(rejected) if asked.is_unanswered() && hangs_on_provider(&rejected) => {
                    Err(refused::provider_unavailable(UNREACHABLE))
                }
                Err(rejected) => Err(refused::rejected(&rejected, Style::Strict)),
            }
        }
        Manner::Dry => {
            let submission = submission(&call, command, None, paid())?;
            match app.engine.rehearse(submission).await {
                Err(rejected) if questionable(&order).is_some() && hangs_on_provider(&rejected) => {
                    let viewer = Viewer::of(call.caller.is_customer());
                    Ok(dry_run::unchanged(&paid_answer(&order), &order, viewer))
                }
                rehearsed => app.rehearsed(rehearsed, &call, Style::Strict).await,
            }
        }
    }
}

/// Asks how the order's payment stands and records it, for whoever only wants to see the order as
/// it is then. What can't be recorded now is told by the provider later.
pub(crate) async fn look(app: &App, order: &Order, actor: Actor, request_id: &str) {
    if !goes_through_provider(order) || questionable(order).is_none() {
        return;
    }
    let Asked::Answered(Some(news)) = ask(app, order).await else { return };
    let command =
        RecordPayment { order: order.no, news: Some(news), closes: None, expected: Expected::Any };
    let submission = Submission {
        command: Command::RecordPayment(Box::new(command)),
        actor,
        request_id: request_id.into(),
        idempotency: None,
        render: paid(),
    };
    match app.engine.submit(submission).await {
        // It is not paid yet, or was before.
        Ok(_) | Err(Rejected::Refused(_)) => {}
        Err(rejected) => {
            tracing::warn!(order = %order.no, ?rejected, "a payment could not be recorded");
        }
    }
}

const UNREACHABLE: &str = "The payment provider can't be reached; come again soon";

/// What came of asking the provider.
enum Asked {
    /// Nothing, where there is no intent to ask about.
    Answered(Option<IntentNews>),
    Unanswered,
}

impl Asked {
    fn is_unanswered(&self) -> bool {
        match self {
            Asked::Answered(_) => false,
            Asked::Unanswered => true,
        }
    }
}

/// Staff who let an order go on account collect its money themselves.
fn goes_through_provider(order: &Order) -> bool {
    order.payment_method.is_prepaid() && !order.on_account
}

/// The order's latest intent is asked about.
async fn ask(app: &App, order: &Order) -> Asked {
    let Some(intent) = questionable(order) else { return Asked::Answered(None) };
    match app.engine.ask(|provider| provider.intent(intent)).await {
        Ok(news) => Asked::Answered(Some(news)),
        Err(ProviderError::Unknown) => {
            tracing::warn!(order = %order.no, "the provider does not know the intent of an order");
            Asked::Answered(None)
        }
        Err(error @ (ProviderError::Refused(_) | ProviderError::Unavailable(_))) => {
            tracing::warn!(order = %order.no, %error, "the provider tells nothing of an intent");
            Asked::Unanswered
        }
    }
}

/// The order's latest intent, unless the order is paid and confirmed: then nothing that the
/// provider says would change the answer.
fn questionable(order: &Order) -> Option<&IntentId> {
    let is_paid = match order.payment_status() {
        PaymentStatus::Unpaid | PaymentStatus::Authorized => false,
        PaymentStatus::Paid | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => {
            order.status != Status::Pending
        }
    };
    let latest = order.payments.iter().rev().find_map(|it| it.intent.as_ref());
    latest.filter(|_| !is_paid)
}

/// Only the provider could have told more.
fn hangs_on_provider(rejected: &Rejected) -> bool {
    match rejected {
        Rejected::Refused(why) => {
            matches!(why.first(), Refusal::PaymentNotCompleted { state: None, .. })
        }
        Rejected::KeyReused | Rejected::Overloaded | Rejected::Unavailable | Rejected::Failed => {
            false
        }
    }
}

/// 204: there is nothing to show that was not known.
fn paid() -> Render {
    Box::new(|world, result| paid_answer(outcome::order(world, result)))
}

fn paid_answer(order: &Order) -> Answer {
    Answer { status: 204, etag: Some(etag(order.version)), ..Answer::default() }
}
