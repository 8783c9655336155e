//! `POST /api/orders/{id}/review`: a person has looked, and decides.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, Expected, OrderNo,
    order::review::{ReviewDecision, ReviewOrder},
};

use super::changed_order;
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::bodies::review::ReviewBody,
    problem::Problem,
    view::order::{OrderView, Viewer},
};

const DECISIONS: [(&str, ReviewDecision); 2] =
    [("pass", ReviewDecision::Pass), ("fail", ReviewDecision::Fail)];

/// Decide the review of an order
///
/// `pass`: it may ship. `fail`: it is cancelled, its stock is free again, and what was paid goes
/// back, also what is paid later. The note is the shop's own: it stands in the order's events, and
/// customers do not see it.
#[utoipa::path(
    post, path = "/api/orders/{id}/review", operation_id = "review_order", tag = "fraud review",
    request_body = ReviewBody,
    responses((status = 200, description = "The order as it is now", body = OrderView)),
)]
pub(crate) async fn review(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (mut review, manner) = call.change(body, read).await?;
    review.expected = call.expected()?;
    call.caller.require(Right::HoldAndReview)?;
    review.order = app.order_no(&id).await?;
    let command = Command::ReviewOrder(review);
    app.submit(&call, command, manner, Style::Strict, changed_order(Viewer::Shop)).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<ReviewOrder> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let decision = body.required("decision").one_of(&DECISIONS);
    let note = body.optional("note").string(1..=500);
    body.deny_unknown();
    Some(ReviewOrder {
        // Looked up in its turn.
        order: OrderNo(0),
        decision: decision?,
        note: note.map(Into::into),
        expected: Expected::Any,
    })
}
