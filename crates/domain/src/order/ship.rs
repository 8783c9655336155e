//! Ship what is left of an order: its stock leaves the house.

use super::{ReviewStatus, Shipment, ShipmentItem, Status, confirm::find, moves};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderShipped, ShipmentCreated},
    id::OrderNo,
    moment::Moment,
    quantity::Quantity,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipOrder {
    pub order: OrderNo,
    pub reason: Option<String>,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub expected: Expected,
}

impl ShipOrder {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        match order.status {
            Status::Confirmed => {}
            Status::Pending | Status::Shipped | Status::Delivered | Status::Cancelled => {
                return Err(moves::illegal(order, Status::Shipped).into());
            }
        }
        if order.review_status == ReviewStatus::UnderReview {
            return Err(Refusal::UnderReview(order.no).into());
        }
        if order.on_hold {
            return Err(Refusal::OnHold(order.no).into());
        }
        let items = order.lines.iter().filter_map(|line| {
            Quantity::new(line.open()).map(|quantity| ShipmentItem { line: line.no, quantity })
        });
        let shipment = Shipment {
            id: format!("shp_{}_{}", order.no.0, order.shipments.len() + 1),
            items: items.collect(),
            carrier: self.carrier.clone(),
            tracking_number: self.tracking_number.clone(),
            at: now,
            delivered_at: None,
        };
        let events = vec![
            Event::ShipmentCreated(ShipmentCreated { shipment }),
            Event::OrderShipped(OrderShipped { reason: self.reason.clone() }),
        ];
        Ok(Decision::on_order(order.store, order.no, events))
    }
}
