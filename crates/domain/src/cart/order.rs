//! Order a cart: its items become an order, and it is consumed in the same transaction.

use std::collections::BTreeMap;

use super::{
    Cart, CartChange, CartKey, CartStatus, Contents, check_open, expiry, find, method_keys,
    outside::{Ordered, Outside},
};
use crate::{
    actor::Actor,
    address::{Contact, Person},
    command::Decision,
    id::{DeliveryMethodId, StoreId},
    moment::Moment,
    order::{
        PaymentMethod,
        place::{PlaceOrder, Prepaying},
    },
    refusal::{Refusal, Refusals, Subject},
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct OrderCart {
    pub cart: CartKey,
    /// What an outside cart service has said of this name.
    pub outside: Outside,
    /// Absent: the cart's.
    pub store: Option<StoreId>,
    /// Absent: the cart's, else the cheapest that suits.
    pub delivery_method: Option<DeliveryMethodId>,
    pub payment_method: PaymentMethod,
    /// What it leaves out is the cart's.
    pub person: Box<Person>,
    /// Of the caller, where neither the request nor the cart has one.
    pub email: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

impl OrderCart {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(self.cart.clone());
        keys.customers.extend(self.cart.owner.clone());
        let outside = self.outside.cart();
        let store = self.store.or(outside.and_then(|it| it.store));
        keys.stores.insert(store.unwrap_or(StoreId::FIRST));
        if let Some(method) = &self.delivery_method {
            keys.delivery_methods.insert(method.clone());
        }
        if let Some(outside) = outside {
            self.contents_keys(&outside.contents, keys);
        }
    }

    /// What the cart has shown to be needed.
    pub(crate) fn more_keys(&self, world: &World, keys: &mut Keys) {
        let Some(cart) = world.carts.get(&self.cart) else { return };
        keys.stores.insert(cart.store);
        self.contents_keys(&cart.contents, keys);
    }

    fn contents_keys(&self, contents: &Contents, keys: &mut Keys) {
        super::items_keys(&contents.items, keys);
        if self.delivery_method.is_none() {
            method_keys(contents.delivery_method.as_ref(), keys);
        }
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let Ordered { store, contents, here } = self.find(world, actor, now)?;
        if contents.items.is_empty() {
            return Err((Subject::Cart, Refusal::CartEmpty(self.cart.id.clone())).into());
        }
        let store = self.store.or(store).unwrap_or(StoreId::FIRST);
        let place = self.place(store, contents);
        let mut decision = place.decide_for(Prepaying::OnRequest, world, actor, now)?;
        let consumed = Cart {
            key: self.cart.clone(),
            store,
            status: CartStatus::Ordered,
            // The order has the person now, in the one place from which it is erased.
            contents: Contents { person: Person::default(), ..contents.clone() },
            version: world.carts.get(&self.cart).map_or(1, |it| it.version + 1),
            // Another service may show its cart for ever, so it is remembered for ever.
            expires_at: here.and_then(|_| expiry(world, now)),
            order: decision.order,
        };
        decision.cart = Some(CartChange::Put(Box::new(consumed)));
        Ok(decision)
    }

    /// The cart of ours that is there, else what stands outside under its name.
    fn find<'a>(
        &'a self,
        world: &'a World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Ordered<'a>, Refusal> {
        if world.carts.get(&self.cart).is_none_or(|it| !it.is_there(now)) {
            let cart = self.outside.find(&self.cart, actor)?;
            return Ok(Ordered { store: cart.store, contents: &cart.contents, here: None });
        }
        let cart = find(world, actor, &self.cart, now)?;
        check_open(cart, actor)?;
        Ok(Ordered { store: Some(cart.store), contents: &cart.contents, here: Some(cart) })
    }

    fn place(&self, store: StoreId, contents: &Contents) -> PlaceOrder {
        let delivery_method =
            self.delivery_method.clone().or_else(|| contents.delivery_method.clone());
        PlaceOrder {
            store,
            customer: self.cart.owner.clone(),
            items: contents.items.iter().map(super::CartItem::to_order).collect(),
            delivery_method,
            payment_method: self.payment_method,
            prepay: false,
            person: Box::new(self.person(&contents.person)),
            metadata: self.metadata.clone(),
        }
    }

    fn person(&self, of_cart: &Person) -> Person {
        let own = (*self.person).clone();
        let email = own.contact.email.or_else(|| of_cart.contact.email.clone());
        Person {
            shipping_address: own.shipping_address.or_else(|| of_cart.shipping_address.clone()),
            billing_address: own.billing_address.or_else(|| of_cart.billing_address.clone()),
            contact: Contact {
                email: email.or_else(|| self.email.clone()),
                phone: own.contact.phone.or_else(|| of_cart.contact.phone.clone()),
            },
            notes: own.notes,
        }
    }
}
