//! `GET /api/events`: every public event, in the order of commit.

use axum::{extract::State, response::Response};
use serde::Serialize;
use store::EventQuery;

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, narrowed},
    problem::Problem,
    refused,
    reply::document,
    view::event::EventView,
};

#[derive(Serialize)]
struct Feed<'a> {
    events: Vec<EventView<'a>>,
    last_seq: u64,
}

pub(crate) async fn feed(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let mut query = call.query(|query| {
        let after = query.integer("after", 0..=i64::MAX).unwrap_or(0);
        Some(EventQuery {
            after: u64::try_from(after).unwrap_or(0),
            limit: query.limit(),
            order: None,
            stores: Vec::new(),
            types: query.event_types("types"),
        })
    })?;
    call.caller.require(Right::ReadEvents)?;
    if let Some(stores) = call.stores() {
        query.stores = narrowed(Vec::new(), stores);
    }
    let found = app.reads().events(query).await.map_err(refused::store)?;
    let events = found.events.iter().map(EventView::new).collect();
    Ok(document(&Feed { events, last_seq: found.last_seq }, None, None))
}
