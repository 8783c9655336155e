//! `GET /api/review-rules`.

use axum::{extract::State, response::Response};

use super::{shop, store_of};
use crate::{
    app::Shared, call::Call, openapi::queries, problem::Problem, reply::document,
    view::review_rules::ReviewRulesView,
};

/// Get the rules of fraud review
///
/// Those of one store. Where nobody has put any they are switched off, with version 0.
#[utoipa::path(
    get, path = "/api/review-rules", operation_id = "get_review_rules", tag = "fraud review",
    params(queries::OfStore),
    responses((status = 200, description = "The rules", body = ReviewRulesView)),
)]
pub(crate) async fn get(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let store = call.query(store_of)?;
    let if_none_match = call.if_none_match()?;
    let shop = shop(&app, &call, store).await?;
    let rules = shop.review.clone().unwrap_or_default();
    let view = ReviewRulesView::new(shop.id, &rules);
    Ok(document(&view, Some(rules.version), if_none_match.as_ref()))
}
