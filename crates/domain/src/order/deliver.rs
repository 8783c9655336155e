//! Deliver: the customer has it.

use super::{Status, find::find, moves};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderDelivered},
    id::OrderNo,
    refusal::Refusals,
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverOrder {
    pub order: OrderNo,
    pub reason: Option<String>,
    pub expected: Expected,
}

impl DeliverOrder {
    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        match order.status {
            Status::Shipped => {
                let delivered = OrderDelivered { reason: self.reason.clone() };
                let events = vec![Event::OrderDelivered(delivered)];
                Ok(Decision::on_order(order.store, order.no, events))
            }
            Status::Pending | Status::Confirmed | Status::Delivered | Status::Cancelled => {
                Err(moves::illegal(order, Status::Delivered).into())
            }
        }
    }
}
