//! Headers, of grammars of their own.

use std::net::IpAddr;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, FORWARDED, IF_MATCH, IF_NONE_MATCH},
};
use ipnet::IpNet;
use proptest::prelude::*;
use testkit::random::{config, pieces};

use crate::{
    accept::choose,
    auth::Scopes,
    client_address::client_address,
    idempotency::{self, IDEMPOTENCY_KEY},
    preconditions::{IfMatch, IfNoneMatch, etag},
    request_id::{TRACEPARENT, trace_id},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The header with each of these values that a header can have.
fn of(name: &HeaderName, values: &[String]) -> HeaderMap {
    let values = values.iter().filter_map(|it| HeaderValue::from_bytes(it.as_bytes()).ok());
    let mut headers = HeaderMap::new();
    values.for_each(|it| _ = headers.append(name.clone(), it));
    headers
}

const KEYS: &[&str] = &[
    "a",
    "8e03978e-40d5",
    "\"",
    "\\",
    "\\\"",
    "\\\\",
    " ",
    "\t",
    "é",
    ",",
    "'",
    "~",
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
];
const TAGS: &[&str] = &[
    "\"7\"",
    "\"8\"",
    "W/\"7\"",
    "W/",
    "*",
    ",",
    ", ",
    " ",
    "\"",
    "7",
    "\"07\"",
    "\"a, b\"",
    "\"\"",
    "w/\"7\"",
    "\"-7\"",
    "\"9223372036854775808\"",
];
const TRACES: &[&str] = &[
    "00",
    "01",
    "ff",
    "cc",
    "-",
    "--",
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "00f067aa0ba902b7",
    "00000000000000000000000000000000",
    "0000000000000000",
    "4BF92F3577B34DA6A3CE929D0E0E4736",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "-more",
    " ",
];
const RANGES: &[&str] = &[
    "application/json",
    "application/*",
    "text/csv",
    "text/*",
    "*/*",
    "*",
    ",",
    ", ",
    ";q=",
    ";q=0",
    ";q=0.5",
    ";q=1.000",
    ";q=1.001",
    ";q=0.1234",
    "; q = 1",
    ";level=1",
    "TEXT/CSV",
    "/",
    "=",
];
const HOPS: &[&str] = &[
    "10.0.0.1",
    "10.0.0.2",
    "203.0.113.1",
    "203.0.113.2:4711",
    "[2001:db8::1]",
    "[2001:db8::1]:80",
    "2001:db8::1",
    "::ffff:10.0.0.3",
    "for=",
    "For=\"",
    "\"",
    ";",
    "proto=https",
    "by=10.0.0.1",
    ",",
    ", ",
    " ",
    "unknown",
    "_hidden",
    "for=203.0.113.1",
    "for=10.0.0.2",
];
const SCOPES: &[&str] =
    &["staff", "customer", "orders:read", "orders:write", " ", "  ", "Staff", "staff,", "admin"];
const OFFERS: [&str; 3] = ["application/json", "text/csv", "application/x-ndjson"];

fn several(known: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(pieces(known, 0..=6), 1..3)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_key_is_the_same_in_quotes(values in several(KEYS)) {
        let headers = of(&IDEMPOTENCY_KEY, &values);
        if let Ok(Some(key)) = idempotency::key(&headers) {
            prop_assert!((1..=255).contains(&key.len()));
            let quoted = format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
            let again = of(&IDEMPOTENCY_KEY, &[quoted]);
            prop_assert_eq!(idempotency::key(&again).ok().flatten(), Some(key));
        }
    }

    #[test]
    fn tags_name_versions(values in several(TAGS), version in -9..9_i64) {
        let strong = IfMatch::read(&of(&IF_MATCH, &values));
        let weak = IfNoneMatch::read(&of(&IF_NONE_MATCH, &values));
        prop_assert_eq!(strong.is_ok(), weak.is_ok());
        if let (Ok(Some(strong)), Ok(Some(weak))) = (strong, weak) {
            prop_assert!(!strong.allows(Some(version)) || weak.is_current(version));
            prop_assert_ne!(weak.allows(Some(version)), weak.is_current(version));
            prop_assert!(!strong.allows(None) && weak.allows(None));
            for named in strong.versions().unwrap_or_default() {
                let one = HeaderMap::from_iter([(IF_MATCH, etag(*named))]);
                let read = IfMatch::read(&one).ok().flatten();
                prop_assert!(read.is_some_and(|it| it.allows(Some(*named))));
            }
        }
    }

    #[test]
    fn a_trace_is_taken_as_it_stands(values in several(TRACES)) {
        let headers = of(&TRACEPARENT, &values);
        if let Some(id) = trace_id(&headers) {
            let is_hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
            prop_assert!(id.len() == 32 && id.bytes().all(is_hex));
            let parent = format!("00-{id}-00f067aa0ba902b7-00");
            let again = of(&TRACEPARENT, &[parent]);
            prop_assert_eq!(trace_id(&again), Some(id));
        }
    }

    #[test]
    fn what_is_chosen_was_offered(values in several(RANGES)) {
        let headers = of(&ACCEPT, &values);
        if let Some(chosen) = choose(&headers, &OFFERS) {
            prop_assert!(OFFERS.contains(&chosen));
            prop_assert_eq!(choose(&headers, &[chosen]), Some(chosen));
            let mut named = headers.clone();
            named.append(ACCEPT, HeaderValue::from_static(chosen));
            prop_assert_eq!(choose(&named, &OFFERS), Some(chosen), "and asked for once more");
        }
    }

    #[test]
    fn only_proxies_are_believed(usual in several(HOPS), standard in several(HOPS)) {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a network")];
        let [stranger, proxy] = [[198, 51, 100, 7], [10, 0, 0, 9]].map(IpAddr::from);
        let usual_alone = of(&X_FORWARDED_FOR, &usual);
        let mut both = of(&FORWARDED, &standard);
        both.extend(usual_alone.clone());
        prop_assert_eq!(client_address(stranger, &both, &trusted), stranger);
        client_address(proxy, &both, &trusted);
        // What stands before the client anybody may have made up.
        let client = client_address(proxy, &usual_alone, &trusted);
        if !trusted[0].contains(&client) {
            let mut lines = vec!["6.6.6.6, nonsense".to_owned()];
            lines.extend(usual);
            let longer = of(&X_FORWARDED_FOR, &lines);
            prop_assert_eq!(client_address(proxy, &longer, &trusted), client);
        }
    }

    #[test]
    fn scopes_are_those_that_are_named(list in pieces(SCOPES, 0..=6)) {
        let words: Vec<&str> = Scopes::known(&list).words().collect();
        prop_assert!(words.iter().all(|word| list.split(' ').any(|it| it == *word)));
        prop_assert_eq!(Scopes::known(&words.join(" ")), Scopes::known(&list));
        prop_assert!(!Scopes::parse(&list).is_empty());
    }
}
