//! `GET /api/admin/log`: changes of the catalogue, of customers and of settings.

use axum::{extract::State, response::Response};
use serde::Serialize;
use store::EventQuery;
use utoipa::ToSchema;

use crate::{
    app::Shared, auth::Right, call::Call, openapi::queries, problem::Problem, refused,
    reply::document, view::admin_event::AdminEventView,
};

#[derive(Serialize, ToSchema)]
struct AdminLog<'a> {
    entries: Vec<AdminEventView<'a>>,
    last_seq: u64,
}

/// Read the admin log
///
/// Every change of the catalogue, of stock by hand, of customers and of clients, in the order of
/// commit. Its
/// numbers are its own, without gaps. Read on with `last_seq` as `after`.
#[utoipa::path(
    get, path = "/api/admin/log", operation_id = "list_admin_log", tag = "events",
    params(queries::ReadAdminLog),
    responses((status = 200, description = "What comes after `after`", body = AdminLog)),
)]
pub(crate) async fn log(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let query = call.query(|query| {
        let after = query.integer("after", 0..=i64::MAX).unwrap_or(0);
        Some(EventQuery {
            after: u64::try_from(after).unwrap_or(0),
            limit: query.limit(),
            types: query.event_types("types"),
            ..EventQuery::default()
        })
    })?;
    call.caller.require_everywhere(Right::Administer)?;
    let found = app.reads().admin_events(query.after, query.limit).await.map_err(refused::store)?;
    let last_seq = found.last().map_or(query.after, |it| it.seq);
    let wanted = found.iter().filter(|it| query.wants_type(it.event.kind()));
    let entries = wanted.map(AdminEventView::new).collect();
    Ok(document(&AdminLog { entries, last_seq }, None, None))
}
