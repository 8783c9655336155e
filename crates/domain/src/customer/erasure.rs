//! An erasure under way, and the pieces in which it goes on. Each is a command: what a crash leaves
//! is an open erasure, and it goes on from what is there still.

use serde::{Deserialize, Serialize};

use super::PersonalChange;
use crate::{
    cart::{CartKey, CartStatus},
    command::{Decision, Outcome},
    event::{Event, OrderPersonErased},
    id::{CustomerId, OrderNo},
    idempotency::KeyHash,
    moment::Moment,
    refusal::{Refusal, Refusals},
    review::{Suspect, velocity},
    world::{Keys, World},
};

/// Carts that go with one piece.
pub const CARTS_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub customer: CustomerId,
    pub begun_at: Moment,
    /// Who orders later is somebody new, whatever the name.
    pub until: OrderNo,
    /// Those that have not been looked at.
    pub carts: Vec<CartKey>,
}

/// An order forgets whose it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasePerson {
    pub order: OrderNo,
}

impl ErasePerson {
    pub(crate) fn velocity_keys(&self, world: &World, keys: &mut Keys) {
        if let Some(order) = world.orders.get(&self.order) {
            velocity::keys_of_erased(&Suspect::of(order), keys);
        }
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let order = world.orders.get(&self.order).ok_or(Refusal::OrderNotFound(self.order))?;
        if order.person_erased {
            return Ok(Decision::unchanged(order));
        }
        if let (true, Some(customer)) = (order.needs_person(), order.customer.clone()) {
            let open = vec![order.no];
            return Err(Refusal::CustomerHasOpenOrders { customer, open }.into());
        }
        let events = vec![Event::OrderPersonErased(OrderPersonErased {})];
        let velocities = velocity::forget(&world.velocities, &Suspect::of(order), order.no);
        Ok(Decision { velocities, ..Decision::on_order(order.store, order.no, events) })
    }
}

/// Carts of a customer who is being erased go. One that has become an order stays, so that it is
/// not ordered again: there is nothing of a person in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EraseCarts {
    pub customer: CustomerId,
    /// Some of those that the erasure names.
    pub carts: Vec<CartKey>,
}

impl EraseCarts {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.erasures.insert(self.customer.clone());
        keys.carts.extend(self.carts.iter().cloned());
    }

    pub(crate) fn decide(&self, world: &World) -> Decision {
        let named = world.erasures.get(&self.customer).map(|it| it.carts.as_slice());
        let named = named.unwrap_or_default();
        let seen: Vec<_> = self.carts.iter().filter(|it| named.contains(it)).cloned().collect();
        let is_open = |key: &&CartKey| {
            world.carts.get(key).is_some_and(|cart| match cart.status {
                CartStatus::Open => true,
                CartStatus::Ordered => false,
            })
        };
        let gone = seen.iter().filter(is_open).cloned().collect();
        recorded(PersonalChange::Carts { customer: self.customer.clone(), seen, gone })
    }
}

/// Stored answers that show the person keep their status and headers alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgetAnswers {
    pub keys: Vec<KeyHash>,
}

impl ForgetAnswers {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.idempotency.extend(&self.keys);
    }

    pub(crate) fn decide(&self) -> Decision {
        recorded(PersonalChange::Answers(self.keys.clone()))
    }
}

/// Nothing of the person is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndErasure {
    pub customer: CustomerId,
    /// As whoever looked has seen it begin: another one may have begun since.
    pub begun_at: Moment,
}

impl EndErasure {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.erasures.insert(self.customer.clone());
    }

    pub(crate) fn decide(&self, world: &World) -> Decision {
        let this = world.erasures.get(&self.customer).filter(|it| it.begun_at == self.begun_at);
        match this.filter(|it| it.carts.is_empty()) {
            Some(_) => recorded(PersonalChange::End(self.customer.clone())),
            None => Decision::on_effects(Vec::new(), Outcome::Recorded),
        }
    }
}

fn recorded(change: PersonalChange) -> Decision {
    let personal = Some(change);
    Decision { personal, ..Decision::on_effects(Vec::new(), Outcome::Recorded) }
}
