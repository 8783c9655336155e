//! `GET /api/orders/{id}`.

use axum::{extract::State, response::Response};
use domain::Moment;
use engine::readers::history::{Until, order_at};

use super::kept::{Document, view};
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    openapi::queries,
    problem::Problem,
    refused,
    reply::written,
    view::order::{OrderView, Viewer},
};

const AT: &str = "must be a number of the feed or an RFC 3339 time such as 2025-06-27T12:00:00Z";

/// Get an order
///
/// Names and prices are those of the moment of placing. With `at`, the order as it was then, folded
/// from its events, with addresses and contact as they are now.
#[utoipa::path(
    get, path = "/api/orders/{id}", operation_id = "get_order", tag = "orders",
    params(queries::GetOrder),
    responses((status = 200, description = "The order", body = OrderView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(id): Named,
    call: Call,
) -> Result<Response, Problem> {
    let at = call.query(|query| Some(query.value("at", AT, until)))?;
    let if_none_match = call.if_none_match()?;
    if at.is_some() {
        call.caller.require(Right::ReadAnyOrder)?;
    }
    let reader = call.reader()?;
    let viewer = Viewer::of(reader.is_customer());
    let no = app.order_no(&id).await?;
    let found = match at {
        Some(until) => order_at(app.reads(), no, until)
            .await
            .map(|order| order.map(|it| Document::new(&it, view(&it, viewer)))),
        None => app.kept.order(app.reads(), no, viewer).await,
    };
    let found = found.map_err(refused::store)?;
    let found = found.filter(|it| reader.may_see(it.customer.as_ref(), it.store));
    let found = found.ok_or_else(|| refused::order_not_found(&id))?;
    Ok(written(found.body, found.version, if_none_match.as_ref()))
}

/// A number of the log, or a time.
fn until(text: &str) -> Option<Until> {
    if !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) {
        let seq = text.parse::<i64>().ok()?;
        return u64::try_from(seq).ok().map(Until::Seq);
    }
    Moment::parse(text).map(Until::Moment)
}
