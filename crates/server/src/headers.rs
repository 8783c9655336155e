//! What every answer says to browsers: how to treat it, and which pages may read it.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LINK,
        LOCATION, REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    },
};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::{
    idempotency::{IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED},
    rate_limit::{RATE_LIMIT, RATE_LIMIT_POLICY},
    request_id::{TRACEPARENT, X_REQUEST_ID},
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const X_AS_OF_SEQ: HeaderName = HeaderName::from_static("x-as-of-seq");

/// For how long a browser need not ask again.
const PREFLIGHT_SECONDS: u64 = 3600;

/// What is answered to a token is personal, and so is all that says nothing else. What anybody may
/// read, and has a version, may be kept and has to be asked about.
pub(crate) fn guard(answer: &mut HeaderMap, has_token: bool) {
    answer.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    if !answer.contains_key(CACHE_CONTROL) {
        let kept = if !has_token && answer.contains_key(ETAG) { "no-cache" } else { "no-store" };
        answer.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    }
}

/// A call that any page may make: it needs nothing that a browser keeps.
pub(crate) fn cors_for_any() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST])
        .allow_headers([ACCEPT, CONTENT_TYPE])
        .expose_headers([RETRY_AFTER, X_REQUEST_ID])
        .max_age(std::time::Duration::from_secs(PREFLIGHT_SECONDS))
}

/// Calls from pages of these origins. A token is a header that the page sends itself: cookies and
/// what else a browser adds of its own are never asked for.
pub(crate) fn cors(origins: &[HeaderValue]) -> CorsLayer {
    use Method as M;
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([M::GET, M::HEAD, M::POST, M::PUT, M::PATCH, M::DELETE])
        .allow_headers([
            ACCEPT,
            AUTHORIZATION,
            CONTENT_TYPE,
            IDEMPOTENCY_KEY,
            IF_MATCH,
            IF_NONE_MATCH,
            LAST_EVENT_ID,
            PREFER,
            TRACEPARENT,
            X_REQUEST_ID,
        ])
        .expose_headers([
            ETAG,
            IDEMPOTENT_REPLAYED,
            LINK,
            LOCATION,
            RATE_LIMIT,
            RATE_LIMIT_POLICY,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            X_AS_OF_SEQ,
            X_REQUEST_ID,
        ])
        .max_age(std::time::Duration::from_secs(PREFLIGHT_SECONDS))
}
