//! Adjust what lies on the shelf: a delivery came, a box broke.

use super::{
    StockKey,
    set::{find, moved},
};
use crate::{
    command::Decision,
    refusal::Refusals,
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustStock {
    pub stock: StockKey,
    pub delta: i64,
    pub reason: Option<String>,
    pub expected: Expected,
}

impl AdjustStock {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.products.insert(self.stock.product.clone());
        keys.stock.extend([self.stock.clone(), self.stock.at_main()]);
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let stock = find(world, &self.stock, &self.expected)?;
        moved(&self.stock, stock, self.delta, self.reason.as_ref())
    }
}
