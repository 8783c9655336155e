//! A store of the shop: its currency, its calendar, its invoice numbers.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{id::StoreId, money::Currency};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    pub id: StoreId,
    pub name: String,
    pub currency: Currency,
    /// An IANA name; it decides in which year an invoice falls.
    pub time_zone: String,
    pub invoice_prefix: String,
}

impl Shop {
    /// Store 1, as it is until somebody sets it.
    pub fn first() -> Shop {
        Shop {
            id: StoreId::FIRST,
            name: "Store 1".into(),
            currency: Currency::USD,
            time_zone: "UTC".into(),
            invoice_prefix: "INV".into(),
        }
    }

    /// A zone that this build does not know falls back to UTC: an invoice gets a number anyway.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}
