//! The feed as a stream of server-sent events (WHATWG HTML, 9.2).

use std::{fmt::Write, pin::Pin, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::Response,
};
use domain::Recorded;
use engine::readers::feed::Follower;
use futures_util::stream::unfold;
use store::StoreError;
use tokio::time::{Sleep, sleep, timeout};

use super::EVENT_STREAM;
use crate::{
    reply::json,
    streams::Place,
    view::{event::EventView, order::Viewer},
};

/// A stream in which nothing happens says so, so that nobody on the way takes it for dead.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// Proxies that collect an answer before they hand it on would hold up events.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

struct Live {
    follower: Follower,
    place: Place,
    /// Runs out with the token.
    valid: Pin<Box<Sleep>>,
}

/// Every event that the follower gets, until the token or the server ends, or the client goes.
pub(super) fn response(follower: Follower, place: Place, valid_for: Duration) -> Response {
    let live = Live { follower, place, valid: Box::pin(sleep(valid_for)) };
    let mut response = Response::new(Body::from_stream(unfold(live, Live::next)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED.0, UNBUFFERED.1);
    response
}

impl Live {
    /// It is asked for more only when there is room: a client that reads slowly holds up nobody,
    /// and costs no more memory than others.
    async fn next(mut self) -> Option<(Result<Bytes, StoreError>, Live)> {
        let found = tokio::select! {
            biased;
            () = self.place.ending() => return None,
            () = &mut self.valid => return None,
            found = timeout(HEARTBEAT_EVERY, self.follower.next()) => found,
        };
        let chunk = match found {
            Ok(Ok(events)) => Ok(told(&events)),
            Ok(Err(error)) => {
                tracing::error!(%error, "a stream of events breaks off");
                Err(error)
            }
            Err(_) => Ok(HEARTBEAT),
        };
        Some((chunk, self))
    }
}

fn told(events: &[Recorded]) -> Bytes {
    let mut text = String::new();
    for event in events {
        let (seq, kind, data) =
            (event.seq, event.event.kind(), json(&EventView::new(event, Viewer::Shop)));
        _ = write!(text, "id: {seq}\nevent: {kind}\ndata: {data}\n\n");
    }
    text.into()
}
