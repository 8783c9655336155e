//! Create a cart under a name that is free.

use super::{Cart, CartKey, CartStatus, Contents, changed, expiry};
use crate::{
    actor::Actor,
    command::Decision,
    id::StoreId,
    moment::Moment,
    refusal::{Found, Refusal, Refusals, Subject},
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct CreateCart {
    pub cart: CartKey,
    pub store: StoreId,
    pub contents: Contents,
}

impl CreateCart {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(self.cart.clone());
        keys.stores.insert(self.store);
        self.contents.keys(keys);
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let shop = world.stores.get(&self.store).filter(|it| actor.may_use(it.id));
        let shop = shop.ok_or((Subject::Store, Refusal::StoreNotFound(self.store)))?;
        let mut found = Found::default();
        self.contents.check(world, shop, &mut found);
        found.settle()?;
        let before = world.carts.get(&self.cart);
        if before.is_some_and(|it| it.is_there(now)) {
            return Err(Refusal::CartExists(self.cart.id.clone()).into());
        }
        let cart = Cart {
            key: self.cart.clone(),
            store: self.store,
            status: CartStatus::Open,
            contents: self.contents.clone(),
            // One that ran out may still be there: nobody shall take this one for it.
            version: before.map_or(1, |it| it.version + 1),
            expires_at: expiry(world, now),
            order: None,
            temp: None,
        };
        Ok(changed(cart, true))
    }
}
