//! Order a cart: its items become an order, and it is consumed in the same transaction.

use std::collections::BTreeMap;

use super::{
    Cart, CartChange, CartKey, CartStatus, Contents, check_open, expiry, find, method_keys,
    outside::{Ordered, Outside},
    temp::{self, Temp},
};
use crate::{
    actor::Actor,
    address::{Contact, Person},
    command::Decision,
    event::Event,
    id::{DeliveryMethodId, StoreId},
    moment::Moment,
    money::Money,
    order::{
        PaymentMethod,
        place::{PlaceOrder, Prepaying, Terms},
    },
    refusal::{Refusal, Refusals, Subject},
    review::velocity,
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
    /// What the buyer was shown. It is compared, never taken.
    pub total: Option<Money>,
}

impl OrderCart {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.carts.insert(self.cart.clone());
        keys.carts.insert(self.temp_key());
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
        let temp = world.carts.get(&self.temp_key()).filter(|it| it.temp.is_some());
        for cart in world.carts.get(&self.cart).into_iter().chain(temp) {
            keys.stores.insert(cart.store);
            self.contents_keys(&cart.contents, keys);
            cart.temp.iter().for_each(|it| it.keys(keys));
        }
    }

    /// A temp cart is nobody's, whomever it is ordered for.
    fn temp_key(&self) -> CartKey {
        temp::key(self.cart.id.clone())
    }

    /// Of the carts that are here, the temp one too, and of the one outside: which of them counts
    /// is decided later.
    pub(crate) fn velocity_keys(&self, world: &World, keys: &mut Keys) {
        let here = [&self.cart, &self.temp_key()].map(|it| world.carts.get(it));
        let here = here.into_iter().flatten().map(|it| (Some(it.store), &it.contents));
        let outside = self.outside.cart().map(|it| (it.store, &it.contents));
        for (store, contents) in here.chain(outside) {
            let store = self.store.or(store).unwrap_or(StoreId::FIRST);
            let shop = world.stores.share(&store);
            if shop.is_some_and(|it| velocity::in_force(&it).is_some()) {
                self.place(store, contents).velocity_keys(world, keys);
            }
        }
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
        let temp = here.and_then(|it| it.temp.as_deref());
        if contents.items.is_empty() && temp.is_none() {
            return Err((Subject::Cart, Refusal::CartEmpty(self.cart.id.clone())).into());
        }
        let store = self.store.or(store).unwrap_or(StoreId::FIRST);
        self.check_temp(temp, store, here, world)?;
        let place = self.place(store, contents);
        let terms = Terms { prepaying: Prepaying::OnRequest, temp };
        let mut decision = place.decide_for(terms, world, actor, now)?;
        self.check_total(&decision)?;
        let consumed = Cart {
            key: here.map_or_else(|| self.cart.clone(), |it| it.key.clone()),
            store,
            status: CartStatus::Ordered,
            // The order has the person now, in the one place from which it is erased.
            contents: Contents { person: Person::default(), ..contents.clone() },
            version: here.or(world.carts.get(&self.cart)).map_or(1, |it| it.version + 1),
            // Another service may show its cart for ever, so it is remembered for ever.
            expires_at: match (here, temp) {
                (Some(cart), Some(_)) => cart.expires_at,
                (Some(_), None) => expiry(world, now),
                (None, _) => None,
            },
            order: decision.order,
            temp: temp.cloned().map(Box::new),
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
        if let Some(cart) = self.find_temp(world, actor, now) {
            check_open(cart, actor)?;
            let store = Some(cart.store);
            return Ok(Ordered { store, contents: &cart.contents, here: Some(cart) });
        }
        if world.carts.get(&self.cart).is_none_or(|it| !it.is_there(now)) {
            let cart = self.outside.find(&self.cart, actor)?;
            return Ok(Ordered { store: cart.store, contents: &cart.contents, here: None });
        }
        let cart = find(world, actor, &self.cart, now)?;
        check_open(cart, actor)?;
        Ok(Ordered { store: Some(cart.store), contents: &cart.contents, here: Some(cart) })
    }

    /// Customers order what is in their own carts; a temp cart is ordered for its buyer.
    fn find_temp<'a>(&self, world: &'a World, actor: &Actor, now: Moment) -> Option<&'a Cart> {
        let is_there = |it: &&Cart| it.is_there(now);
        if actor.is_customer()
            || world
                .carts
                .get(&self.cart)
                .as_ref()
                .is_some_and(|own| is_there(own) && own.temp.is_none())
        {
            return None;
        }
        let cart = world.carts.get(&self.temp_key()).filter(is_there);
        cart.filter(|it| it.temp.is_some() && actor.may_see(None, it.store))
    }

    fn check_total(&self, decision: &Decision) -> Result<(), Refusal> {
        let Some(Event::OrderCreated(created)) = decision.events.first() else { return Ok(()) };
        let (total, currency) = (created.total, created.currency);
        match self.total {
            Some(shown) if shown != total => Err(Refusal::TotalChanged { shown, total, currency }),
            Some(_) | None => Ok(()),
        }
    }

    /// A temp cart is of its store, in the currency that the store had.
    fn check_temp(
        &self,
        temp: Option<&Temp>,
        store: StoreId,
        here: Option<&Cart>,
        world: &World,
    ) -> Result<(), Refusal> {
        let Some((temp, cart)) = temp.zip(here) else { return Ok(()) };
        let shop = world.stores.get(&cart.store);
        let is_alike = store == cart.store && shop.is_some_and(|it| it.currency == temp.currency);
        if is_alike { Ok(()) } else { Err(Refusal::CartNotFound(self.cart.id.clone())) }
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
