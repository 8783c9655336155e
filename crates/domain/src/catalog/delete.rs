//! Delete a product. Orders keep their lines, and the stock they hold is still counted.

use crate::{
    command::{Decision, Outcome},
    event::{AdminEvent, ProductDeleted},
    id::ProductId,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteProduct {
    pub id: ProductId,
    pub expected: Expected,
}

impl DeleteProduct {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.products.insert(self.id.clone());
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let id = || self.id.clone();
        let product = world.products.get(&self.id).ok_or_else(|| Refusal::ProductNotFound(id()))?;
        self.expected.check(Some(product.version))?;
        let event = AdminEvent::ProductDeleted(ProductDeleted { id: id() });
        Ok(Decision::on_catalogue(event, Outcome::ProductDeleted(id())))
    }
}
