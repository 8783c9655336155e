//! What a shop tells of a line for its own system. It is kept and told again, and decides nothing.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineDetails {
    /// The shop's own name of what is in no catalogue here.
    pub product_reference: Option<String>,
    pub customization: Option<String>,
    /// Of one piece, as the shop has written it.
    pub weight: Option<String>,
    pub weight_units: Option<String>,
    pub length: Option<String>,
    pub width: Option<String>,
    pub height: Option<String>,
    pub country_of_origin: Option<String>,
    pub brand: Option<String>,
    pub category: Option<String>,
    pub hs_code: Option<String>,
    pub image_url: Option<String>,
    pub item_url: Option<String>,
}

impl LineDetails {
    /// Boxed, if there is anything in it.
    pub fn kept(self) -> Option<Box<LineDetails>> {
        (self != LineDetails::default()).then(|| Box::new(self))
    }
}
