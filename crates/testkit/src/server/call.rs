//! One call of a [`TestServer`], and what came back.

use std::{collections::BTreeMap, fmt, future::Future};

use reqwest::{
    Body, Method, RequestBuilder,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap},
};
use serde_json::value::RawValue;

use super::{Stream, TestServer};

/// The id of every request whose test does not give it another.
const REQUEST_ID: &str = "test";

#[must_use = "a call is made by `send`"]
pub struct Call<'s> {
    server: &'s TestServer,
    request: RequestBuilder,
    has_request_id: bool,
}

impl<'s> Call<'s> {
    pub(super) fn new(server: &'s TestServer, method: &str, path: &str) -> Call<'s> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method's name");
        let request = server.client.request(method, format!("{}{path}", server.url));
        Call { server, request, has_request_id: false }
    }

    /// With this token.
    pub fn by(self, token: &str) -> Call<'s> {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    pub fn header(mut self, name: &str, value: &str) -> Call<'s> {
        self.has_request_id |= name.eq_ignore_ascii_case("x-request-id");
        self.request = self.request.header(name, value);
        self
    }

    pub fn key(self, key: &str) -> Call<'s> {
        self.header("Idempotency-Key", key)
    }

    pub fn if_match(self, tags: &str) -> Call<'s> {
        self.header("If-Match", tags)
    }

    pub fn json(self, body: impl Into<String>) -> Call<'s> {
        self.bytes("application/json", body.into().into_bytes())
    }

    pub fn bytes(mut self, content_type: &str, body: Vec<u8>) -> Call<'s> {
        self.request = self.request.header(CONTENT_TYPE, content_type).body(body);
        self
    }

    /// A body of JSON that does not say how long it is.
    pub fn chunked(mut self, body: String) -> Call<'s> {
        let body = Body::wrap(Unannounced(Some(body.into_bytes().into())));
        self.request = self.request.header(CONTENT_TYPE, "application/json").body(body);
        self
    }

    pub fn send(self) -> Reply {
        self.server.runtime.block_on(self.future())
    }

    /// Sends it and reads its answer as it comes.
    #[track_caller]
    pub fn open(self) -> Stream<'s> {
        let server = self.server;
        let request = self.header("Accept", "text/event-stream").finished();
        let response = server.runtime.block_on(request.send());
        Stream::new(server, response.expect("the server answers"))
    }

    fn finished(self) -> RequestBuilder {
        match self.has_request_id {
            true => self.request,
            false => self.request.header("X-Request-Id", REQUEST_ID),
        }
    }

    pub(super) fn future(self) -> impl Future<Output = Reply> + Send + 'static {
        let request = self.finished();
        async move {
            let response = request.send().await.expect("the server answers");
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = response.bytes().await.expect("the answer is complete");
            let body = String::from_utf8(body.into()).expect("the answer is UTF-8");
            Reply { status, headers, body }
        }
    }
}

/// Hides its length.
struct Unannounced(Option<axum::body::Bytes>);

impl http_body::Body for Unannounced {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Ready(self.0.take().map(|it| Ok(http_body::Frame::data(it))))
    }
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|it| it.to_str().expect("headers are ASCII"))
    }

    /// The exact text of a value in the body, by its pointer: `75.00`, `"pending"`, `null`.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> &str {
        match value_at(&self.body, pointer) {
            Some(text) => text,
            None => panic!("nothing at {pointer:?} in {self}"),
        }
    }

    pub fn has(&self, pointer: &str) -> bool {
        value_at(&self.body, pointer).is_some()
    }

    /// The text at a pointer, as text.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        serde_json::from_str(self.at(pointer)).expect("a text")
    }

    /// What a problem document says, on one line, after a look at what all of them must have:
    /// `400 insufficient_stock: <the sentence> [/items/0/quantity insufficient_stock]`.
    #[track_caller]
    pub fn refusal(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self}");
        assert_eq!(self.at("/status"), self.status.to_string(), "{self}");
        let (code, detail) = (self.text("/code"), self.text("/detail"));
        assert_eq!(self.text("/type"), format!("/problems/{code}"), "{self}");
        assert_eq!(Some(self.text("/instance").as_str()), self.header("x-request-id"), "{self}");
        assert!(self.text("/title").to_lowercase() == code.replace('_', " "), "{self}");
        let faults = (0..).map_while(|index| {
            self.has(&format!("/errors/{index}")).then(|| {
                let of = |name: &str| self.text(&format!("/errors/{index}/{name}"));
                assert!(!of("detail").is_empty(), "{self}");
                format!("{} {}", of("pointer"), of("code"))
            })
        });
        let faults: Vec<String> = faults.collect();
        let faults = match faults.is_empty() {
            true => String::new(),
            false => format!(" [{}]", faults.join(", ")),
        };
        format!("{} {code}: {detail}{faults}", self.status)
    }

    /// Status and code of a problem.
    #[track_caller]
    pub fn code(&self) -> String {
        let whole = self.refusal();
        whole.split(':').next().unwrap_or_default().to_owned()
    }

    /// The same as [`Reply`] is shown, with a line for each member of its documents.
    pub fn lines(&self) -> String {
        self.to_string().replace(",\"", ",\n\"").replace(",{", ",\n{")
    }

    /// What a client would repeat or rely on: all but the date, the framing, and what every answer
    /// says to browsers.
    pub fn essence(&self) -> (u16, Vec<(String, String)>, String) {
        let framing = [
            "cache-control",
            "connection",
            "content-length",
            "date",
            "referrer-policy",
            "transfer-encoding",
            "x-content-type-options",
        ];
        let kept = self.headers.iter().filter(|(name, _)| !framing.contains(&name.as_str()));
        let text =
            |it: &reqwest::header::HeaderValue| String::from_utf8_lossy(it.as_bytes()).into();
        let mut headers: Vec<_> =
            kept.map(|(name, value)| (name.to_string(), text(value))).collect();
        headers.sort();
        (self.status, headers, self.body.clone())
    }
}

/// Status, headers and body, as they are read in a test.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, headers, body) = self.essence();
        write!(f, "{status}")?;
        for (name, value) in headers.iter().filter(|(name, _)| name != "x-request-id") {
            write!(f, "\n{name}: {value}")?;
        }
        if body.is_empty() { Ok(()) } else { write!(f, "\n\n{body}") }
    }
}

/// The exact text of a value in a document, by its pointer (RFC 6901).
pub fn value_at<'b>(document: &'b str, pointer: &str) -> Option<&'b str> {
    let Some(steps) = pointer.strip_prefix('/') else { return Some(document) };
    let (step, rest) = steps.split_once('/').unwrap_or((steps, ""));
    let found: &RawValue = if document.trim_start().starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(document).ok()?;
        elements.get(step.parse::<usize>().ok()?)?
    } else {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(document).ok()?;
        members.get(&step.replace("~1", "/").replace("~0", "~"))?
    };
    match rest {
        "" => Some(found.get()),
        rest => value_at(found.get(), &format!("/{rest}")),
    }
}
