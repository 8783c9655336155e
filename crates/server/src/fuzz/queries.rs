//! Query strings: every way of reading a parameter, over any of them.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use testkit::random::{config, pieces};

use crate::{
    json::{Faults, field::string_fault},
    query::{LIMIT_MAX, Query},
};

const NAMES: &[&str] = &[
    "limit",
    "cursor",
    "status",
    "q",
    "store_id",
    "created_from",
    "types",
    "user_id",
    "count",
    "dry_run",
    "%71",
    "%ff",
    "a+b",
    "",
];
const VALUES: &[&str] = &[
    "1",
    "200",
    "201",
    "-1",
    "+1",
    "1e2",
    "%31",
    "true",
    "false",
    "pending",
    "shipped",
    ",",
    "%2C",
    "+",
    "%20",
    "%",
    "%4",
    "%zz",
    "%ff",
    "%00",
    "%C3%A9",
    "é",
    "2025-06-27T12:00:00Z",
    "2025-06-27T12:00:00+02:00",
    "2025-06-31T00:00:00Z",
    "-009999-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "4111111111111111",
    "order.*",
    "order.paid",
    "*",
    ".",
    "ORD1",
    "%26",
    "9223372036854775808",
    "=",
];
const STATES: [(&str, u8); 2] = [("pending", 1), ("shipped", 2)];

fn queries() -> impl Strategy<Value = Vec<String>> {
    let pair = (prop::sample::select(NAMES), prop::option::of(pieces(VALUES, 0..=3)));
    let pair = pair.prop_map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.to_owned(),
    });
    prop::collection::vec(pair, 0..8)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_parameter_is_read_or_refused_by_name(pairs in queries()) {
        let text = pairs.join("&");
        let faults = Faults::default();
        let mut query = Query::parse(Some(&text), &faults);
        let binding = query.binding("orders");
        prop_assert!((1..=LIMIT_MAX).contains(&query.limit()));
        prop_assert_eq!(query.cursor(binding), None, "none of these was given out");
        query.words("status", &STATES);
        query.free_text("q", 0..=40);
        prop_assert!(query.integers("store_id", 1..=9).iter().all(|it| (1..=9).contains(it)));
        query.time("created_from");
        query.event_types("types");
        query.ids("user_id");
        query.flag("count");
        query.flag("dry_run");
        query.deny_unknown();
        let told = faults.into_list();
        prop_assert!(told.iter().all(|it| it.pointer.is_empty() || it.pointer.starts_with('/')));

        let reversed: Vec<&str> = pairs.iter().rev().map(String::as_str).collect();
        let (reversed, faults) = (reversed.join("&"), Faults::default());
        let other = Query::parse(Some(&reversed), &faults);
        prop_assert_eq!(other.binding("orders"), binding, "{}", reversed);
    }

    #[test]
    fn a_text_comes_as_it_was_sent(value in any::<String>(), with_plus: bool) {
        let mut sent = utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string();
        if with_plus {
            sent = sent.replace("%20", "+");
        }
        let text = format!("x=1&q={sent}&y");
        let faults = Faults::default();
        let read = Query::parse(Some(&text), &faults).text("q", 0..=200);
        let expected = string_fault(&value, &(0..=200)).is_none().then_some(value);
        prop_assert_eq!(read, expected);
    }
}
