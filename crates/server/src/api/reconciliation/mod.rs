//! `GET /api/reconciliation`: our books held against the payment provider's.

mod compare;
mod look;

use axum::{extract::State, response::Response};
use domain::Moment;

use self::look::Look;
use crate::{
    app::Shared, auth::Right, call::Call, openapi::queries, problem::Problem, query::Query,
    reply::document, view::reconciliation::ReconciliationView,
};

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;

/// Reconcile orders with the payment provider
///
/// Payments made and orders placed within a time, each against the other's books; and what is open
/// now, whenever it began. In health all lists are empty, but for what is on its way.
#[utoipa::path(
    get, path = "/api/reconciliation", operation_id = "get_reconciliation", tag = "payments",
    params(queries::Reconciliation),
    responses((status = 200, description = "What differs", body = ReconciliationView)),
)]
pub(crate) async fn get(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let now = app.engine.clock().now();
    let (from, to) = call.query(|query| read(query, now))?;
    call.caller.require(Right::Administer)?;
    let look = Look::new(&app, call.stores(), from, to, now);
    Ok(document(&look.around().await?, None, None))
}

/// The last seven days, unless something else is asked for.
fn read(query: &mut Query<'_>, now: Moment) -> Option<(Moment, Moment)> {
    let from = query.time("from").map(Moment);
    let to = query.time("to").map(Moment);
    let to = to.unwrap_or(now);
    let from = from.unwrap_or(to.plus_ms(-WEEK_MS));
    if from > to {
        query.fault("from", "out_of_range", "must not be after to");
    }
    Some((from, to))
}
