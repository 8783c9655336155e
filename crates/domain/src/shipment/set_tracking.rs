//! Say by which numbers an order is found at its carrier. What has not left yet leaves with them.

use super::{Shipment, all_open, packed};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, ShipmentCreated, ShipmentUpdated},
    id::OrderNo,
    moment::Moment,
    order::{Order, Status, find::find, ship},
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetTracking {
    pub order: OrderNo,
    /// Each once.
    pub numbers: Vec<String>,
}

impl SetTracking {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &Expected::Any)?;
        let known = |number: &&String| {
            order.shipments.iter().flat_map(Shipment::tracking_numbers).any(|it| it == *number)
        };
        let new: Vec<String> = self.numbers.iter().filter(|it| !known(it)).cloned().collect();
        let decision = |events| Decision::on_order(order.store, order.no, events);
        // Shops repeat without a key: what is known already has happened already.
        if new.is_empty() {
            return Ok(decision(Vec::new()));
        }
        match order.status {
            Status::Pending | Status::Confirmed | Status::Cancelled => {}
            Status::Shipped | Status::Delivered => {
                return Ok(decision(vec![joined(order, new)?]));
            }
        }
        ship::check_shippable(order)?;
        let open = all_open(order);
        let tracked = if open.is_empty() {
            // What had not left was cancelled since: there is no further parcel.
            joined(order, new)?
        } else {
            let shipment = with_further(packed(order, open, None, None, now), new);
            Event::ShipmentCreated(ShipmentCreated { shipment })
        };
        let (shipped, wishes) = ship::completed(world, order, None)?;
        Ok(Decision { wishes, ..decision(vec![tracked, shipped]) })
    }
}

/// The last shipment, with these numbers too.
fn joined(order: &Order, new: Vec<String>) -> Result<Event, Refusal> {
    let last = order.shipments.last().cloned().ok_or(Refusal::NothingToShip(order.no))?;
    Ok(Event::ShipmentUpdated(ShipmentUpdated { shipment: with_further(last, new) }))
}

fn with_further(mut shipment: Shipment, new: Vec<String>) -> Shipment {
    let mut new = new.into_iter();
    if shipment.tracking_number.is_none() {
        shipment.tracking_number = new.next();
    }
    shipment.further_tracking_numbers.extend(new);
    shipment
}
