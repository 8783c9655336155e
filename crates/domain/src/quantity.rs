//! How many of a thing: one at least, and few enough that sums over an order stay small.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(u32);

impl Quantity {
    pub const MAX: u32 = 1_000_000;

    pub fn new(count: u32) -> Option<Quantity> {
        (1..=Quantity::MAX).contains(&count).then_some(Quantity(count))
    }

    pub fn get(self) -> u32 {
        self.0
    }
}
