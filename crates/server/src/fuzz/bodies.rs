//! Documents are parsed, searched for card data, and compared by meaning.

use std::borrow::Cow;

use axum::http::Method;
use proptest::prelude::*;
use testkit::random::{config, documents};

use crate::{
    idempotency::fingerprint,
    json::{Faults, Json, card_walk::refuse_card_data, number::Number, parse},
};

/// Bodies as the description shows them, and input that tries what is rare in them.
const SEEDS: &[&str] = &[
    include_str!("../openapi/examples/place_order.own.json"),
    include_str!("../openapi/examples/place_order_with_payment.storefront.json"),
    include_str!("../openapi/examples/put_cart.request.json"),
    include_str!("../openapi/examples/put_product.request.json"),
    include_str!("../openapi/examples/create_refund.parts.json"),
    include_str!("corpus/escapes.json"),
    include_str!("corpus/many_members.json"),
    include_str!("corpus/nested.json"),
    include_str!("corpus/numbers.json"),
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_document_is_read_or_its_faults_are_told(bytes in documents(SEEDS)) {
        // It does not look whether a text that it passes over is UTF-8.
        let theirs = str::from_utf8(&bytes).ok();
        let theirs = theirs.map(serde_json::from_str::<serde::de::IgnoredAny>);
        let is_json = matches!(theirs, Some(Ok(_)));
        match parse(&bytes) {
            Ok(tree) => {
                prop_assert!(is_json);
                let again = printed(&tree);
                let read_again = parse(again.as_bytes());
                prop_assert_eq!(read_again.as_ref(), Ok(&tree), "{}", again);
                refuse_card_data(&tree, &Faults::default());
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                let by_syntax = |code| ["invalid_json", "invalid_utf8"].contains(&code);
                let is_about_more = faults.iter().all(|it| !by_syntax(it.code))
                    || faults.iter().any(|it| it.detail.contains("surrogate"));
                let told = format!("{faults:?}");
                prop_assert!(is_about_more || !is_json, "{}", told);
                let is_pointer = |it: &str| it.is_empty() || it.starts_with('/');
                prop_assert!(faults.iter().all(|it| is_pointer(&it.pointer)), "{}", told);
            }
        }
    }

    #[test]
    fn what_means_the_same_has_one_fingerprint(bytes in documents(SEEDS)) {
        if let Ok(tree) = parse(&bytes) {
            let other = respelt(&tree);
            let other = parse(other.as_bytes());
            let other = other.map_err(|it| TestCaseError::fail(format!("{it:?}")))?;
            let of = |tree| fingerprint(&Method::POST, "/api/orders", None, Some(tree));
            prop_assert_eq!(of(&tree), of(&other));
            let changed = Json::Array(vec![tree.clone()]);
            prop_assert_ne!(of(&tree), of(&changed));
        }
    }
}

/// Its members from the last to the first, its numbers with a power of ten.
fn respelt(tree: &Json<'_>) -> String {
    match tree {
        Json::Number(text) if Number::read(text).is_some() && !text.contains(['e', 'E']) => {
            format!("{text}E+00")
        }
        Json::Object(members) => {
            let reversed =
                members.iter().rev().map(|(name, it)| format!("{}:{}", quoted(name), respelt(it)));
            format!("{{{}}}", reversed.collect::<Vec<_>>().join(","))
        }
        Json::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(respelt).collect();
            format!("[{}]", elements.join(","))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => printed(tree),
    }
}

/// The document of a tree.
fn printed(tree: &Json<'_>) -> String {
    let all = |parts: Vec<String>| parts.join(", ");
    match tree {
        Json::Null => "null".to_owned(),
        Json::Bool(it) => it.to_string(),
        Json::Number(text) => (*text).to_owned(),
        Json::String(text) => quoted(text),
        Json::Array(elements) => format!("[{}]", all(elements.iter().map(printed).collect())),
        Json::Object(members) => {
            let member = |(name, it): &(Cow<'_, str>, Json<'_>)| {
                format!("{} :\n{}", quoted(name), printed(it))
            };
            format!("{{{}}}", all(members.iter().map(member).collect()))
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
