//! Who comes in, and how what does not is told.

use server::{PerMinute, Settings};
use testkit::server::{Reply, TestServer, Wish};

use super::{Shop, ask, rotate};

const READS: [&str; 2] = ["orderNumbers", "orderDetail"];
const CHANGES: [&str; 3] =
    ["updateMerchantOrderId", "updateVendorOrderStatus", "setShipmentTracking"];
const SOUND: &str = r#""orderId": 1, "sinceOrderId": 0, "merchantOrderId": 7,
    "orderStatus": "VENDOR_SHIPMENT_READY", "trackingList": ["1Z"]"#;

/// Every call in both versions, with the status in which it is refused.
fn calls() -> Vec<(String, u16)> {
    let with = |names: &[&str], status| -> Vec<(String, u16)> {
        let both =
            names.iter().flat_map(|it| ["v1", "v2"].map(|version| format!("{version}/{it}")));
        both.map(|it| (it, status)).collect()
    };
    [with(&READS, 400), with(&CHANGES, 200)].concat()
}

#[test]
fn whoever_does_not_prove_itself_stays_outside() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    let other = Shop::oslo(&server);
    server.order("jane", "p001", 1);
    server.must_put("/api/stores/3", r#""name": "No secret", "currency": "USD""#);
    let logged = server.last_seq();
    let (right, others) = (&shop.secret, &other.secret);
    for (call, status) in calls() {
        let check = |body: &str, sentence: &str| {
            let reply = server.post(&format!("/{call}")).json(body).send();
            let told = (reply.status, reply.text("/error"));
            assert_eq!(told, (status, sentence.to_owned()), "{call} {body}");
        };
        let wrong = "Invalid security credentials";
        check("{}", "Parameter store is required");
        check(r#"{"store": null, "secret": "x"}"#, "Parameter store is required");
        check(r#"{"store": 1}"#, "Parameter secret is required");
        check(&format!(r#"{{"store": 1, "secret": "{others}", {SOUND}}}"#), wrong);
        check(&format!(r#"{{"store": 2, "secret": "{right}", {SOUND}}}"#), wrong);
        check(
            &format!(r#"{{"store": 3, "secret": "", "storeId": 1, {SOUND}}}"#),
            "Parameter secret is required",
        );
        check(&format!(r#"{{"store": 3, "secret": "{}", {SOUND}}}"#, "0".repeat(64)), wrong);
        check(&format!(r#"{{"store": 4, "secret": "{right}", {SOUND}}}"#), wrong);
        check(&format!(r#"{{"store": "x", "secret": "{right}", {SOUND}}}"#), wrong);
        check(&format!(r#"{{"store": [1], "secret": "{right}", {SOUND}}}"#), wrong);
        check(&format!(r#"{{"store": 1, "secret": ["{right}"], {SOUND}}}"#), wrong);
        check(&format!(r#"{{"store": 1, "secret": "{right}x", {SOUND}}}"#), wrong);
    }
    assert_eq!(server.last_seq(), logged, "nothing has changed");
    // A token of staff is no secret.
    let call = server.post("/v1/orderNumbers").by(&server.staff()).json(r#"{"store": 1}"#);
    assert_eq!(call.send().body, r#"{"error":"Parameter secret is required"}"#);
    for store in
        [r#""store": 1"#, r#""store": "1""#, r#""storeId": 1"#, r#""storeId": "1", "store": null"#]
    {
        let body = format!(r#"{{{store}, "secret": "{right}", "sinceOrderId": 0}}"#);
        let reply = server.post("/v1/orderNumbers").json(body).send();
        assert_eq!((reply.status, reply.at("/orderCount")), (200, "1"), "{store}");
    }
}

#[test]
fn only_posts_of_json_are_taken() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    server.order("jane", "p001", 1);
    let body = |members: &str| format!(r#"{{"store": 1, "secret": "{}", {members}}}"#, shop.secret);
    for (call, _) in calls() {
        let path = format!("/{call}");
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let reply = server.call(method, &path).send();
            assert_eq!(
                (reply.status, reply.header("allow")),
                (405, Some("POST")),
                "{method} {call}"
            );
        }
        let send = |kind: &str, accept: &str| {
            let call = server.post(&path).header("Accept", accept);
            call.bytes(kind, body(SOUND).into_bytes()).send()
        };
        let is_page = |reply: Reply, status: u16| {
            assert_eq!(reply.status, status, "{call}: {reply}");
            assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
            assert!(reply.body.starts_with("<!DOCTYPE html>"), "{reply}");
        };
        is_page(send("application/x-www-form-urlencoded", "*/*"), 415);
        is_page(send("text/plain", "*/*"), 415);
        is_page(send("application/json", "text/html"), 406);
        is_page(send("application/json", "application/json;q=0"), 406);
        for accept in ["*/*", "application/*", "text/html, */*;q=0.1", "application/json", ""] {
            assert_eq!(send("application/json; charset=utf-8", accept).status, 200, "{accept}");
        }
        let large = body(&format!(r#""x": "{}""#, "x".repeat(256 * 1024)));
        let reply = server.post(&path).json(large).send();
        assert_eq!(
            (reply.status, reply.text("/error")),
            (413, "The body is larger than 256 KiB".into())
        );
    }
    // Clients that do not say what they send.
    let reply = server.post("/v1/orderNumbers").header("Content-Type", "application/json");
    assert_eq!(reply.json(body(SOUND)).send().status, 200);
}

#[test]
fn card_data_is_refused_and_not_repeated() {
    let server = TestServer::start();
    let shop = Shop::open(&server);
    server.order("jane", "p001", 1);
    let members = r#""orderId": 1, "merchantOrderId": "7", "cvc": "123""#;
    let reply = shop.ask("v1/updateMerchantOrderId", members);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text("/error"), "cvc must not hold payment card data");
    let told = shop.ask("v1/orderDetail", r#""orderId": 1"#);
    assert_eq!(told.at("/order/merchantOrderId"), "null");
}

/// However many wrong ones come, right ones are let in; and none is offered for ever.
#[test]
fn wrong_secrets_are_counted_apart_from_right_ones() {
    let limits = Some(PerMinute::default());
    let settings = Settings { rate_limit: limits, ..Settings::default() };
    let server = TestServer::with(Wish { settings, ..Wish::default() });
    let secret = rotate(&server, 1);
    let since = r#""sinceOrderId": 0"#;
    let guess = |store: u32| ask(&server, "v1/orderNumbers", store, "guess", since);
    let statuses: Vec<u16> = (0..70).map(|_| guess(1).status).collect();
    let refused = statuses.iter().filter(|it| **it == 429).count();
    assert!((5..=10).contains(&refused), "{statuses:?}");
    let limited = guess(1);
    assert_eq!(limited.status, 429);
    assert!(limited.header("retry-after").is_some(), "{limited}");
    assert!(limited.text("/error").starts_with("You have made more than 60 requests a minute"));
    let change = ask(&server, "v1/updateMerchantOrderId", 1, "guess", since);
    assert_eq!((change.status, change.has("/error")), (429, true), "of changes too");
    assert_eq!(guess(2).status, 400, "each store by itself");
    for _ in 0..100 {
        let reply = ask(&server, "v1/orderNumbers", 1, &secret, since);
        assert_eq!(reply.status, 200, "{reply}");
    }
    let reply = ask(&server, "v1/orderNumbers", 1, &secret, since);
    assert!(reply.header("ratelimit").is_some_and(|it| it.starts_with("\"others\";r=")), "{reply}");
}

#[test]
fn right_secrets_are_counted_by_store() {
    let few = std::num::NonZeroU32::new(20).unwrap();
    let limits = Some(PerMinute { customers: few, others: few });
    let settings = Settings { rate_limit: limits, ..Settings::default() };
    let server = TestServer::with(Wish { settings, ..Wish::default() });
    server.must_put("/api/stores/2", r#""name": "Oslo", "currency": "NOK""#);
    let secrets = [rotate(&server, 1), rotate(&server, 2)];
    let status = |store: u32| {
        let secret = &secrets[if store == 1 { 0 } else { 1 }];
        ask(&server, "v1/orderNumbers", store, secret, r#""sinceOrderId": 0"#).status
    };
    let statuses: Vec<u16> = (0..30).map(|_| status(1)).collect();
    assert!(statuses[..20].iter().all(|it| *it == 200), "{statuses:?}");
    assert!(statuses[20..].contains(&429), "{statuses:?}");
    assert_eq!(status(2), 200);
}
