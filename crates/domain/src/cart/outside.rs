//! What an outside cart service has said of a cart, before the command that orders it.

use super::{Cart, CartKey, CartStatus, Contents};
use crate::{
    actor::Actor,
    id::{CustomerId, StoreId},
    refusal::Refusal,
};

/// It counts where there is no such cart here.
#[derive(Clone, Debug, PartialEq)]
pub enum Outside {
    /// It has no such cart, or nobody had to ask.
    Nothing,
    Cart(Box<OutsideCart>),
    /// No answer, or none in time.
    Silent,
    /// What it said is no cart.
    Unreadable,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OutsideCart {
    /// Absent: a guest's.
    pub owner: Option<CustomerId>,
    /// Absent: it does not say.
    pub store: Option<StoreId>,
    pub status: CartStatus,
    pub contents: Contents,
}

impl Outside {
    pub(super) fn cart(&self) -> Option<&OutsideCart> {
        match self {
            Outside::Cart(cart) => Some(cart),
            Outside::Nothing | Outside::Silent | Outside::Unreadable => None,
        }
    }

    /// The cart, if it is this customer's and open, and the actor may know of it.
    pub(super) fn find(&self, key: &CartKey, actor: &Actor) -> Result<&OutsideCart, Refusal> {
        let not_found = || Refusal::CartNotFound(key.id.clone());
        let cart = match self {
            Outside::Cart(cart) => cart,
            Outside::Nothing => return Err(not_found()),
            Outside::Silent => return Err(Refusal::CartServiceSilent),
            Outside::Unreadable => return Err(Refusal::CartUnreadable),
        };
        let store = cart.store.unwrap_or(StoreId::FIRST);
        if cart.owner != key.owner || !actor.may_see(cart.owner.as_ref(), store) {
            return Err(not_found());
        }
        match cart.status {
            CartStatus::Open => Ok(cart),
            CartStatus::Ordered => Err(Refusal::CartOrdered { cart: key.id.clone(), order: None }),
        }
    }
}

/// A cart that is about to be ordered, wherever it is kept.
pub(super) struct Ordered<'a> {
    pub(super) store: Option<StoreId>,
    pub(super) contents: &'a Contents,
    /// Absent: it is kept elsewhere.
    pub(super) here: Option<&'a Cart>,
}
