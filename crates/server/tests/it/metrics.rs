//! `GET /metrics`: what a Prometheus reads.

use std::collections::BTreeMap;

use testkit::server::TestServer;

use crate::review_rules::{put_rules, rule};

/// Every sample by its name with its labels, after a look at the form: each has a type and a help
/// above it, and a value.
fn samples(server: &TestServer) -> BTreeMap<String, f64> {
    let reply = server.get("/metrics").send();
    assert_eq!(reply.status, 200, "{reply}");
    assert!(reply.header("content-type").is_some_and(|it| it.starts_with("text/plain; version=0")));
    let (mut types, mut found) = (BTreeMap::new(), BTreeMap::new());
    for line in reply.body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(rest.split_once(' ').is_some_and(|(_, help)| !help.is_empty()), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let bare = name.split('{').next().unwrap();
            let of_histogram = ["_bucket", "_sum", "_count"].iter();
            let family = of_histogram.filter_map(|it| bare.strip_suffix(it)).next();
            let kind = types.get(bare).or_else(|| types.get(family.unwrap_or_default()));
            assert!(kind.is_some(), "nothing says what {line} is");
            assert!(bare.starts_with("orderd_"), "{line}");
            assert!(bare.ends_with("_total") == (kind.unwrap() == "counter"), "{line}");
            found.insert(name.to_owned(), value.parse().unwrap());
        }
    }
    found
}

/// The samples of a name, whatever their labels.
fn named<'s>(samples: &'s BTreeMap<String, f64>, name: &str) -> Vec<(&'s str, f64)> {
    let of_name = samples.iter().filter(|(it, _)| it.split('{').next() == Some(name));
    of_name.map(|(it, value)| (it.as_str(), *value)).collect()
}

on_every_store! {
    /// What has happened is counted, by route and not by path.
    fn requests_and_batches_are_measured(server: &TestServer) {
        server.open_shop();
        let before = samples(server);
        server.order("jane", "p001", 1);
        server.order("jane", "p001", 1);
        for path in ["/api/orders/ORD1", "/api/orders/ORD2", "/api/orders/ORD99"] {
            server.get(path).by(&server.staff()).send();
        }
        for path in ["/a", "/b", "/api/orders/1/2/3"] {
            server.get(path).send();
        }
        server.call("BREW", "/api/orders").send();
        server.call("PUT", "/api/orders").send();
        let after = samples(server);
        let more = |name: &str| {
            let before = before.get(name).copied().unwrap_or(0.0);
            after.get(name).copied().unwrap_or(0.0) - before
        };
        let requests = |route: &str, method: &str, status: &str| {
            more(&format!(
                "orderd_http_requests_total\
                {{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"
            ))
        };
        assert_eq!(requests("/api/orders/{id}", "GET", "200"), 2.0);
        assert_eq!(requests("/api/orders/{id}", "GET", "404"), 1.0);
        assert_eq!(requests("none", "GET", "404"), 3.0);
        assert_eq!(requests("/api/orders", "other", "405"), 1.0);
        assert_eq!(requests("/api/orders", "PUT", "405"), 1.0);
        assert!(after.keys().all(|it| !it.contains("ORD") && !it.contains("BREW")), "{after:?}");
        assert_eq!(more("orderd_batch_commands_sum"), 2.0);
        assert_eq!(more("orderd_queue_wait_seconds_count"), 2.0);
        assert_eq!(more("orderd_batch_seconds_count"), more("orderd_batch_commands_count"));
        let labels = "{method=\"GET\",route=\"/api/orders/{id}\"}";
        assert_eq!(more(&format!("orderd_http_request_duration_seconds_count{labels}")), 3.0);
    }

    /// What waits outside, and how old it is.
    fn what_waits_is_told(server: &TestServer) {
        server.open_shop();
        let now = samples(server);
        let of = |samples: &BTreeMap<String, f64>, name: &str| {
            samples.get(name).copied().unwrap_or_else(|| panic!("no {name}"))
        };
        assert_eq!(of(&now, "orderd_store_up"), 1.0);
        assert_eq!(of(&now, "orderd_effects_open"), 0.0);
        assert_eq!(of(&now, "orderd_effects_oldest_age_seconds"), 0.0);
        assert_eq!(of(&now, "orderd_reservations_oldest_overdue_seconds"), 0.0);
        assert_eq!(of(&now, "orderd_queue_commands{lane=\"usual\"}"), 0.0);
        assert_eq!(of(&now, "orderd_queue_commands_max{lane=\"bulk\"}"), 128.0);
        assert_eq!(of(&now, "orderd_streams_open"), 0.0);
        assert_eq!(named(&now, "orderd_reader_lag_events").len(), 1);
        assert_eq!(named(&now, "orderd_store_connections").len(), 2);
        assert_eq!(named(&now, "orderd_build_info").len(), 1);
    }
}

/// Whoever watches looks as often as they like: the store is asked once a second.
#[test]
fn looking_often_costs_the_store_little() {
    let server = TestServer::start();
    server.open_shop();
    assert_eq!(samples(&server)["orderd_events_last_seq"], 0.0);
    server.order("jane", "p001", 1);
    assert_eq!(samples(&server)["orderd_events_last_seq"], 0.0, "as it was a moment ago");
    std::thread::sleep(std::time::Duration::from_millis(1050));
    assert_eq!(samples(&server)["orderd_events_last_seq"], 2.0);
}

/// An order that nobody decides over is seen to grow old; one that is cancelled waits for nobody.
#[test]
fn a_review_that_nobody_decides_grows_old() {
    let server = TestServer::start();
    server.open_shop();
    let age = || {
        std::thread::sleep(std::time::Duration::from_millis(1050));
        samples(&server)["orderd_reviews_oldest_age_seconds"]
    };
    assert_eq!(age(), 0.0);
    let large = rule("large", r#""kind": "total_over", "amount": 0"#);
    put_rules(&server, &large);
    let first = server.order("jane", "p001", 1);
    server.clock().advance_ms(60_000);
    let second = server.order("jane", "p001", 1);
    server.clock().advance_ms(30_000);
    assert_eq!(age(), 90.0);
    server.advance(&first, "cancelled");
    assert_eq!(age(), 30.0);
    let pass = server.post(&format!("/api/orders/{second}/review")).by(&server.staff());
    assert_eq!(pass.json(r#"{"decision": "pass"}"#).send().status, 200);
    assert_eq!(age(), 0.0);
}

/// What the provider does not answer to is seen to grow old, and to end.
#[test]
fn an_effect_that_stays_open_grows_old() {
    let server = TestServer::start();
    server.open_shop();
    let paid = server.paid("jane", "p001", 1);
    server.behave(r#""lose_answer_next": 1000"#);
    let refund = server.post(&paid.path("/refunds")).by(&server.staff());
    assert_eq!(refund.json(r#"{"amount": 1}"#).send().status, 201);
    server.clock().advance_ms(90_000);
    let now = samples(&server);
    assert_eq!(now["orderd_effects_open"], 1.0);
    assert_eq!(now["orderd_effects_oldest_age_seconds"], 90.0);
    server.behave("");
    server.eventually_in(60_000, &paid.order, "/payment_status", "partially_refunded");
    std::thread::sleep(std::time::Duration::from_millis(1050));
    let now = samples(&server);
    assert_eq!((now["orderd_effects_open"], now["orderd_effects_oldest_age_seconds"]), (0.0, 0.0));
}
