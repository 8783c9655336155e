//! Remember the shop's own id of an order.

use super::find::find;
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderMerchantUpdated},
    id::OrderNo,
    refusal::Refusals,
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetMerchantOrderId {
    pub order: OrderNo,
    pub merchant_order_id: String,
}

impl SetMerchantOrderId {
    /// In every state: the books of two systems are held against each other long after.
    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &Expected::Any)?;
        let mut events = Vec::new();
        // Shops repeat without a key: the same once more has happened already.
        if order.merchant_order_id() != Some(self.merchant_order_id.as_str()) {
            let merchant_order_id = self.merchant_order_id.clone();
            events.push(Event::OrderMerchantUpdated(OrderMerchantUpdated { merchant_order_id }));
        }
        Ok(Decision::on_order(order.store, order.no, events))
    }
}
