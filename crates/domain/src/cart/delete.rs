//! Delete a cart. One that was ordered stays, so that it is not ordered again.

use super::{CartChange, CartKey, check_open, find};
use crate::{
    actor::Actor,
    command::{Decision, Outcome},
    moment::Moment,
    refusal::Refusals,
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteCart {
    pub cart: CartKey,
    pub expected: Expected,
}

impl DeleteCart {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(self.cart.clone());
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let cart = find(world, actor, &self.cart, now)?;
        self.expected.check(Some(cart.version))?;
        check_open(cart, actor)?;
        let change = CartChange::Deleted(self.cart.clone());
        Ok(Decision::on_cart(cart.store, change, Outcome::CartDeleted(self.cart.clone())))
    }
}
