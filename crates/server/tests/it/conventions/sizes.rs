//! Limits of size: what is at the limit passes, what is over it is refused before it is read.

use testkit::server::{TestServer, order_of};

const BODY_BYTES_MAX: usize = 256 * 1024;

fn order_of_bytes(length: usize) -> String {
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    let padding = " ".repeat(length - body.len());
    body + &padding
}

#[test]
fn bodies_over_256_kib_are_refused_however_they_are_sent() {
    let server = TestServer::start();
    server.open_shop();
    let jane = server.token("jane", "");
    let post = || server.post("/api/orders").by(&jane);
    assert_eq!(post().json(order_of_bytes(BODY_BYTES_MAX)).send().status, 204);
    assert_eq!(post().chunked(order_of_bytes(BODY_BYTES_MAX)).send().status, 204);
    let too_large = "413 body_too_large: The body is larger than 256 KiB";
    assert_eq!(post().json(order_of_bytes(BODY_BYTES_MAX + 1)).send().refusal(), too_large);
    assert_eq!(post().chunked(order_of_bytes(BODY_BYTES_MAX + 1)).send().refusal(), too_large);
    let no_json = post().bytes("text/plain", vec![b'x'; BODY_BYTES_MAX + 1]);
    assert_eq!(no_json.send().refusal(), too_large, "413 comes before 415");
    let delete = server.delete("/api/orders/ORD1").by(&server.staff());
    assert_eq!(delete.json(order_of_bytes(BODY_BYTES_MAX + 1)).send().refusal(), too_large);
    assert_eq!(server.last_seq(), 4);
}

#[test]
fn an_order_has_500_items_at_most() {
    let server = TestServer::start();
    server.open_shop();
    server.stock("p001", 500);
    let place = |count: usize| {
        let items = vec![r#"{"product_id": "p001", "quantity": 1}"#; count].join(",");
        server.post("/api/orders").by(&server.token("jane", "")).json(order_of(&items)).send()
    };
    assert_eq!(
        place(501).refusal(),
        "400 validation_failed: items must have 1 to 500 elements [/items invalid_length]"
    );
    assert_eq!(place(500).status, 204);
    assert_eq!(server.shelf("p001"), (500, 500));
}

#[test]
fn bodies_must_be_json_by_their_type() {
    let server = TestServer::start();
    server.open_shop();
    let body = order_of(r#"{"product_id": "p001", "quantity": 1}"#);
    let place = |content_type: &str| {
        let call = server.post("/api/orders").by(&server.token("jane", ""));
        call.bytes(content_type, body.clone().into_bytes()).send()
    };
    for sound in ["application/json", "Application/JSON; charset=UTF-8", "application/vnd.x+json"] {
        assert_eq!(place(sound).status, 204, "{sound}");
    }
    for other in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/json",
        "json",
        "application/json; charset=latin1",
        "multipart/form-data",
    ] {
        assert_eq!(place(other).code(), "415 unsupported_media_type", "{other}");
    }
    let empty = server.post("/api/orders").by(&server.token("jane", "")).send();
    assert_eq!(empty.refusal(), "400 body_required: This call needs a body of JSON");
}
