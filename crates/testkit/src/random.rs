//! Random input as strangers send it: made by a grammar, or from sound input by a few edits, so
//! that most of it gets past the first look.

mod documents;

use std::ops::RangeInclusive;

use proptest::prelude::*;

pub use self::documents::documents;

const CASES: u32 = 1_000;

/// A test takes about a second; `PROPTEST_CASES` asks for more, as CONTRIBUTING says.
pub fn config() -> ProptestConfig {
    // What fails is kept where a person puts it.
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig { cases: CASES, ..config },
    }
}

/// A text of these pieces, and now and then of any characters.
pub fn pieces(
    known: &[&'static str],
    count: RangeInclusive<usize>,
) -> impl Strategy<Value = String> + use<> {
    let piece = prop_oneof![
        12 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    prop::collection::vec(piece, count).prop_map(|pieces| pieces.concat())
}

/// A number of JSON: mostly one that a person would write, else of any size.
pub fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => r"-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?([eE][+-]?[0-9])?",
        1 => r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,20})?",
    ]
}
