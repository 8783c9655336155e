//! What somebody means to buy: a session that keeps items, addresses and a delivery method until
//! it becomes an order or runs out.
//!
//! A cart has no prices of its own: they are the catalogue's whenever somebody looks. It writes no
//! event either, for nobody outside has to learn of it; its row and its version are its record.

pub mod create;
pub mod delete;
pub mod order;
pub mod outside;
pub mod pricing;
pub mod put;
pub mod put_items;
pub mod temp;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use self::temp::Temp;
use crate::{
    actor::Actor,
    address::Person,
    command::{Decision, Outcome},
    id::{CartId, CustomerId, DeliveryMethodId, OrderNo, ProductId, StoreId, VariantId},
    moment::Moment,
    order::place::{Item, price_line},
    quantity::Quantity,
    refusal::{Found, Refusal, Subject},
    shop::Shop,
    world::{Keys, World},
};

/// Whose cart, and which of theirs: a cart of the same id of somebody else is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CartKey {
    /// Absent: a guest's.
    pub owner: Option<CustomerId>,
    pub id: CartId,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    pub key: CartKey,
    pub store: StoreId,
    pub status: CartStatus,
    pub contents: Contents,
    pub version: u64,
    /// From then on it is as if it had never been. Absent: it is kept for good.
    pub expires_at: Option<Moment>,
    /// What it has become.
    pub order: Option<OrderNo>,
    /// What a shop has put into it. Absent: it is no temp cart.
    pub temp: Option<Box<Temp>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CartStatus {
    Open,
    Ordered,
}

impl CartStatus {
    pub fn name(self) -> &'static str {
        match self {
            CartStatus::Open => "open",
            CartStatus::Ordered => "ordered",
        }
    }
}

/// What a caller puts into a cart.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    pub items: Vec<CartItem>,
    pub delivery_method: Option<DeliveryMethodId>,
    /// The personal data of a cart stands in its own row and goes with it.
    pub person: Person,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartItem {
    pub product: ProductId,
    pub variant: Option<VariantId>,
    pub quantity: Quantity,
}

impl CartItem {
    pub(crate) fn to_order(&self) -> Item {
        Item {
            product: self.product.clone(),
            variant: self.variant.clone(),
            quantity: self.quantity,
            price: None,
        }
    }
}

impl Contents {
    /// What must be known to price them.
    pub(crate) fn keys(&self, keys: &mut Keys) {
        items_keys(&self.items, keys);
        method_keys(self.delivery_method.as_ref(), keys);
    }

    /// What can't be sold can't be put into a cart. Stock is not looked at: a cart holds none.
    fn check(&self, world: &World, shop: &Shop, found: &mut Found) {
        check_items(&self.items, world, shop, found);
        let method = self.delivery_method.as_ref();
        if let Some(id) = method.filter(|id| world.delivery_methods.get(id).is_none()) {
            found.add(Subject::DeliveryMethod, Refusal::DeliveryMethodNotFound(id.clone()));
        }
    }
}

impl Cart {
    /// What must be known to show it.
    pub fn keys(&self, keys: &mut Keys) {
        keys.stores.insert(self.store);
        self.contents.keys(keys);
        self.temp.iter().for_each(|it| it.keys(keys));
    }

    pub fn is_there(&self, now: Moment) -> bool {
        self.expires_at.is_none_or(|until| now < until)
    }
}

/// The cart of this name, if it is still there and this actor may know of it. A temp cart is no
/// cart of those who keep carts here.
pub(crate) fn find<'w>(
    world: &'w World,
    actor: &Actor,
    key: &CartKey,
    now: Moment,
) -> Result<&'w Cart, Refusal> {
    let visible = |cart: &&Cart| actor.may_see(cart.key.owner.as_ref(), cart.store);
    let there = world.carts.get(key).filter(|it| it.is_there(now));
    let kept_here = there.filter(|it| it.temp.is_none());
    kept_here.filter(visible).ok_or_else(|| Refusal::CartNotFound(key.id.clone()))
}

/// That a cart is not an order yet. An integration writes orders and may not read them all, so it
/// is not told which one.
pub(crate) fn check_open(cart: &Cart, actor: &Actor) -> Result<(), Refusal> {
    match cart.status {
        CartStatus::Open => Ok(()),
        CartStatus::Ordered => {
            let order = cart.order.filter(|_| actor.is_customer() || actor.is_staff());
            Err(Refusal::CartOrdered { cart: cart.key.id.clone(), order })
        }
    }
}

/// Until when a cart that changes now is kept.
pub(crate) fn expiry(world: &World, now: Moment) -> Option<Moment> {
    Some(now.plus_ms(world.policy.cart_kept_ms))
}

fn changed(cart: Cart, created: bool) -> Decision {
    let outcome = Outcome::Cart { key: cart.key.clone(), created };
    Decision::on_cart(cart.store, CartChange::Put(Box::new(cart)), outcome)
}

/// What becomes of a cart's row.
#[derive(Clone, Debug, PartialEq)]
pub enum CartChange {
    Put(Box<Cart>),
    Deleted(CartKey),
}

fn items_keys<'a>(items: impl IntoIterator<Item = &'a CartItem>, keys: &mut Keys) {
    for item in items {
        keys.products.insert(item.product.clone());
        keys.stock.insert(item.to_order().stock_key());
    }
}

fn method_keys(method: Option<&DeliveryMethodId>, keys: &mut Keys) {
    match method {
        Some(method) => _ = keys.delivery_methods.insert(method.clone()),
        None => keys.every_delivery_method = true,
    }
}

fn check_items(items: &[CartItem], world: &World, shop: &Shop, found: &mut Found) {
    for (index, item) in items.iter().enumerate() {
        let Some(product) = world.products.get(&item.product) else {
            found.add(Subject::Item(index), Refusal::ProductNotFound(item.product.clone()));
            continue;
        };
        if let Err((part, refusal)) = price_line(1, &item.to_order(), product, shop) {
            found.add(part.at(index), refusal);
        }
    }
}
