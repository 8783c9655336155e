//! Ids: each has one spelling.

use std::str::FromStr;

use domain::{CustomerId, OrderNo, ProductId, RetrievalId, StoreId};
use proptest::prelude::*;
use testkit::random::{config, pieces};

const PIECES: &[&str] = &[
    "ORD",
    "ord",
    "0",
    "1",
    "12",
    "10042",
    "-",
    "--",
    "+",
    ".",
    "_",
    " ",
    "é",
    "/",
    "\0",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "p001",
    "0198d2f0-7f3c-7a55-9f0d-1f2e3d4c5b6a",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

fn judged<T: FromStr + ToString + PartialEq + std::fmt::Debug>(
    text: &str,
) -> Result<(), TestCaseError>
where
    T::Err: std::fmt::Debug,
{
    if let Ok(id) = text.parse::<T>() {
        prop_assert_eq!(id.to_string(), text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_id_is_printed_as_it_was_read(text in pieces(PIECES, 0..=4)) {
        judged::<OrderNo>(&text)?;
        judged::<RetrievalId>(&text)?;
        judged::<StoreId>(&text)?;
        judged::<ProductId>(&text)?;
        judged::<CustomerId>(&text)?;
    }
}
