//! `GET /api/events`: every public event, in the order of commit, by pages or live.

mod live;

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Serialize;
use store::EventQuery;
use utoipa::ToSchema;

use crate::{
    accept,
    app::Shared,
    auth::Right,
    call::{Call, narrowed},
    openapi::queries,
    problem::Problem,
    refused,
    reply::document,
    view::{event::EventView, order::Viewer},
};

#[derive(Serialize, ToSchema)]
#[schema(as = EventFeed)]
struct Feed<'a> {
    events: Vec<EventView<'a>>,
    last_seq: u64,
}

const JSON: &str = "application/json";
const EVENT_STREAM: &str = "text/event-stream";

/// Read the feed of events
///
/// Every public event in the order of commit, with numbers without gaps. A reader that hands
/// `last_seq` back as `after` misses nothing and sees nothing twice, also while others write.
///
/// With `Accept: text/event-stream` the answer does not end: each event is sent as it is committed,
/// with its `seq` as `id`, its type as `event` and itself as `data`, and a comment every 15 seconds
/// in between. It begins after `Last-Event-ID`, else after `after`, else now. A caller may have two
/// such streams at a time. A stream ends when the token expires, when the server ends, and when
/// nothing was read from it for half a minute; begin again with the last `id`.
#[utoipa::path(
    get, path = "/api/events", operation_id = "list_events", tag = "events",
    params(queries::ReadFeed, queries::FollowFeed),
    responses((
        status = 200, description = "What comes after `after`",
        content((Feed = "application/json"), (String = "text/event-stream")),
    )),
)]
pub(crate) async fn feed(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let is_live = accept::choose(&call.headers, &[JSON, EVENT_STREAM]) == Some(EVENT_STREAM);
    let place = if is_live { Some(app.streams.enter(&call.caller)?) } else { None };
    let (mut query, after) = call.query(|query| {
        let after = query.integer("after", 0..=i64::MAX).and_then(|it| u64::try_from(it).ok());
        let wanted = EventQuery {
            after: after.unwrap_or(0),
            limit: query.limit(),
            order: None,
            stores: Vec::new(),
            types: query.event_types("types"),
        };
        Some((wanted, after))
    })?;
    let resumed = if is_live { last_event_id(&call.headers)? } else { None };
    call.caller.require(Right::ReadEvents)?;
    if let Some(stores) = call.stores() {
        query.stores = narrowed(Vec::new(), stores);
    }
    let Some(place) = place else { return page(&app, query).await };
    query.after = match resumed.or(after) {
        Some(position) => position,
        None => app.reads().last_seq().await.map_err(refused::store)?,
    };
    Ok(live::response(app.engine.follow(query), place, app.remaining(&call.caller)))
}

async fn page(app: &crate::App, query: EventQuery) -> Result<Response, Problem> {
    let found = app.reads().events(query).await.map_err(refused::store)?;
    let events = found.events.iter().map(|it| EventView::new(it, Viewer::Shop)).collect();
    Ok(document(&Feed { events, last_seq: found.last_seq }, None, None))
}

/// The number of the last event that a client has seen; an empty one is none.
fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id").filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    let position = value.to_str().ok().and_then(|it| it.parse::<i64>().ok());
    let position = position.and_then(|it| u64::try_from(it).ok());
    position.map(Some).ok_or_else(refused::no_event_id)
}
