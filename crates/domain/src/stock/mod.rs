//! On hand is what lies on the shelf, reserved is what open orders hold, available is the rest.

pub mod adjust;
pub(crate) mod allocation;
pub mod set;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::id::{LocationId, ProductId, VariantId};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StockKey {
    pub product: ProductId,
    pub variant: Option<VariantId>,
    pub location: LocationId,
}

impl StockKey {
    pub fn main(product: ProductId, variant: Option<VariantId>) -> StockKey {
        StockKey { product, variant, location: LocationId::main() }
    }

    pub fn is_main(&self) -> bool {
        self.location.as_str() == LocationId::MAIN
    }

    /// The shelf of the same goods in the main location.
    pub fn at_main(&self) -> StockKey {
        StockKey::main(self.product.clone(), self.variant.clone())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    pub on_hand: i64,
    pub reserved: i64,
    /// Rises with each change, by orders too.
    pub version: u64,
}

impl Stock {
    /// No shelf holds more, so that sums never come near the end of the integers.
    pub const MAX: i64 = 1_000_000_000_000;

    /// Besides the main one; an order may have to look at all of them.
    pub const LOCATIONS_MAX: usize = 200;

    pub fn available(&self) -> i64 {
        self.on_hand - self.reserved
    }
}
