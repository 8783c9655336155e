//! Where things go, and the one erasable place of an order's personal data.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::country::Country;

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub name: Option<String>,
    pub company: Option<String>,
    pub address: String,
    pub address2: Option<String>,
    pub city: String,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub country: Country,
    pub phone: Option<String>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// All that an order knows about a person. It is kept beside the order and beside the events,
/// never inside them, so that it can be erased and the books stay as they are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub contact: Contact,
    pub notes: Option<String>,
}
