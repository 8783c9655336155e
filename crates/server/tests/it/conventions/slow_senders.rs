//! A client that does not finish what it has begun to send is answered where that is possible, and
//! cut off.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use server::listener::Limits;
use testkit::server::{TestServer, Wish, order_of};

const LIMIT: Duration = Duration::from_millis(400);
/// A limit may be noticed a quarter late, and machines are busy.
const LATE: Duration = Duration::from_secs(5);

fn server(limits: Limits) -> TestServer {
    TestServer::with(Wish { limits, ..Wish::default() })
}

fn head_limited() -> TestServer {
    server(Limits { head_time: LIMIT, ..Limits::default() })
}

fn open(server: &TestServer, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    stream
}

/// All that is said before the connection ends, and after how long.
#[expect(clippy::disallowed_methods, reason = "it is the server's real patience that is measured")]
fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let begun = Instant::now();
    let mut said = Vec::new();
    // Cut may also mean reset.
    _ = stream.read_to_end(&mut said);
    (String::from_utf8(said).unwrap(), begun.elapsed())
}

fn post(server: &TestServer, length: usize, part: &str) -> String {
    format!(
        "POST /api/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{part}",
        server.token("jane", "")
    )
}

#[test]
fn half_a_head_is_cut() {
    let server = head_limited();
    for sent in ["", "G", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "PRI * HTTP/2.0\r\n\r\n"] {
        let (said, after) = rest(&mut open(&server, sent));
        assert_eq!(said, "", "{sent:?}");
        assert!((LIMIT / 2..LIMIT + LATE).contains(&after), "{sent:?}: {after:?}");
    }
}

/// To send a little now and then gains nothing.
#[test]
fn a_head_that_drips_is_cut() {
    let server = head_limited();
    let mut stream = open(&server, "GET /healthz HTTP/1.1\r\n");
    let dripped = (0..100).take_while(|number| {
        sleep(LIMIT / 10);
        stream.write_all(format!("X-{number}: x\r\n").as_bytes()).is_ok()
    });
    assert!(dripped.count() < 100, "it was never cut");
}

#[test]
fn a_second_request_has_the_same_time() {
    let limits = Limits { head_time: LIMIT, idle_time: 20 * LIMIT, ..Limits::default() };
    let server = server(limits);
    let mut stream = open(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut first = [0; 4096];
    let length = stream.read(&mut first).unwrap();
    assert!(first[..length].starts_with(b"HTTP/1.1 200 "));
    // Between two requests it may take its time.
    sleep(3 * LIMIT);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let length = stream.read(&mut first).unwrap();
    assert!(first[..length].starts_with(b"HTTP/1.1 200 "));
    stream.write_all(b"GET /heal").unwrap();
    let (said, after) = rest(&mut stream);
    assert_eq!(said, "");
    assert!(after < 15 * LIMIT, "{after:?}");
}

#[test]
fn a_connection_that_does_nothing_is_closed() {
    let server = server(Limits { idle_time: LIMIT, ..Limits::default() });
    let mut stream = open(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    let (said, after) = rest(&mut stream);
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    assert!((LIMIT / 2..LIMIT + LATE).contains(&after), "{after:?}");
}

#[test]
fn half_a_body_is_answered_and_cut() {
    let server = server(Limits { body_time: LIMIT, ..Limits::default() });
    server.open_shop();
    let seq = server.last_seq();
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    let sent = post(&server, body.len(), &body[..body.len() / 2]);
    let (said, after) = rest(&mut open(&server, &sent));
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    assert!(said.contains("\r\nconnection: close\r\n"), "{said}");
    assert!(said.contains("\"code\":\"request_timeout\""), "{said}");
    assert!((LIMIT / 2..LIMIT + LATE).contains(&after), "{after:?}");
    assert_eq!(server.last_seq(), seq);
    // One that only takes a moment is served.
    let (first, second) = body.split_at(body.len() / 2);
    let mut stream = open(&server, &post(&server, body.len(), first));
    sleep(LIMIT / 4);
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 204 "));
}

/// An import may take as long as it likes, if it goes on.
#[test]
fn a_file_that_does_not_go_on_is_answered_and_cut() {
    let server = server(Limits { body_time: LIMIT, ..Limits::default() });
    let head = format!(
        "POST /api/products/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.staff()
    );
    let mut stream = open(&server, &head);
    let line = |number: usize| {
        let padding = " ".repeat(4096);
        format!("{{\"product_id\": \"p{number}\", \"name\": \"x\", \"price\": 1}}{padding}\n")
    };
    for number in 0..8 {
        let line = line(number);
        stream.write_all(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes()).unwrap();
        sleep(LIMIT / 2);
    }
    let (said, _) = rest(&mut stream);
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    // What had come is imported: whoever sends it again changes nothing by that.
    assert_eq!(server.get("/api/products/p7").send().status, 200);
}

#[test]
fn one_connection_too_many_is_told_so() {
    let server = server(Limits { connections_max: 2, ..Limits::default() });
    let held = [(); 2].map(|()| open(&server, "GET /heal"));
    let (said, _) = rest(&mut open(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert!(said.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{said}");
    assert!(said.contains("\r\nretry-after: 1\r\n"), "{said}");
    assert!(said.contains("\"code\":\"overloaded\""), "{said}");
    drop(held);
    // A place is free as soon as it is seen that its connection has gone.
    let comes = (0..100).any(|_| {
        sleep(Duration::from_millis(20));
        let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        rest(&mut open(&server, request)).0.starts_with("HTTP/1.1 200 ")
    });
    assert!(comes, "places are not given back");
}
