//! Put a cart: it holds what the document says from now on.

use super::{Cart, CartKey, CartStatus, Contents, changed, check_open, expiry, find};
use crate::{
    actor::Actor,
    command::Decision,
    id::StoreId,
    moment::Moment,
    refusal::{Found, Refusal, Refusals, Subject},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutCart {
    pub cart: CartKey,
    /// Absent: a cart that is there stays in its store.
    pub store: Option<StoreId>,
    /// Of a new cart that names none.
    pub usual_store: StoreId,
    pub contents: Contents,
    pub expected: Expected,
}

impl PutCart {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(self.cart.clone());
        keys.stores.extend(self.store);
        keys.stores.insert(self.usual_store);
        self.contents.keys(keys);
    }

    pub(crate) fn more_keys(&self, world: &World, keys: &mut Keys) {
        keys.stores.extend(world.carts.get(&self.cart).map(|it| it.store));
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let there = world.carts.get(&self.cart);
        let before = match there.filter(|it| it.is_there(now)) {
            Some(_) => Some(find(world, actor, &self.cart, now)?),
            None => None,
        };
        let store = self.store.or(before.map(|it| it.store)).unwrap_or(self.usual_store);
        let shop = world.stores.get(&store).filter(|it| actor.may_use(it.id));
        let shop = shop.ok_or((Subject::Store, Refusal::StoreNotFound(store)))?;
        self.expected.check(before.map(|it| it.version))?;
        if let Some(cart) = before {
            check_open(cart, actor)?;
        }
        let mut found = Found::default();
        self.contents.check(world, shop, &mut found);
        found.settle()?;
        let cart = Cart {
            key: self.cart.clone(),
            store,
            status: CartStatus::Open,
            contents: self.contents.clone(),
            version: there.map_or(1, |it| it.version + 1),
            expires_at: expiry(world, now),
            order: None,
            temp: None,
        };
        Ok(changed(cart, before.is_none()))
    }
}
