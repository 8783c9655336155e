//! `GET /api/events` with `Accept: text/event-stream`: the feed, live.

use std::time::Duration;

use server::auth::Grant;
use testkit::server::{Call, Reply, Sent, Stream, TestServer};

fn of<'s>(server: &'s TestServer, subject: &str, query: &str) -> Call<'s> {
    let call = server.get(&format!("/api/events?{query}"));
    call.by(&server.token(subject, "events:read"))
}

fn follow<'s>(server: &'s TestServer, query: &str) -> Stream<'s> {
    of(server, "erp", query).open()
}

/// A question that is refused.
fn refused(call: Call<'_>) -> Reply {
    call.header("Accept", "text/event-stream").send()
}

/// The next events by number and type.
#[track_caller]
fn told(stream: &mut Stream<'_>, count: usize) -> String {
    let sent = (0..count).map(|_| stream.event().expect("the stream goes on"));
    sent.map(|it| format!("{} {}", it.id, it.event)).collect::<Vec<_>>().join(", ")
}

on_every_store! {
    fn a_stream_begins_now_and_goes_on(server: &TestServer) {
        server.open_shop();
        server.order("jane", "p001", 1);
        let mut stream = follow(server, "");
        server.order("joe", "p001", 1);
        assert_eq!(told(&mut stream, 2), "3 order.created, 4 order.confirmed");
        server.advance("ORD1", "shipped");
        let page = of(server, "erp", "after=4&limit=1").send();
        let sent = Sent {
            id: "5".into(),
            event: "shipment.created".into(),
            data: page.at("/events/0").into(),
        };
        assert_eq!(stream.event(), Some(sent), "as the page shows it");
        assert_eq!(told(&mut stream, 1), "6 order.shipped");
    }

    fn a_stream_goes_on_where_it_is_told_to(server: &TestServer) {
        server.open_shop();
        server.order("jane", "p001", 1);
        server.order("joe", "p001", 1);
        let all = "1 order.created, 2 order.confirmed, 3 order.created, 4 order.confirmed";
        assert_eq!(told(&mut follow(server, "after=0"), 4), all);
        let resumed = |id: &str, query: &str| {
            of(server, "erp", query).header("Last-Event-ID", id).open()
        };
        assert_eq!(told(&mut resumed("2", ""), 1), "3 order.created");
        assert_eq!(told(&mut resumed("3", "after=0"), 1), "4 order.confirmed");
        assert_eq!(told(&mut resumed("", "after=1"), 1), "2 order.confirmed");
        // Numbers that are not there yet are waited for.
        let mut ahead = resumed("5", "");
        server.order("jim", "p001", 1);
        assert_eq!(told(&mut ahead, 1), "6 order.confirmed");
    }

    fn a_stream_has_what_was_asked_for(server: &TestServer) {
        server.open_shop();
        let mut confirmed = follow(server, "after=0&types=order.confirmed,stock.*");
        let mut shipped = follow(server, "types=shipment.*");
        for _ in 0..3 {
            server.order("jane", "p001", 1);
        }
        server.advance("ORD2", "shipped");
        let three = "2 order.confirmed, 4 order.confirmed, 6 order.confirmed";
        assert_eq!(told(&mut confirmed, 3), three);
        assert_eq!(told(&mut shipped, 1), "7 shipment.created");
    }
}

#[test]
fn a_token_of_some_stores_hears_of_those_alone() {
    let server = TestServer::start();
    server.open_shop();
    let stream = |subject: &str, stores: &[i64]| {
        let grant =
            Grant { subject, scope: "events:read", stores: Some(stores), ..Grant::default() };
        server.get("/api/events?after=0").by(&server.grant(&grant)).open()
    };
    let (mut here, mut elsewhere) = (stream("here", &[1, 2]), stream("elsewhere", &[2]));
    server.order("jane", "p001", 1);
    assert_eq!(told(&mut here, 2), "1 order.created, 2 order.confirmed");
    assert!(elsewhere.event_within(Duration::from_millis(300)).is_err());
}

#[test]
fn what_a_stream_is_sent_as() {
    let server = TestServer::start();
    let stream = follow(&server, "");
    let headers = ["content-type", "cache-control", "x-accel-buffering", "content-length"];
    let headers = headers.map(|name| stream.header(name).unwrap_or_default());
    assert_eq!(headers, ["text/event-stream", "no-store", "no", ""]);
    for accept in ["*/*", "text/event-stream;q=0.5, application/json", "text/html"] {
        let page = of(&server, "erp", "").header("Accept", accept).send();
        assert_eq!(page.header("content-type"), Some("application/json"), "{accept}");
    }
}

#[test]
fn a_caller_has_two_streams_at_a_time() {
    let server = TestServer::start();
    server.open_shop();
    // What is refused takes no place.
    let no_right = server.get("/api/events").by(&server.token("erp", "orders:read"));
    assert_eq!(refused(no_right).code(), "403 forbidden");
    assert_eq!(refused(of(&server, "erp", "x=1")).code(), "400 unknown_parameter");
    let (first, mut second) = (follow(&server, ""), follow(&server, ""));
    let third = refused(of(&server, "erp", ""));
    assert_eq!(
        third.refusal(),
        "429 rate_limited: You have 2 streams open already; close one of them first"
    );
    assert_eq!(third.header("retry-after"), Some("1"));
    assert_eq!(refused(of(&server, "erp", "x=1")).code(), "429 rate_limited");
    assert_eq!(of(&server, "erp", "").send().status, 200, "pages are no streams");
    let mut of_another = of(&server, "shop", "").open();
    server.order("jane", "p001", 1);
    assert_eq!(told(&mut second, 1), "1 order.created");
    assert_eq!(told(&mut of_another, 1), "1 order.created");

    // A client that has gone frees its place, though there is nothing to be sent to it.
    drop(first);
    let freed = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        refused(of(&server, "erp", "x=1")).code() == "400 unknown_parameter"
    });
    assert!(freed, "the place of a client that has gone is not free");
    follow(&server, "");
}

#[test]
fn a_stream_ends_with_its_token() {
    let server = TestServer::start();
    let mut stream = follow(&server, "");
    assert!(stream.event_within(Duration::from_millis(100)).is_err(), "it goes on");
    drop(stream);
    const YEAR_MS: i64 = 365 * 24 * 3600 * 1000;
    server.clock().advance_ms(YEAR_MS - 300);
    assert_eq!(follow(&server, "").event(), None);
}

#[test]
fn a_position_is_the_number_of_an_event() {
    let server = TestServer::start();
    for wrong in ["x", "-1", "1.0", "99999999999999999999"] {
        let reply = refused(of(&server, "erp", "").header("Last-Event-ID", wrong));
        let expected = "400 invalid_header: Last-Event-ID must be the number of an event";
        assert_eq!(reply.refusal(), expected, "{wrong}");
    }
    assert_eq!(refused(of(&server, "erp", "after=-1")).code(), "400 validation_failed");
}

#[test]
fn slow_a_stream_in_which_nothing_happens_says_that_it_lives() {
    let server = TestServer::start();
    let mut stream = follow(&server, "");
    assert!(stream.chunk(Duration::from_secs(13)).is_err(), "too early");
    assert_eq!(stream.chunk(Duration::from_secs(4)).unwrap().as_deref(), Some(":\n\n"));
}
