//! Reads request bodies, with the refusals in the order of the contract: too large (413), not
//! JSON by its type (415), not JSON by its text (400).

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};

use crate::json::card_walk::refuse_card_data;
use crate::json::{Faults, Json, parse};
use crate::listener::TooSlow;
use crate::problem::Problem;

pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// A body of JSON text, not yet looked into.
pub async fn read_json(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let bytes = read(headers, body).await?;
    if bytes.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        let detail = "This call needs a body of JSON";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "body_required", detail));
    }
    require_json(headers)?;
    Ok(bytes)
}

/// The same for clients that may leave out of what type it is.
pub(crate) async fn read_lenient_json(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let bytes = read(headers, body).await?;
    if headers.contains_key(CONTENT_TYPE) {
        require_json(headers)?;
    }
    Ok(bytes)
}

/// The same where a body may be left out.
pub async fn read_optional_json(headers: &HeaderMap, body: Body) -> Result<Option<Bytes>, Problem> {
    let bytes = read(headers, body).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    require_json(headers)?;
    Ok(Some(bytes))
}

/// The document, if it can be read. Card data in it is reported to the faults, to stand beside
/// those of the fields.
pub fn parse_json<'b>(bytes: &'b [u8], faults: &Faults) -> Result<Json<'b>, Problem> {
    let tree = parse(bytes).map_err(Problem::invalid)?;
    refuse_card_data(&tree, faults);
    Ok(tree)
}

/// The pairs of a form (`application/x-www-form-urlencoded`), or nothing if it is none.
pub(crate) async fn read_form(
    headers: &HeaderMap,
    body: Body,
) -> Result<Option<Vec<(String, String)>>, Problem> {
    let bytes = read(headers, body).await?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|it| it.split(';').next()).map(str::trim);
    let is_form =
        media_type.is_some_and(|it| it.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let text = std::str::from_utf8(&bytes).ok().filter(|_| is_form);
    Ok(text.and_then(form_pairs))
}

/// The pairs of a form, or of a query, if all of them are text.
pub(crate) fn form_pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&').filter(|it| !it.is_empty()).map(form_pair).collect()
}

fn form_pair(pair: &str) -> Option<(String, String)> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    Some((form_decoded(name)?, form_decoded(value)?))
}

/// What a form's encoding stands for, if that is text.
pub(crate) fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// Nothing is read of a body that announces itself as too large.
async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Problem> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > BODY_BYTES_MAX as u64) {
        return Err(too_large());
    }
    // Most bodies come in one piece, which is then handed on as it is.
    let mut first = Bytes::new();
    let mut rest = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    Ok([first.as_ref(), rest.as_slice()].concat().into())
}

fn too_large() -> Problem {
    let detail = "The body is larger than 256 KiB";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

/// It ended too early, or did not go on.
pub(crate) fn broken(error: &axum::Error) -> Problem {
    if error.source().is_some_and(<dyn Error>::is::<TooSlow>) {
        let detail = "The body came too slowly";
        return Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail);
    }
    let detail = "The body ended before it was complete";
    Problem::new(StatusCode::BAD_REQUEST, "body_incomplete", detail)
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(is_json) {
        return Ok(());
    }
    let detail = "The Content-Type must be application/json, in UTF-8";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
}

/// `application/json` or a type with the suffix `+json`; any parameters but another charset.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let Some((kind, subtype)) = media_type.split_once('/') else { return false };
    let is_json = subtype.eq_ignore_ascii_case("json") && kind.eq_ignore_ascii_case("application");
    let has_suffix = subtype.rsplit_once('+').is_some_and(|(name, suffix)| {
        suffix.eq_ignore_ascii_case("json") && !name.is_empty() && !kind.is_empty()
    });
    (is_json || has_suffix) && parts.all(|parameter| !is_other_charset(parameter))
}

fn is_other_charset(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn status(headers: &[(&'static str, &str)], body: Vec<u8>) -> Result<usize, u16> {
        let headers = headers.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), value.parse().expect("a header value"))
        });
        let read = read_json(&headers.collect(), Body::from(body)).await;
        read.map(|bytes| bytes.len()).map_err(|problem| problem.status().as_u16())
    }

    #[tokio::test]
    async fn bodies_are_refused_in_order() {
        const JSON: (&str, &str) = ("content-type", "application/json");
        const TEXT: (&str, &str) = ("content-type", "text/plain");
        let full = vec![b' '; BODY_BYTES_MAX];
        let over = vec![b' '; BODY_BYTES_MAX + 1];
        assert_eq!(status(&[JSON], b"{}".into()).await, Ok(2));
        assert_eq!(status(&[JSON], full.clone()).await, Ok(BODY_BYTES_MAX));
        assert_eq!(status(&[JSON], over.clone()).await, Err(413));
        assert_eq!(status(&[TEXT], over).await, Err(413));
        assert_eq!(status(&[JSON, ("content-length", "262145")], vec![]).await, Err(413));
        assert_eq!(status(&[JSON, ("content-length", "262144")], full).await, Ok(BODY_BYTES_MAX));
        assert_eq!(status(&[TEXT], b"{}".into()).await, Err(415));
        assert_eq!(status(&[], b"{}".into()).await, Err(415));
        assert_eq!(status(&[TEXT], vec![]).await, Err(415));
        assert_eq!(status(&[], vec![]).await, Err(400));
        assert_eq!(status(&[JSON], vec![]).await, Ok(0));
    }

    #[tokio::test]
    async fn a_body_may_come_in_pieces() {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(4);
        for piece in ["{\"a\"", ":", "1}"] {
            sender.send(Bytes::from_static(piece.as_bytes())).await.expect("there is room");
        }
        drop(sender);
        let body = Body::new(Pieces(receiver));
        let bytes = read(&HeaderMap::new(), body).await.ok();
        assert_eq!(bytes.as_deref(), Some(&b"{\"a\":1}"[..]));
        let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(4);
        for _ in 0..3 {
            sender.send(vec![b' '; 100_000].into()).await.expect("there is room");
        }
        let refused = read(&HeaderMap::new(), Body::new(Pieces(receiver))).await.err();
        assert_eq!(refused.map(|problem| problem.status().as_u16()), Some(413));
    }

    struct Pieces(tokio::sync::mpsc::Receiver<Bytes>);

    impl HttpBody for Pieces {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            self.0
                .poll_recv(context)
                .map(|piece| piece.map(|bytes| Ok(http_body::Frame::data(bytes))))
        }
    }

    #[test]
    fn json_is_known_by_its_type() {
        let check = |content_type: &str, expected: bool| {
            assert_eq!(is_json(content_type), expected, "{content_type}");
        };
        check("application/json", true);
        check("Application/JSON; charset=UTF-8", true);
        check("application/json;charset=\"utf-8\"; profile=x", true);
        check("application/merge-patch+json", true);
        check("application/json; charset=latin1", false);
        check("application/jsonp", false);
        check("text/json", false);
        check("application/+json", false);
        check("application/x-www-form-urlencoded", false);
        check("json", false);
        check("", false);
    }

    #[test]
    fn a_document_is_parsed_and_looked_through() {
        let faults = Faults::default();
        assert!(parse_json(br#"{"cvc": "123"}"#, &faults).is_ok());
        assert_eq!(faults.into_list().len(), 1);
        let refused = parse_json(b"{", &Faults::default()).err();
        assert_eq!(refused.map(|problem| problem.code()), Some("invalid_json"));
    }
}
