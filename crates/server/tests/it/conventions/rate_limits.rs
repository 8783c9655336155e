//! How often a caller may come, and what it is told about it.

use std::num::NonZeroU32;

use server::{PerMinute, Settings};
use testkit::server::{Reply, TestServer, Wish, order_of};

fn server(customers: u32, others: u32) -> TestServer {
    limited(customers, others, &[])
}

fn limited(customers: u32, others: u32, proxies: &[&str]) -> TestServer {
    let number = |it| NonZeroU32::new(it).unwrap();
    let limits = PerMinute { customers: number(customers), others: number(others) };
    let settings = Settings {
        rate_limit: Some(limits),
        trusted_proxies: proxies.iter().map(|it| it.parse().unwrap()).collect(),
        ..Settings::default()
    };
    TestServer::with(Wish { settings, ..Wish::default() })
}

/// Time is the machine's here: with so few a minute nothing comes back within a test.
const FEW: u32 = 4;
const MANY: u32 = 5000;

fn left(reply: &Reply) -> u32 {
    let told = reply.header("ratelimit").expect("every answer tells");
    let (_, rest) = told.split_once(";r=").expect("what is left");
    rest.split(';').next().unwrap().parse().unwrap()
}

#[test]
fn a_caller_is_told_what_is_left_and_then_to_come_again() {
    let server = server(FEW, MANY);
    let (jane, john) = (server.token("jane", ""), server.token("john", ""));
    for expected in (0..FEW).rev() {
        let reply = server.get("/api/orders").by(&jane).send();
        assert_eq!((reply.status, left(&reply)), (200, expected), "{reply}");
        assert_eq!(reply.header("ratelimit-policy"), Some("\"customers\";q=4;w=60"));
        assert_eq!(reply.header("retry-after"), None);
    }
    let refused = server.get("/api/orders").by(&jane).send();
    assert_eq!(
        refused.refusal(),
        "429 rate_limited: You have made more than 4 requests a minute; come again in 15 s"
    );
    assert_eq!(refused.header("retry-after"), Some("15"));
    assert_eq!(refused.header("ratelimit"), Some("\"customers\";r=0;t=60"));
    assert_eq!(server.get("/api/orders").by(&john).send().status, 200, "another caller");
    let staff = server.get("/api/orders").by(&server.staff()).send();
    assert_eq!(staff.header("ratelimit-policy"), Some("\"others\";q=5000;w=60"));
    assert_eq!(left(&staff), MANY - 1);
}

/// A refused change has not been looked at: nothing of it is there, and its key is free.
#[test]
fn what_is_refused_is_not_done() {
    let server = server(FEW, MANY);
    server.open_shop();
    let seq = server.last_seq();
    let jane = server.token("jane", "");
    let body = || order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    let place = |key: &str| server.post("/api/orders").by(&jane).key(key).json(body()).send();
    let statuses: Vec<u16> = (0..6).map(|it| place(&format!("key-{it}")).status).collect();
    assert_eq!(statuses, [204, 204, 204, 204, 429, 429]);
    assert_eq!(server.last_seq(), seq + 2 * u64::from(FEW), "two events an order");
}

/// After 401 and before all that is about the request.
#[test]
fn a_refusal_has_its_place_in_the_order() {
    let server = server(1, MANY);
    let jane = server.token("jane", "");
    assert_eq!(server.get("/api/orders").by(&jane).send().status, 200);
    let code = |method: &str, path: &str| server.call(method, path).by(&jane).send().code();
    assert_eq!(code("GET", "/nowhere"), "404 route_not_found");
    assert_eq!(code("DELETE", "/api/events"), "405 method_not_allowed");
    assert_eq!(code("GET", "/api/orders?nonsense=1"), "429 rate_limited");
    assert_eq!(code("GET", "/api/orders/ORD404"), "429 rate_limited");
    let large = vec![b' '; 300_000];
    let post = server.post("/api/orders").by(&jane).bytes("text/plain", large).send();
    assert_eq!(
        (post.code().as_str(), post.header("connection")),
        ("429 rate_limited", Some("close"))
    );
    let forged = server.get("/api/orders").by("nonsense").send();
    assert_eq!(forged.code(), "401 invalid_token");
    assert_eq!(server.get("/api/orders").send().code(), "401 token_required");
}

#[test]
fn without_a_token_the_address_counts() {
    let server = server(MANY, FEW);
    for expected in (0..FEW).rev() {
        let reply = server.get("/api/products").send();
        assert_eq!((reply.status, left(&reply)), (200, expected));
    }
    assert_eq!(server.get("/api/products").send().code(), "429 rate_limited");
    let jane = server.token("jane", "");
    assert_eq!(left(&server.get("/api/products").by(&jane).send()), MANY - 1, "she has her own");
    // A probe is answered whatever else comes from its address, and tells as all do.
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        let reply = server.get(path).send();
        assert_eq!((reply.status, left(&reply)), (200, 0), "{path}");
    }
}

/// What is refused before it is known who calls counts against the address.
#[test]
fn guesses_are_counted() {
    let server = server(MANY, FEW);
    for expected in [3, 2, 1, 0, 0] {
        let reply = server.get("/api/orders").by("a guess").send();
        assert_eq!((reply.status, left(&reply)), (401, expected));
    }
    assert_eq!(server.get("/nowhere").send().status, 404);
    assert_eq!(server.get("/api/products").send().code(), "429 rate_limited");
}

#[test]
fn a_trusted_proxy_names_its_clients() {
    let server = limited(MANY, 1, &["127.0.0.0/8"]);
    let from = |address: &str| {
        server.get("/api/products").header("X-Forwarded-For", address).send().status
    };
    assert_eq!((from("203.0.113.1"), from("203.0.113.1")), (200, 429));
    assert_eq!(from("203.0.113.2"), 200);
    assert_eq!(from("198.51.100.1, 203.0.113.2"), 429, "what the client has made up");
    drop(server);
    let server = limited(MANY, 1, &[]);
    let from = |address: &str| {
        server.get("/api/products").header("X-Forwarded-For", address).send().status
    };
    assert_eq!((from("203.0.113.1"), from("203.0.113.2")), (200, 429), "nobody is trusted");
}

#[test]
fn a_stream_is_one_request() {
    let server = server(FEW, FEW);
    let erp = server.token("erp", "events:read");
    let streams = [(); 2].map(|()| server.get("/api/events").by(&erp).open());
    assert_eq!(streams[0].header("ratelimit"), Some("\"others\";r=3;t=15"));
    assert_eq!(streams[1].header("ratelimit"), Some("\"others\";r=2;t=30"));
    let third = server.get("/api/events").by(&erp).header("Accept", "text/event-stream").send();
    assert_eq!(
        third.refusal(),
        "429 rate_limited: You have 2 streams open already; close one of them first"
    );
    assert_eq!((left(&third), third.header("retry-after")), (1, Some("1")));
}

#[test]
fn with_limits_off_nothing_is_counted_or_told() {
    let server = TestServer::start();
    for _ in 0..700 {
        let reply = server.get("/healthz").send();
        assert_eq!((reply.status, reply.header("ratelimit")), (200, None));
    }
}
