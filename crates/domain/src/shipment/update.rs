//! Say more of a shipment: who carries it, how it is found there, that it has arrived. The last one
//! that arrives makes an order delivered, once all of the order was shipped.

use super::Shipment;
use crate::{
    actor::Actor,
    command::{Decision, Outcome},
    event::{Event, OrderDelivered, ShipmentUpdated},
    id::OrderNo,
    moment::Moment,
    order::{Order, Status, find::find},
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateShipment {
    pub order: OrderNo,
    pub shipment: String,
    /// What is absent stays as it is.
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub delivered: bool,
    pub expected: Expected,
}

impl UpdateShipment {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &Expected::Any)?;
        let known = order.shipments.iter().find(|it| it.id == self.shipment);
        let known = known.ok_or_else(|| Refusal::ShipmentNotFound(self.shipment.clone()))?;
        self.expected.check(Some(order.version))?;
        let shipment = self.updated(known, now);
        let mut events = Vec::new();
        // A carrier tells the same twice: the second time nothing has happened.
        if shipment != *known {
            events.push(Event::ShipmentUpdated(ShipmentUpdated { shipment: shipment.clone() }));
        }
        if self.delivered && is_last_to_arrive(order, &shipment) {
            events.push(Event::OrderDelivered(OrderDelivered { reason: None }));
        }
        let outcome = Outcome::Shipment { order: order.no, id: shipment.id };
        Ok(Decision { outcome, ..Decision::on_order(order.store, order.no, events) })
    }

    fn updated(&self, known: &Shipment, now: Moment) -> Shipment {
        Shipment {
            carrier: self.carrier.clone().or_else(|| known.carrier.clone()),
            tracking_number: self.tracking_number.clone().or_else(|| known.tracking_number.clone()),
            delivered_at: known.delivered_at.or(self.delivered.then_some(now)),
            ..known.clone()
        }
    }
}

fn is_last_to_arrive(order: &Order, arrived: &Shipment) -> bool {
    match order.status {
        Status::Shipped => {
            let mut others = order.shipments.iter().filter(|it| it.id != arrived.id);
            arrived.delivered_at.is_some() && others.all(|it| it.delivered_at.is_some())
        }
        Status::Pending | Status::Confirmed | Status::Delivered | Status::Cancelled => false,
    }
}
