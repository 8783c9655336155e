//! `POST /api/orders/{id}/hold` and `/release`: nothing of an order ships while it is on hold.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, Expected, OrderNo,
    order::{hold::HoldOrder, release::ReleaseOrder},
};

use super::changed_order;
use crate::{
    app::{App, Shared},
    auth::Right,
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    problem::Problem,
    view::order::{OrderView, Viewer},
};

/// Put an order on hold
///
/// Nothing of it ships until it is released. The reason is the shop's own: customers do not see it.
#[utoipa::path(
    post, path = "/api/orders/{id}/hold", operation_id = "hold_order", tag = "orders",
    request_body = bodies::ReasonBody,
    responses((status = 200, description = "The order as it is now", body = OrderView)),
)]
pub(crate) async fn hold(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    change(&app, &call, &id, body, |order, reason, expected| {
        Command::HoldOrder(HoldOrder { order, reason, expected })
    })
    .await
}

/// Release an order from hold
///
/// It may ship again.
#[utoipa::path(
    post, path = "/api/orders/{id}/release", operation_id = "release_order", tag = "orders",
    request_body = bodies::ReasonBody,
    responses((status = 200, description = "The order as it is now", body = OrderView)),
)]
pub(crate) async fn release(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    change(&app, &call, &id, body, |order, reason, expected| {
        Command::ReleaseOrder(ReleaseOrder { order, reason, expected })
    })
    .await
}

async fn change(
    app: &App,
    call: &Call,
    id: &str,
    body: Body,
    what: impl FnOnce(OrderNo, Option<String>, Expected) -> Command,
) -> Result<Response, Problem> {
    let (reason, manner) = call.change_with_optional_body(body, read).await?;
    let expected = call.expected()?;
    call.caller.require(Right::HoldAndReview)?;
    let command = what(app.order_no(id).await?, reason, expected);
    app.submit(call, command, manner, Style::Strict, changed_order(Viewer::Shop)).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Option<String>> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let reason = body.optional("reason").string(1..=500);
    body.deny_unknown();
    Some(reason.map(Into::into))
}
