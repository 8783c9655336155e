//! Names of things. A caller's own ids are short and plain; the server's are numbers inside.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The text is no id of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<$name, NotAnId> {
                if is_plain_id(text) { Ok($name(text.into())) } else { Err(NotAnId) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )*};
}

/// Names that we or a provider made: never parsed from a request into something that is looked up.
macro_rules! made_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: &str) -> $name {
                $name(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

made_id! {
    /// `pay_12_1`: the first payment of order 12.
    PaymentId;
    /// What shall happen outside, named after what it makes: `pay_12_1`, `re_12_1`, `cap_12_1`.
    EffectId;
    /// The provider's own name of a payment.
    IntentId;
}

text_id! {
    CustomerId;
    ProductId;
    VariantId;
    DeliveryMethodId;
    CartId;
    /// A program's.
    ClientId;
    /// A place that holds stock.
    LocationId;
    /// A rule of fraud review, within its store.
    RuleId;
}

impl LocationId {
    pub const MAIN: &str = "main";

    /// The one location until a shop has several.
    pub fn main() -> LocationId {
        LocationId(LocationId::MAIN.into())
    }
}

fn is_plain_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
}

/// An order's number in the order of placing; `ORD12345` outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderNo(pub u64);

impl fmt::Display for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ORD{}", self.0)
    }
}

impl FromStr for OrderNo {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<OrderNo, NotAnId> {
        text.strip_prefix("ORD").and_then(counted).map(OrderNo).ok_or(NotAnId)
    }
}

/// The number of a store; 1 exists from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoreId(pub u32);

impl StoreId {
    pub const FIRST: StoreId = StoreId(1);
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for StoreId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<StoreId, NotAnId> {
        let number = counted(text).and_then(|it| u32::try_from(it).ok());
        number.map(StoreId).ok_or(NotAnId)
    }
}

/// A complete order's number within its store, in the order of completion; `1-10042` outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetrievalId {
    pub store: StoreId,
    pub no: u64,
}

impl fmt::Display for RetrievalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.store, self.no)
    }
}

impl FromStr for RetrievalId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<RetrievalId, NotAnId> {
        let (store, no) = text.split_once('-').ok_or(NotAnId)?;
        Ok(RetrievalId { store: store.parse()?, no: counted(no).ok_or(NotAnId)? })
    }
}

/// A positive number in its one spelling, within what every store's integers hold.
fn counted(digits: &str) -> Option<u64> {
    let canonical = digits.bytes().all(|it| it.is_ascii_digit()) && !digits.starts_with('0');
    if !canonical {
        return None;
    }
    digits.parse().ok().filter(|it| i64::try_from(*it).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_spelling() {
        assert_eq!("ORD12345".parse(), Ok(OrderNo(12345)));
        assert_eq!("1-10042".parse(), Ok(RetrievalId { store: StoreId(1), no: 10042 }));
        for text in
            ["", "ORD", "ORD0", "ORD012", "ord1", "ORD-1", "ORD1 ", "ORD9223372036854775808"]
        {
            assert_eq!(text.parse::<OrderNo>(), Err(NotAnId), "{text}");
        }
        for text in ["", "0", "01", "-1", "+1", "1.0", "4294967296", "x"] {
            assert_eq!(text.parse::<StoreId>(), Err(NotAnId), "{text}");
        }
        assert_eq!("4294967295".parse(), Ok(StoreId(u32::MAX)));
        for text in ["1", "1-", "-1", "1-0", "01-1", "1-1-1", "1-x", "4294967296-1"] {
            assert_eq!(text.parse::<RetrievalId>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn a_callers_own_ids_are_short_and_plain() {
        for text in ["p001", "a.b_c-D", &"x".repeat(64)] {
            assert_eq!(text.parse::<ProductId>().unwrap().as_str(), text);
        }
        for text in ["", "a b", "å", "a/b", &"x".repeat(65)] {
            assert!(text.parse::<ProductId>().is_err(), "{text}");
        }
    }
}
