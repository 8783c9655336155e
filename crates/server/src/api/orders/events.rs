//! `GET /api/orders/{id}/events`: the audit log of an order.

use axum::{extract::State, response::Response};
use serde::Serialize;
use store::EventQuery;
use utoipa::ToSchema;

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    problem::Problem,
    refused,
    reply::document,
    view::{event::EventView, order::Viewer},
};

/// An order has a handful of events; one that has more has a fault.
const EVENTS_MAX: u32 = 10_000;

#[derive(Serialize, ToSchema)]
struct AuditLog<'a> {
    events: Vec<EventView<'a>>,
}

/// List the events of an order
///
/// The audit log: what happened to the order, when, and who did it.
#[utoipa::path(
    get, path = "/api/orders/{id}/events", operation_id = "list_order_events", tag = "orders",
    responses((status = 200, description = "All events of the order", body = AuditLog)),
)]
pub(crate) async fn events(
    State(app): Shared,
    Named(id): Named,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    call.caller.require(Right::ReadAnyOrder)?;
    let reader = call.reader()?;
    let no = app.order_no(&id).await?;
    let query = EventQuery { order: Some(no), limit: EVENTS_MAX, ..EventQuery::default() };
    let found = app.reads().events(query).await.map_err(refused::store)?;
    let visible = found.events.first().is_some_and(|it| reader.may_use(it.store));
    if !visible {
        return Err(refused::order_not_found(&id));
    }
    let events = found.events.iter().map(|it| EventView::new(it, Viewer::Shop)).collect();
    Ok(document(&AuditLog { events }, None, None))
}
