//! A store of the shop: its currency, its calendar, its invoice numbers.

pub mod put;
pub mod rotate_secret;

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{client::SecretHash, id::StoreId, money::Currency, review::ReviewRules};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    pub id: StoreId,
    pub name: String,
    pub currency: Currency,
    /// An IANA name; it decides in which year an invoice falls.
    pub time_zone: String,
    pub invoice_prefix: String,
    /// What its documents were called before: no other store may ever call its own so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_prefixes: Vec<String>,
    /// Where a customer goes who has paid.
    pub success_url: Option<String>,
    /// The hosts that a customer may be sent to; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success_hosts: Vec<String>,
    /// Nothing that is ordered here is meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// Of the secret that the shop's own system proves itself by. It stands in the store's row
    /// alone: no event has it.
    pub secret_hash: Option<SecretHash>,
    #[serde(default = "first_version")]
    pub version: u64,
    /// They stand with the store, so that placing loads nothing for them. They are put by a call of
    /// their own and have their own version.
    pub review: Option<Arc<ReviewRules>>,
}

/// Of store 1 as it is until somebody sets it.
fn first_version() -> u64 {
    1
}

impl Shop {
    /// Store 1, as it is until somebody sets it.
    pub fn first() -> Shop {
        Shop {
            id: StoreId::FIRST,
            name: "Store 1".into(),
            currency: Currency::USD,
            time_zone: "UTC".into(),
            invoice_prefix: Shop::usual_prefix(StoreId::FIRST),
            past_prefixes: Vec::new(),
            success_url: None,
            success_hosts: Vec::new(),
            test: false,
            secret_hash: None,
            version: first_version(),
            review: None,
        }
    }

    /// What a store's invoices are called where nobody has said so: `INV`, `INV2`, `INV3`.
    pub fn usual_prefix(id: StoreId) -> String {
        if id == StoreId::FIRST { "INV".into() } else { format!("INV{id}") }
    }

    /// A zone that this build does not know falls back to UTC: an invoice gets a number anyway.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// The name of a time zone in its own spelling, if there is such a zone.
    pub fn zone_name(text: &str) -> Option<String> {
        let zone = TimeZone::get(text).ok().filter(|it| !it.is_unknown())?;
        zone.iana_name().map(Into::into)
    }

    /// Whether a document of this store may be called so.
    fn has_used(&self, prefix: &str) -> bool {
        self.invoice_prefix == prefix || self.past_prefixes.iter().any(|it| it == prefix)
    }
}
