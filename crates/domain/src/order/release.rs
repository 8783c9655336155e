//! Release an order that is on hold. It may be in any state: a payment that does not match holds
//! an order wherever it stands.

use super::find::find;
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderReleased},
    id::OrderNo,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseOrder {
    pub order: OrderNo,
    pub reason: Option<String>,
    pub expected: Expected,
}

impl ReleaseOrder {
    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        if !order.on_hold {
            return Err(Refusal::NotOnHold(order.no).into());
        }
        let released = Event::OrderReleased(OrderReleased { reason: self.reason.clone() });
        Ok(Decision::on_order(order.store, order.no, vec![released]))
    }
}
