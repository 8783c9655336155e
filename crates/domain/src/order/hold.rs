//! Put an order on hold: nothing of it ships until it is released.

use super::{Status, find::find};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderHeld},
    id::OrderNo,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldOrder {
    pub order: OrderNo,
    pub reason: Option<String>,
    pub expected: Expected,
}

impl HoldOrder {
    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        match order.status {
            Status::Pending | Status::Confirmed => {}
            Status::Shipped | Status::Delivered | Status::Cancelled => {
                let (order, status) = (order.no, order.status);
                return Err(Refusal::NotHoldable { order, status }.into());
            }
        }
        if order.on_hold {
            return Err(Refusal::OnHold(order.no).into());
        }
        let held = Event::OrderHeld(OrderHeld { reason: self.reason.clone() });
        Ok(Decision::on_order(order.store, order.no, vec![held]))
    }
}
