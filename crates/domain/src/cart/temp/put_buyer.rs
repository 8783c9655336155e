//! Put the buyer of a temp cart: who it is for, where it goes, and how it gets there.

use super::{find, key};
use crate::{
    actor::Actor,
    address::Person,
    cart::{Cart, Contents, changed, check_open},
    command::Decision,
    id::{CartId, DeliveryMethodId, StoreId},
    moment::Moment,
    refusal::{Refusal, Refusals, Subject},
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutBuyer {
    pub cart: CartId,
    pub store: StoreId,
    pub person: Box<Person>,
    pub delivery_method: Option<DeliveryMethodId>,
}

impl PutBuyer {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(key(self.cart.clone()));
        keys.delivery_methods.extend(self.delivery_method.clone());
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let cart = find(world, &self.cart, self.store, now)?;
        check_open(cart, actor)?;
        let method = self.delivery_method.as_ref();
        if let Some(id) = method.filter(|id| world.delivery_methods.get(id).is_none()) {
            let refusal = Refusal::DeliveryMethodNotFound(id.clone());
            return Err((Subject::DeliveryMethod, refusal).into());
        }
        let contents = Contents {
            items: Vec::new(),
            delivery_method: self.delivery_method.clone(),
            person: (*self.person).clone(),
        };
        Ok(changed(Cart { contents, version: cart.version + 1, ..cart.clone() }, false))
    }
}
