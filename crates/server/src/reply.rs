//! Turns the engine's replies into responses, and things into answers.

use axum::{
    body::Body,
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
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
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
    let known = version.and_then(|it| i64::try_from(it).ok());
    let unchanged =
        if_none_match.zip(known).is_some_and(|(condition, version)| condition.is_current(version));
    let body = if unchanged { Body::empty() } else { Body::from(json(document)) };
    let mut response = Response::new(body);
    response.headers_mut().reserve(USUAL_HEADERS);
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        response.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    if let Some(value) = version.and_then(|it| HeaderValue::try_from(etag(it)).ok()) {
        response.headers_mut().insert(ETAG, value);
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
