//! Answers that come with the end of an effect: the order is there, and the provider is making an
//! intent that its customer can pay by.

use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};
use domain::{
    Actor, Command, Currency, Expected, Money, Order, OrderNo,
    effect::{Action, Effect, EffectId, EffectState, Yield},
    payment::{ClientSecret, start::StartPayment},
};
use engine::{Answer, Idempotency, Render, Said, Submission};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, submission},
    call::{Call, Manner, order_url},
    json::Style,
    outcome,
    problem::Problem,
    refused,
    reply::{self, json},
    view::Amount,
};

const RETRY_AFTER_S: u32 = 1;

/// An order that can be paid now, in the storefront's spelling.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayableOrder {
    order_id: String,
    /// For the customer's browser, which pays by it with the provider; null where nothing is to be
    /// paid.
    client_secret: Option<String>,
    total_amount: Amount,
}

/// 200, the order and what it is paid by.
pub(crate) fn payable(
    order: OrderNo,
    (total, currency): (Money, Currency),
    client_secret: Option<&ClientSecret>,
) -> Answer {
    let body = json(&PayableOrder {
        order_id: order.to_string(),
        client_secret: client_secret.map(|it| it.as_str().to_owned()),
        total_amount: Amount(total, currency),
    });
    Answer { status: 200, location: Some(order_url(order)), etag: None, body, shows: None }
}

pub(crate) fn unpayable(order: &Order) -> Answer {
    payable(order.no, (order.total, order.currency), None)
}

impl App {
    /// Hands in a command whose answer is an order that can be paid, and waits until it can be.
    pub(crate) async fn submit_payable(
        &self,
        call: &Call,
        command: Command,
        manner: Manner,
        style: Style,
    ) -> Result<Response, Problem> {
        let idempotency = match manner {
            Manner::Real(idempotency) => idempotency,
            Manner::Dry => {
                let submission = submission(call, command, None, nothing_to_pay())?;
                return self.rehearse(submission, call, style).await;
            }
        };
        let Ok(_waiting) = self.payments_waiting.try_acquire() else {
            return Err(refused::overloaded());
        };
        let submission = submission(call, command, idempotency, nothing_to_pay())?;
        let reply = self.hand_in(submission, style).await?;
        let answer = match reply.said {
            Said::Answer(answer) => answer,
            Said::Awaits { awaits } => self.outcome(awaits, idempotency).await?,
        };
        Ok(reply::response(answer, reply.replayed))
    }

    /// What a pending order can be paid by, for a page of ours; nothing where it need not be paid
    /// any more.
    pub(crate) async fn client_secret(
        &self,
        order: OrderNo,
        actor: Actor,
        request_id: &str,
    ) -> Result<Option<ClientSecret>, Problem> {
        let Ok(_waiting) = self.payments_waiting.try_acquire() else {
            return Err(refused::overloaded());
        };
        let submission = Submission {
            command: Command::StartPayment(StartPayment { order, expected: Expected::Any }),
            actor,
            request_id: request_id.into(),
            idempotency: None,
            render: nothing_to_pay(),
        };
        let Said::Awaits { awaits } = self.hand_in(submission, Style::Strict).await?.said else {
            return Ok(None);
        };
        let patience = self.settings.payment_patience;
        let ended = self.engine.outcome(&awaits, patience).await.map_err(refused::store)?;
        match ended.map(|it| it.state) {
            Some(EffectState::Done(Yield::Intent { client_secret, .. })) => Ok(Some(client_secret)),
            Some(EffectState::Done(Yield::Nothing)) => Ok(None),
            Some(EffectState::Failed(message)) => Err(failed(&message)),
            Some(EffectState::Open) | None => Err(still_starting(order)),
        }
    }

    async fn outcome(
        &self,
        effect: EffectId,
        idempotency: Option<Idempotency>,
    ) -> Result<Answer, Problem> {
        let patience = self.settings.payment_patience;
        let ended = self.engine.outcome(&effect, patience).await.map_err(refused::store)?;
        match (ended, idempotency) {
            (Some(effect), _) => answer(&effect),
            (None, Some(_)) => Err(key_in_use()),
            (None, None) => {
                let effect = self.reads().effect(effect).await.map_err(refused::store)?;
                Err(effect.map_or_else(Problem::internal, |it| still_starting(it.order)))
            }
        }
    }
}

/// The answer of an order whose total is nothing; any other waits for its provider.
fn nothing_to_pay() -> Render {
    Box::new(|world, result| unpayable(outcome::order(world, result)))
}

fn answer(effect: &Effect) -> Result<Answer, Problem> {
    match (&effect.action, &effect.state) {
        (
            Action::InitializePayment(request),
            EffectState::Done(Yield::Intent { client_secret, .. }),
        ) => Ok(payable(effect.order, (request.amount, request.currency), Some(client_secret))),
        // Staff have confirmed it on account meanwhile.
        (Action::InitializePayment(request), EffectState::Done(Yield::Nothing)) => {
            Ok(payable(effect.order, (request.amount, request.currency), None))
        }
        (Action::InitializePayment(_), EffectState::Failed(message)) => Err(failed(message)),
        (
            Action::InitializePayment(_)
            | Action::CancelPayment { .. }
            | Action::CapturePayment { .. }
            | Action::RefundPayment { .. },
            EffectState::Open | EffectState::Done(_) | EffectState::Failed(_),
        ) => {
            tracing::error!(effect = effect.id.as_str(), "no request waits for such an end");
            Err(Problem::internal())
        }
    }
}

/// The one 500 with a message: the provider's own, for people.
fn failed(message: &str) -> Problem {
    let detail = format!("Failed to initialize payment: {message}");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "payment_initialization_failed", detail)
}

fn key_in_use() -> Problem {
    let detail = "The first request with this Idempotency-Key is still waiting for its outcome";
    Problem::new(StatusCode::CONFLICT, "idempotency_key_in_use", detail)
        .with_header(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S))
}

/// Nobody could ask again for this very order but by its id.
fn still_starting(order: OrderNo) -> Problem {
    let detail = format!(
        "The payment provider has not answered; go on with POST {}/payments",
        order_url(order)
    );
    refused::provider_unavailable(detail)
}
