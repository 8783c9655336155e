//! Whole requests at random: every operation of the description with an address, a query, headers
//! and a body that were sound once. Whatever comes, nobody gets in by chance, and no answer is the
//! server's fault.

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header::AUTHORIZATION},
};
use proptest::{
    prelude::*,
    sample::{Index, select},
    strategy::Union,
    test_runner::TestRunner,
};
use serde_json::Value;
use server::openapi::document;
use testkit::{
    random::{config, documents, pieces},
    server::{Backend, TestServer, Wish, value_at},
};

const WORDS: &[&str] = &[
    "ORD1",
    "ORD2",
    "1-1",
    "p001",
    "p002",
    "standard",
    "user789",
    "abc123",
    "shp_1_1",
    "1",
    "2",
    "me",
    "%20",
    "%00",
    "%2F",
    "..",
    "ORD99999999999999999999",
    "x",
    "%C3%A9",
    "%ff",
];
const PARAMETERS: &[&str] = &[
    "dry_run=true",
    "dry_run=",
    "limit=1",
    "limit=0",
    "cursor=AQ",
    "user_id=user789",
    "status=paid",
    "status=pending,shipped",
    "variant_id=black",
    "reason=too+late",
    "reason=4111111111111111",
    "after=0",
    "after=-1",
    "types=order.*",
    "q=jane",
    "at=1",
    "at=2025-06-27T12:00:00Z",
    "sort=-total",
    "expand=items",
    "count=true",
    "store_id=1",
    "country=US",
    "total=10.00",
    "location_id=main",
    "=",
    "%ff=1",
    "a",
    "+",
];
const HEADERS: &[(&str, &[&str])] = &[
    (
        "accept",
        &["application/json", "text/csv", "text/plain", "*/*", ",", ";q=0", ";q=x", "text/"],
    ),
    ("content-type", &["application/json", "; charset=utf-8", "text/csv", "application/x-ndjson"]),
    ("forwarded", &["for=203.0.113.1", ";", "\"", "for=\"[::1]\""]),
    ("idempotency-key", &["k1", "\"k2\"", "\"", "\\", " ", "k3"]),
    ("if-match", &["\"1\"", "\"2\"", "*", "W/\"1\"", ",", "\""]),
    ("if-none-match", &["\"1\"", "*", "W/\"2\"", ","]),
    ("last-event-id", &["1", "-1", "x"]),
    ("prefer", &["return=representation", "return=minimal", ",", ";"]),
    ("traceparent", &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "-", "ff"]),
    ("x-forwarded-for", &["203.0.113.1", ",", "unknown"]),
    ("x-request-id", &["my-id", "'", " ", "\"", "é"]),
];

/// What the test leaves out: it plays the payment provider's faults, or waits for a job.
const LEFT_OUT: [&str; 2] = ["set_sandbox_behaviour", "erase_customer"];

#[derive(Clone, Debug)]
enum Who {
    Nobody,
    Customer,
    Staff,
    /// A token of staff with one character changed.
    Forged(Index),
}

#[derive(Clone, Debug)]
struct Sent {
    method: String,
    address: String,
    who: Who,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// A request for an operation: its path with words in the braces, and one of its bodies.
fn sent(path: &str, method: &str, bodies: &[&'static str]) -> impl Strategy<Value = Sent> + use<> {
    let (path, method) = (path.to_owned(), method.to_uppercase());
    let word = prop_oneof![8 => select(WORDS).prop_map(str::to_owned), 1 => pieces(WORDS, 0..=3)];
    let words = prop::collection::vec(word, path.matches('{').count());
    let query = prop::collection::vec(select(PARAMETERS), 0..3);
    let who = prop_oneof![
        1 => Just(Who::Nobody),
        3 => Just(Who::Customer),
        6 => Just(Who::Staff),
        1 => any::<Index>().prop_map(Who::Forged),
    ];
    let header = select(HEADERS)
        .prop_flat_map(|(name, known)| pieces(known, 1..=3).prop_map(move |value| (name, value)));
    let headers = prop::collection::vec(header, 0..3);
    let body = match bodies {
        [] => Just(Vec::new()).boxed(),
        bodies => documents(bodies).boxed(),
    };
    (words, query, who, headers, body).prop_map(move |(words, query, who, headers, body)| {
        let mut address = String::new();
        let mut words = words.into_iter();
        for part in path.split('{') {
            let after = part.split_once('}').map_or(part, |(_, after)| {
                address.push_str(&words.next().unwrap_or_default());
                after
            });
            address.push_str(after);
        }
        if !query.is_empty() {
            address = format!("{address}?{}", query.join("&"));
        }
        Sent { method: method.clone(), address, who, headers, body }
    })
}

/// Every operation as often as any other.
fn requests() -> impl Strategy<Value = Sent> {
    let description: Value = serde_json::from_str(document()).expect("the description is JSON");
    let mut all = Vec::new();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            if LEFT_OUT.contains(&operation["operationId"].as_str().unwrap()) {
                continue;
            }
            let place = format!(
                "/paths/{}/{method}/requestBody/content/application~1json/examples",
                path.replace('/', "~1")
            );
            let names = description.pointer(&place).and_then(Value::as_object);
            let names = names.into_iter().flat_map(|it| it.keys());
            let example = |name| value_at(document(), &format!("{place}/{name}/value"));
            let bodies: Vec<&str> = names.filter_map(example).collect();
            all.push(sent(path, method, &bodies).boxed());
        }
    }
    Union::new(all)
}

fn token(server: &TestServer, who: &Who) -> Option<String> {
    match who {
        Who::Nobody => None,
        Who::Customer => Some(server.token("user789", "")),
        Who::Staff => Some(server.staff()),
        Who::Forged(at) => {
            let mut token = server.staff();
            let at = at.index(token.len());
            let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            token.replace_range(at..=at, other);
            Some(token)
        }
    }
}

/// Nothing, where it is no request at all.
fn request(server: &TestServer, sent: &Sent) -> Option<Request> {
    let mut request = Request::builder().method(sent.method.as_str()).uri(&sent.address);
    if let Some(token) = token(server, &sent.who) {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let has_type = sent.headers.iter().any(|(name, _)| *name == "content-type");
    if !sent.body.is_empty() && !has_type {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in &sent.headers {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    request.body(Body::from(sent.body.clone())).ok()
}

fn judge(
    sent: &Sent,
    (status, headers, body): &(StatusCode, HeaderMap, Bytes),
) -> Result<(), TestCaseError> {
    let told = format!("{status}: {}", String::from_utf8_lossy(body));
    prop_assert!(!status.is_server_error(), "{}", told);
    let is_forged = matches!(sent.who, Who::Forged(_)) && sent.address.starts_with("/api/");
    prop_assert!(!is_forged || !status.is_success(), "{}", told);
    let id = headers.get("x-request-id").and_then(|it| it.to_str().ok()).unwrap_or_default();
    prop_assert!(!id.is_empty(), "an answer without a request id: {}", told);
    let kind = headers.get("content-type").map(HeaderValue::as_bytes).unwrap_or_default();
    if kind == b"application/problem+json" {
        let problem: Value = serde_json::from_slice(body)
            .map_err(|error| TestCaseError::fail(format!("{error}: {told}")))?;
        prop_assert_eq!(&problem["status"], status.as_u16());
        prop_assert_eq!(&problem["instance"], id);
        prop_assert!(problem["code"].is_string() && problem["detail"].is_string(), "{}", told);
    }
    Ok(())
}

#[test]
fn no_request_is_the_servers_fault() {
    let server = TestServer::with(Wish { backend: Backend::Memory, ..Wish::default() });
    server.open_shop();
    for _ in 0..2 {
        server.order("user789", "p001", 1);
    }
    let judged = TestRunner::new(config()).run(&requests(), |sent| match request(&server, &sent) {
        Some(request) => judge(&sent, &server.answer(request)),
        None => Ok(()),
    });
    judged.unwrap_or_else(|error| panic!("{error}"));
}
