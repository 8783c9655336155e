//! Gives every request an id and a span to log in, counts it, and gives its refusals their final
//! form.
//!
//! Outermost of our own layers, so that every answer has the id, also a 404 or a 405. All of it is
//! one layer, because a layer costs a request as much as what these do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use engine::traces::{FAILED, STATUS, TARGET};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::headers;
use crate::meters::{Begun, Meters};
use crate::problem::{Form, finish};
use crate::rate_limit::Limiter;

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const LENGTH_MAX: usize = 128;

/// Where ids come from that no client has given: the engine's source of randomness.
#[derive(Clone)]
pub struct IdSource(Arc<dyn Fn() -> String + Send + Sync>);

impl IdSource {
    pub fn new(make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        IdSource(Arc::new(make))
    }
}

/// In the request's extensions. Shares the header's bytes: cloning it copies nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("a request id is visible ASCII")
    }

    /// 1 to 128 visible ASCII characters without quotes.
    fn from_client(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(X_REQUEST_ID)?;
        let bytes = value.as_bytes();
        let is_allowed = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'');
        let well_formed = (1..=LENGTH_MAX).contains(&bytes.len()) && bytes.iter().all(is_allowed);
        well_formed.then(|| RequestId(value.clone()))
    }

    fn make(ids: &IdSource) -> Self {
        let value = HeaderValue::try_from((ids.0)());
        RequestId(value.expect("the server's own ids are visible ASCII"))
    }
}

/// What is at hand before anything else is.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) ids: IdSource,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) adopt: Option<Adopt>,
}

/// Makes a span part of the trace that a request names, for a collector of traces.
pub type Adopt = fn(&Span, &HeaderMap);

/// The middleware, for `axum::middleware::from_fn_with_state`.
pub(crate) async fn attend(
    State(Front { ids, limiter, meters, adopt }): State<Front>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = meters.begin(&request);
    let id = RequestId::from_client(request.headers()).unwrap_or_else(|| RequestId::make(&ids));
    let form = Form::accepted_by(request.headers());
    let trace = trace_id(request.headers()).map(str::to_owned);
    // A span costs as much as finding an order does, so it is there for those who look closely.
    let span = tracing::debug_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        request_id = id.as_str(),
        trace_id = trace,
    );
    let traced = span_of(&begun, &id);
    if let Some(adopt) = adopt {
        adopt(&traced, request.headers());
    }
    let is_http_1 = request.version() < Version::HTTP_2;
    let has_long_body = is_http_1 && announces_much(request.headers());
    request.extensions_mut().insert(id.clone());
    let seat = limiter.seat(&mut request);
    let has_token = request.headers().contains_key(AUTHORIZATION);
    // The one that is exported is the inner one: what is asked for further in names it.
    let answering = next.run(request).instrument(traced.clone());
    let mut response = answering.instrument(span).await;
    tell_failure(response.status(), id.as_str(), trace.as_deref());
    finish(&mut response, form, id.as_str());
    let is_unread = has_long_body && is_answered_unread(response.status());
    if is_unread || is_http_1 && response.status() == StatusCode::REQUEST_TIMEOUT {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response.headers_mut().insert(X_REQUEST_ID, id.0);
    headers::guard(response.headers_mut(), has_token);
    if let Some(seat) = seat {
        limiter.tell(&seat, response.headers_mut());
    }
    meters.end(&begun, &response);
    tell(&traced, response.status());
    response
}

/// Whoever is told to come again is counted; a line for each would make an overload worse.
fn tell_failure(status: StatusCode, request_id: &str, trace_id: Option<&str>) {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::debug!(request_id, trace_id, "a request was turned away");
    } else if status.is_server_error() {
        let status = status.as_u16();
        tracing::warn!(request_id, trace_id, status, "a request has failed");
    }
}

/// What is exported of a request. It has the route and never the path, where somebody's id may be.
fn span_of(begun: &Begun, id: &RequestId) -> Span {
    tracing::info_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.name = %begun.name(),
        otel.kind = "server",
        http.request.method = begun.method(),
        http.route = begun.route(),
        http.response.status_code = Empty,
        otel.status_code = Empty,
        orderd.request_id = id.as_str(),
    )
}

fn tell(traced: &Span, status: StatusCode) {
    if traced.is_disabled() {
        return;
    }
    traced.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        traced.record(STATUS, FAILED);
    }
}

/// What is left of a short body is read away with the next request on the connection; with much
/// left the connection ends, and a client must know that not to send its next request there.
fn announces_much(headers: &HeaderMap) -> bool {
    const SHORT_BODY_MAX: u64 = 4096;
    let length = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|it: u64| it > SHORT_BODY_MAX)
}

/// Refused before its body is read, or while it is.
fn is_answered_unread(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::SERVICE_UNAVAILABLE
    )
}

/// The trace id of a valid W3C `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`, ids not all zero.
/// Later versions may add fields behind a hyphen; version `ff` is forbidden.
pub fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(TRACEPARENT)?.to_str().ok()?;
    let mut fields = text.split('-');
    let version = hex_field(fields.next()?, 2)?;
    let trace_id = hex_field(fields.next()?, 32)?;
    let parent_id = hex_field(fields.next()?, 16)?;
    hex_field(fields.next()?, 2)?;
    let is_complete = version != "00" || fields.next().is_none();
    let is_zero = |field: &str| field.bytes().all(|byte| byte == b'0');
    let valid = is_complete && version != "ff" && !is_zero(trace_id) && !is_zero(parent_id);
    valid.then_some(trace_id)
}

fn hex_field(text: &str, length: usize) -> Option<&str> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == length && text.bytes().all(is_hex)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use crate::problem::Problem;

    async fn answer(id: Option<&str>) -> Response {
        let ids = IdSource::new(|| "made-1".to_owned());
        let limiter = Arc::new(Limiter::new(None, Vec::new()));
        let meters = Arc::new(Meters::new(&prometheus::Registry::new()));
        let front = Front { ids, limiter, meters, adopt: None };
        let refuse =
            || async { Problem::new(StatusCode::NOT_FOUND, "cart_not_found", "It is gone") };
        let router = Router::new()
            .route("/", get(refuse))
            .layer(axum::middleware::from_fn_with_state(front, attend));
        let mut request = Request::builder().uri("/");
        if let Some(id) = id {
            request = request.header(X_REQUEST_ID, id);
        }
        let request = request.body(Body::empty()).expect("the request is complete");
        router.oneshot(request).await.expect("a router never fails")
    }

    #[tokio::test]
    async fn a_request_has_an_id() {
        let longest = "x".repeat(LENGTH_MAX);
        let check = async |given: Option<&str>, expected: &str| {
            let response = answer(given).await;
            assert_eq!(response.headers()[X_REQUEST_ID], expected, "{given:?}");
        };
        check(None, "made-1").await;
        check(Some("abc-123/7:z"), "abc-123/7:z").await;
        check(Some(&longest), &longest).await;
        check(Some(&format!("{longest}x")), "made-1").await;
        for malformed in ["", "a b", "a\"b", "a'b", "a\tb"] {
            check(Some(malformed), "made-1").await;
        }
    }

    #[tokio::test]
    async fn a_refusal_names_the_request() {
        let response = answer(Some("my-id")).await;
        assert_eq!(response.status(), 404);
        let body = axum::body::to_bytes(response.into_body(), 1000).await.expect("a whole body");
        let document: serde_json::Value = serde_json::from_slice(&body).expect("a document");
        assert_eq!(document["instance"], "my-id");
        assert_eq!(document["code"], "cart_not_found");
    }

    #[test]
    fn trace_ids_are_taken_from_valid_parents() {
        const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
        let check = |text: &str, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(TRACEPARENT, text.parse().expect("a header value"));
            assert_eq!(trace_id(&headers), expected, "{text}");
        };
        let zero = "0".repeat(32);
        check(&format!("00-{TRACE}-00f067aa0ba902b7-01"), Some(TRACE));
        check(&format!("cc-{TRACE}-00f067aa0ba902b7-01-more"), Some(TRACE));
        check(&format!("00-{TRACE}-00f067aa0ba902b7-01-more"), None);
        check(&format!("ff-{TRACE}-00f067aa0ba902b7-01"), None);
        check(&format!("00-{zero}-00f067aa0ba902b7-01"), None);
        check(&format!("00-{TRACE}-0000000000000000-01"), None);
        check(&format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()), None);
        check(&format!("00-{TRACE}-00f067aa0ba902b7"), None);
        check("", None);
        assert_eq!(trace_id(&HeaderMap::new()), None);
    }
}
