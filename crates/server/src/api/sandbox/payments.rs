//! `/sandbox/payments/{intent}`: an intent as the sandbox sees it, and what its customer does.

use axum::{body::Body, extract::State, response::Response};
use domain::{Decimal, IntentId, Money};
use engine::payment::{
    IntentRecord,
    sandbox::{Customer, SandboxError},
};

use super::{enter, problem};
use crate::{
    api::orders::decimal,
    app::{App, Shared},
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    problem::Problem,
    reply::document,
    view::intent::IntentView,
};

/// Get a payment intent of the sandbox
///
/// Its id is the part of the client secret before `_secret_`.
#[utoipa::path(
    get, path = "/sandbox/payments/{intent}", operation_id = "get_sandbox_payment",
    tag = "sandbox",
    responses((status = 200, description = "As the provider sees it", body = IntentView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(id): Named,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    act(&app, &call, &id, Customer::find)
}

/// Pay a payment intent of the sandbox
///
/// The money is taken, or held where it is to be taken at shipment. With an `amount`, another one
/// than was asked for is paid.
#[utoipa::path(
    post, path = "/sandbox/payments/{intent}/confirm", operation_id = "confirm_sandbox_payment",
    tag = "sandbox",
    request_body = bodies::SandboxPaymentBody,
    responses((status = 200, description = "As the provider sees it", body = IntentView)),
)]
pub(crate) async fn confirm(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let amount = call.instruction(body, read_amount).await?;
    let Some(amount) = amount else { return act(&app, &call, &id, Customer::confirm) };
    act(&app, &call, &id, |customer, id| {
        let currency = customer.find(id)?.news.currency;
        let amount = Money::from_decimal(amount, currency);
        let amount = amount.map_err(|_| {
            SandboxError::Impossible(format!("This is no amount of money in {currency}."))
        })?;
        customer.confirm_amount(id, amount)
    })
}

/// Decline a payment intent of the sandbox
///
/// The customer's card is declined; the customer may try again.
#[utoipa::path(
    post, path = "/sandbox/payments/{intent}/decline", operation_id = "decline_sandbox_payment",
    tag = "sandbox",
    responses((status = 200, description = "As the provider sees it", body = IntentView)),
)]
pub(crate) async fn decline(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    call.instruction(body, read_nothing).await?;
    act(&app, &call, &id, Customer::decline)
}

/// Let a payment intent of the sandbox be processed
///
/// The customer pays in a way that takes days. Confirming, declining or cancelling it ends that.
#[utoipa::path(
    post, path = "/sandbox/payments/{intent}/processing",
    operation_id = "process_sandbox_payment", tag = "sandbox",
    responses((status = 200, description = "As the provider sees it", body = IntentView)),
)]
pub(crate) async fn process(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    call.instruction(body, read_nothing).await?;
    act(&app, &call, &id, Customer::processing)
}

/// Cancel a payment intent of the sandbox
///
/// The customer will not pay.
#[utoipa::path(
    post, path = "/sandbox/payments/{intent}/cancel", operation_id = "cancel_sandbox_payment",
    tag = "sandbox",
    responses((status = 200, description = "As the provider sees it", body = IntentView)),
)]
pub(crate) async fn cancel(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    call.instruction(body, read_nothing).await?;
    act(&app, &call, &id, Customer::cancel)
}

/// Plays the customer of an intent; what that leaves is shown.
fn act<'a>(
    app: &'a App,
    call: &Call,
    id: &str,
    what: impl FnOnce(Customer<'a>, &IntentId) -> Result<IntentRecord, SandboxError>,
) -> Result<Response, Problem> {
    let sandbox = enter(app, call)?;
    let record = what(sandbox.customer(), &IntentId::new(id)).map_err(problem)?;
    Ok(document(&IntentView::new(&record), None, None))
}

fn read_amount(tree: &Json<'_>, faults: &Faults) -> Option<Option<Decimal>> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let amount = body.optional("amount");
    let read = decimal(amount);
    if read.is_some_and(Decimal::is_negative) {
        amount.fault("out_of_range", "must not be negative");
    }
    body.deny_unknown();
    Some(read)
}

fn read_nothing(tree: &Json<'_>, faults: &Faults) -> Option<()> {
    Fields::of_document(tree, Style::Strict, faults)?.deny_unknown();
    Some(())
}
