//! Put the items of a cart: the whole list, and nothing else of it changes.

use super::{
    Cart, CartItem, CartKey, Contents, changed, check_items, check_open, expiry, find, items_keys,
};
use crate::{
    actor::Actor,
    command::Decision,
    moment::Moment,
    refusal::{Found, Refusal, Refusals},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutCartItems {
    pub cart: CartKey,
    pub items: Vec<CartItem>,
    pub expected: Expected,
}

impl PutCartItems {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(self.cart.clone());
        items_keys(&self.items, keys);
    }

    pub(crate) fn more_keys(&self, world: &World, keys: &mut Keys) {
        if let Some(cart) = world.carts.get(&self.cart) {
            cart.keys(keys);
        }
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
        let shop = world.stores.get(&cart.store).ok_or(Refusal::StoreNotFound(cart.store))?;
        let mut found = Found::default();
        check_items(&self.items, world, shop, &mut found);
        found.settle()?;
        let contents = Contents { items: self.items.clone(), ..cart.contents.clone() };
        let (version, expires_at) = (cart.version + 1, expiry(world, now));
        Ok(changed(Cart { contents, version, expires_at, ..cart.clone() }, false))
    }
}
