//! RFC 9457 problem documents: the one form in which a request is refused.
//!
//! A handler returns `Result<Response, Problem>`. What the document also needs is known outside
//! of it, namely the request's id and the form the client accepts, so a problem travels in its
//! response's extensions and `request_id::attend` writes the body last.

pub mod codes;

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use self::codes::Code;
use crate::accept;
use crate::json::FieldError;
use crate::json::card_walk::CARD_DATA_REFUSED;

/// Boxed inside, because results carry it on the path where all goes well.
#[derive(Clone, Debug)]
pub struct Problem(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    members: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// `code` is one of [`codes::CODES`], with this status; `detail` is the sentence for a person.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        debug_assert_eq!(
            Code::named(code).map(|it| it.status),
            Some(status.as_u16()),
            "the code {code} has no row in problem/codes.rs, or another status there"
        );
        Problem(Box::new(Content {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            members: Vec::new(),
            headers: Vec::new(),
        }))
    }

    /// 400 with every faulty field. Card data gives its name to the whole, whatever else is wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let card_data = errors.iter().any(|error| error.code == CARD_DATA_REFUSED);
        let code = if card_data { CARD_DATA_REFUSED } else { code_of_all(&errors) };
        let detail = sentence(&errors);
        Problem::new(StatusCode::BAD_REQUEST, code, detail).with_errors(errors)
    }

    /// 500. What went wrong is logged by the caller, never told.
    pub fn internal() -> Self {
        let detail = "The server failed to answer this request";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
    }

    /// 503 with `Retry-After`.
    pub fn unavailable(
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        retry_after_s: u32,
    ) -> Self {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            .with_header(RETRY_AFTER, HeaderValue::from(retry_after_s))
    }

    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// A member of the document beside the standard ones, such as `current_status`.
    pub fn with_member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.members.push((name, value.into()));
        self
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn code(&self) -> &'static str {
        self.0.code
    }

    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    pub fn headers(&self) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        self.0.headers.iter()
    }
}

/// The response has its status and headers; its body is written by [`finish`].
impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.0.status;
        for (name, value) in self.0.headers.drain(..) {
            response.headers_mut().append(name, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        problem.into_response()
    }
}

/// How this client wants to be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Document,
    /// The sentence alone.
    Sentence,
}

impl Form {
    /// A document, also for clients that accept neither: an answer is better than 406.
    pub fn accepted_by(request_headers: &HeaderMap) -> Form {
        let offers = ["application/problem+json", "application/json", "text/plain"];
        match accept::choose(request_headers, &offers) {
            Some("text/plain") => Form::Sentence,
            Some(_) | None => Form::Document,
        }
    }
}

/// Writes the body of a response that is a problem, and leaves every other one alone.
pub fn finish(response: &mut Response, form: Form, request_id: &str) {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return };
    let (content_type, body) = match form {
        Form::Sentence => ("text/plain; charset=utf-8", problem.0.detail.into_owned().into_bytes()),
        Form::Document => ("application/problem+json", problem.document(request_id)),
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    *response.body_mut() = Body::from(body);
}

impl Problem {
    /// The body, as JSON.
    pub fn document(&self, request_id: &str) -> Vec<u8> {
        let document = Document { content: &self.0, request_id };
        serde_json::to_vec(&document).expect("strings, numbers and JSON values can be written")
    }
}

struct Document<'d> {
    content: &'d Content,
    request_id: &'d str,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Content { status, code, detail, errors, members, headers: _ } = self.content;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format_args!("/problems/{code}"))?;
        map.serialize_entry("title", &Code::named(code).map(Code::title))?;
        map.serialize_entry("status", &status.as_u16())?;
        map.serialize_entry("detail", detail)?;
        map.serialize_entry("code", code)?;
        map.serialize_entry("instance", self.request_id)?;
        if !errors.is_empty() {
            map.serialize_entry("errors", errors)?;
        }
        for (name, value) in members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// One kind of fault gives its own code, several give a general one.
fn code_of_all(errors: &[FieldError]) -> &'static str {
    const OWN_PROBLEM: [&str; 6] = [
        "duplicate_key",
        "invalid_cursor",
        "invalid_json",
        "invalid_utf8",
        "nesting_too_deep",
        "unknown_parameter",
    ];
    match errors {
        [first, rest @ ..]
            if OWN_PROBLEM.contains(&first.code)
                && rest.iter().all(|error| error.code == first.code) =>
        {
            first.code
        }
        _ => "validation_failed",
    }
}

const FAULTS_TOLD_MAX: usize = 3;

/// The first faults in words, for people and for clients that take the sentence only.
fn sentence(errors: &[FieldError]) -> String {
    let told: Vec<String> = errors.iter().take(FAULTS_TOLD_MAX).map(phrase).collect();
    let mut sentence = told.join("; ");
    if errors.is_empty() {
        sentence.push_str("The request is not valid");
    }
    if errors.len() > FAULTS_TOLD_MAX {
        sentence.push_str(&format!("; and {} more", errors.len() - FAULTS_TOLD_MAX));
    }
    sentence
}

fn phrase(error: &FieldError) -> String {
    match error.pointer.strip_prefix('/') {
        Some(name) => format!("{name} {}", error.detail),
        None => format!("The body {}", error.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::ACCEPT;

    async fn rendered(problem: Problem, accept: &'static str) -> (Response<()>, String) {
        let mut request_headers = HeaderMap::new();
        request_headers.insert(ACCEPT, HeaderValue::from_static(accept));
        let mut response = problem.into_response();
        finish(&mut response, Form::accepted_by(&request_headers), "req-1");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("the body is complete");
        let body = String::from_utf8(body.into()).expect("the body is UTF-8");
        (Response::from_parts(parts, ()), body)
    }

    fn one_member_a_line(document: &str) -> String {
        document.replace(",\"", ",\n\"")
    }

    fn fault(pointer: &str, code: &'static str, detail: &str) -> FieldError {
        FieldError { pointer: pointer.to_owned(), code, detail: detail.to_owned() }
    }

    #[tokio::test]
    async fn a_problem_is_a_document() {
        let detail = "Order ORD1 is shipped and cannot become cancelled";
        let problem = Problem::new(StatusCode::CONFLICT, "order_already_processed", detail)
            .with_member("current_status", "shipped");
        let (response, body) = rendered(problem, "*/*").await;
        assert_eq!(response.status(), 409);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        insta::assert_snapshot!(one_member_a_line(&body), @r#"
        {"type":"/problems/order_already_processed",
        "title":"Order already processed",
        "status":409,
        "detail":"Order ORD1 is shipped and cannot become cancelled",
        "code":"order_already_processed",
        "instance":"req-1",
        "current_status":"shipped"}
        "#);
    }

    #[tokio::test]
    async fn faults_stand_in_the_document() {
        let problem = Problem::invalid(vec![fault("/items/0/quantity", "required", "is required")]);
        let (_, body) = rendered(problem, "application/json").await;
        insta::assert_snapshot!(one_member_a_line(&body), @r#"
        {"type":"/problems/validation_failed",
        "title":"Validation failed",
        "status":400,
        "detail":"items/0/quantity is required",
        "code":"validation_failed",
        "instance":"req-1",
        "errors":[{"pointer":"/items/0/quantity",
        "code":"required",
        "detail":"is required"}]}
        "#);
    }

    #[tokio::test]
    async fn a_client_of_plain_text_gets_the_sentence() {
        let problem = Problem::unavailable("overloaded", "Too many orders are waiting", 1);
        let (response, body) = rendered(problem, "text/plain").await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
        assert_eq!(body, "Too many orders are waiting");
    }

    #[test]
    fn faults_give_the_problem_its_code_and_sentence() {
        let check = |codes: &[&'static str], code: &str, detail: &str| {
            let errors = codes.iter().map(|code| fault("/a", code, "is bad")).collect();
            let problem = Problem::invalid(errors);
            assert_eq!((problem.code(), problem.detail()), (code, detail), "{codes:?}");
        };
        check(&[], "validation_failed", "The request is not valid");
        check(&["unknown_parameter"], "unknown_parameter", "a is bad");
        check(&["duplicate_key", "duplicate_key"], "duplicate_key", "a is bad; a is bad");
        check(&["unknown_parameter", "required"], "validation_failed", "a is bad; a is bad");
        check(
            &["required", "required", "required", CARD_DATA_REFUSED],
            CARD_DATA_REFUSED,
            "a is bad; a is bad; a is bad; and 1 more",
        );
        let whole = Problem::invalid(vec![fault("", "invalid_json", "must be valid JSON")]);
        assert_eq!((whole.code(), whole.detail()), ("invalid_json", "The body must be valid JSON"));
    }

    #[tokio::test]
    async fn other_responses_are_left_alone() {
        let mut response = "hello".into_response();
        finish(&mut response, Form::Sentence, "req-1");
        let body = axum::body::to_bytes(response.into_body(), 100).await;
        assert_eq!(body.expect("the body is complete"), "hello");
    }
}
