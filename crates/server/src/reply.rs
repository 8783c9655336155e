//! Turns the engine's replies into responses, and things into answers.

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, LOCATION},
    },
    response::Response,
};
use engine::{Answer, Render};
use serde::Serialize;

use crate::{idempotency::IDEMPOTENT_REPLAYED, preconditions::IfNoneMatch};

/// With those that every answer gets on its way out.
const USUAL_HEADERS: usize = 12;

pub(crate) fn response(answer: Answer, replayed: bool) -> Response {
    let Answer { status, location, etag, body, shows: _ } = answer;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = match StatusCode::from_u16(status) {
        // Its body showed a person who has been erased since.
        Ok(StatusCode::OK | StatusCode::CREATED) if body.is_empty() => StatusCode::NO_CONTENT,
        usual => usual.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let headers = response.headers_mut();
    headers.reserve(USUAL_HEADERS);
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, JSON);
    }
    for (name, value) in [(LOCATION, location), (ETAG, etag)] {
        if let Some(value) = value.and_then(|it| HeaderValue::try_from(it).ok()) {
            headers.insert(name, value);
        }
    }
    if replayed {
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    *response.body_mut() = Body::from(body);
    response
}

/// A document as it is now, or 304 if the client has it already.
pub(crate) fn document(
    document: &impl Serialize,
    version: Option<u64>,
    if_none_match: Option<&IfNoneMatch>,
) -> Response {
    let Some(version) = version else { return found(json(document).into(), None) };
    match is_known(version, if_none_match) {
        true => not_modified(version),
        false => found(json(document).into(), Some(version)),
    }
}

/// The same for a document that was written before.
pub(crate) fn written(
    document: Bytes,
    version: u64,
    if_none_match: Option<&IfNoneMatch>,
) -> Response {
    match is_known(version, if_none_match) {
        true => not_modified(version),
        false => found(document, Some(version)),
    }
}

fn is_known(version: u64, if_none_match: Option<&IfNoneMatch>) -> bool {
    let known = if_none_match.zip(i64::try_from(version).ok());
    known.is_some_and(|(condition, version)| condition.is_current(version))
}

fn not_modified(version: u64) -> Response {
    let mut response = of_version(Body::empty(), Some(version));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

fn found(document: Bytes, version: Option<u64>) -> Response {
    let mut response = of_version(document.into(), version);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

fn of_version(body: Body, version: Option<u64>) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.reserve(USUAL_HEADERS);
    if let Some(value) = version.and_then(|it| HeaderValue::try_from(etag(it)).ok()) {
        headers.insert(ETAG, value);
    }
    response
}

/// The thing as a PUT has left it: 201 with its place if that has made it.
pub(crate) fn put(document: &impl Serialize, version: u64, made_at: Option<String>) -> Answer {
    Answer {
        status: if made_at.is_some() { 201 } else { 200 },
        location: made_at,
        etag: Some(etag(version)),
        body: json(document),
        shows: None,
    }
}

/// 204: it is done, and there is nothing to show.
pub(crate) fn no_content() -> Render {
    Box::new(|_, _| Answer { status: 204, ..Answer::default() })
}

pub(crate) fn json(document: &impl Serialize) -> String {
    let mut text = Vec::with_capacity(USUAL_LENGTH);
    serde_json::to_writer(&mut text, document).expect("a view has only texts, numbers and lists");
    String::from_utf8(text).expect("JSON is written in UTF-8")
}

/// Most documents are shorter, so that they are written where they stay.
const USUAL_LENGTH: usize = 2048;

pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
