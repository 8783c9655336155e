//! Erase a customer: the person is forgotten, the books stay. It begins with the customer's own
//! row; what the orders and carts know of the person follows in pieces.

use super::{PersonalChange, erasure::Erasure};
use crate::{
    cart::{CartKey, CartStatus},
    command::{Decision, Outcome},
    counter::Counter,
    event::{AdminEvent, CustomerErased},
    id::{CustomerId, OrderNo},
    moment::Moment,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct EraseCustomer {
    pub id: CustomerId,
    /// What shows that there is something to erase, and what may stand against it: orders of the
    /// customer that were open a moment ago, or some other one.
    pub orders: Vec<OrderNo>,
    /// All carts of the customer: those that have become orders hold nothing of a person.
    pub carts: Vec<CartKey>,
    pub expected: Expected,
}

impl EraseCustomer {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.customers.insert(self.id.clone());
        keys.erasures.insert(self.id.clone());
        keys.orders.extend(&self.orders);
        keys.carts.extend(self.carts.iter().cloned());
    }

    pub(crate) fn decide(&self, world: &World, now: Moment) -> Result<Decision, Refusals> {
        let customer = world.customers.get(&self.id);
        let under_way = world.erasures.get(&self.id);
        let orders = self.orders.iter().filter_map(|it| world.orders.get(it));
        let orders: Vec<_> = orders.filter(|it| it.customer.as_ref() == Some(&self.id)).collect();
        let is_open =
            |key: &&CartKey| world.carts.get(key).is_some_and(|it| it.status == CartStatus::Open);
        let carts: Vec<_> = self.carts.iter().filter(is_open).cloned().collect();
        let known = orders.iter().any(|it| !it.person_erased) || !carts.is_empty();
        if customer.is_none() && under_way.is_none() && !known {
            return Err(Refusal::CustomerNotFound(self.id.clone()).into());
        }
        self.expected.check(customer.map(|it| it.version))?;
        let open: Vec<_> = orders.iter().filter(|it| it.needs_person()).map(|it| it.no).collect();
        if !open.is_empty() {
            return Err(Refusal::CustomerHasOpenOrders { customer: self.id.clone(), open }.into());
        }
        let erasure = Erasure {
            customer: self.id.clone(),
            begun_at: now,
            until: OrderNo(world.counters.value(Counter::Order)),
            carts,
        };
        let event = AdminEvent::CustomerErased(CustomerErased { id: self.id.clone() });
        let outcome = Outcome::CustomerErased(self.id.clone());
        let personal = Some(PersonalChange::Begin(Box::new(erasure)));
        Ok(Decision { personal, ..Decision::on_catalogue(event, outcome) })
    }
}
