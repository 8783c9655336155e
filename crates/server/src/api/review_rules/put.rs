//! `PUT /api/review-rules`: new orders of the store are judged so from now on.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, review::put::PutReviewRules};
use engine::Render;

use super::{named_store, reading, shop, store_of};
use crate::{
    app::Shared,
    call::Call,
    json::{Fields, Style},
    openapi::{bodies::review::PutReviewRulesBody, queries},
    outcome,
    problem::Problem,
    reply,
    view::review_rules::ReviewRulesView,
};

/// Put the rules of fraud review
///
/// New orders of the store are judged by them from now on. Each rule that hits gives its points; an
/// order with at least `threshold` of them starts `under_review`: it keeps its stock and may be
/// paid, and nothing of it ships until `POST /api/orders/{id}/review` has decided. What is counted
/// within a time is counted from when the rules are put.
#[utoipa::path(
    put, path = "/api/review-rules", operation_id = "put_review_rules", tag = "fraud review",
    params(queries::OfStore), request_body = PutReviewRulesBody,
    responses((status = 200, description = "The rules as they are now", body = ReviewRulesView)),
)]
pub(crate) async fn put(State(app): Shared, call: Call, body: Body) -> Result<Response, Problem> {
    let named = named_store(&call);
    let read = call.change_with_query(
        body,
        |tree, faults| {
            let fields = Fields::of_document(tree, Style::Strict, faults)?;
            let draft = reading::draft(&fields, named);
            fields.deny_unknown();
            draft
        },
        store_of,
    );
    let (draft, store, manner) = read.await?;
    let expected = call.expected()?;
    shop(&app, &call, store).await?;
    let command = Command::PutReviewRules(Box::new(PutReviewRules { store, draft, expected }));
    app.submit(&call, command, manner, Style::Strict, put_answer()).await
}

fn put_answer() -> Render {
    Box::new(|world, result| {
        let (store, rules) = outcome::review_rules(world, result);
        reply::put(&ReviewRulesView::new(store, rules), rules.version, None)
    })
}
