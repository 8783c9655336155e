//! Ship a part of an order, or all that is left of it. The last part makes the order shipped.

use std::collections::BTreeMap;

use super::{ShipmentItem, all_open, packed};
use crate::{
    actor::Actor,
    command::{Decision, Outcome},
    event::{Event, ShipmentCreated},
    id::OrderNo,
    moment::Moment,
    order::{Order, find::find, ship},
    quantity::Quantity,
    refusal::{Found, Refusal, Refusals, Subject},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateShipment {
    pub order: OrderNo,
    /// Absent: all that is open.
    pub items: Option<Vec<ShipmentItem>>,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub expected: Expected,
}

impl CreateShipment {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        let wanted = self.items.as_deref();
        check_lines(order, wanted.unwrap_or_default())?;
        ship::check_shippable(order)?;
        let items = match wanted {
            Some(wanted) => chosen(order, wanted)?,
            None => all_open(order),
        };
        if items.is_empty() {
            return Err(Refusal::NothingToShip(order.no).into());
        }
        let is_last = items == all_open(order);
        let (carrier, tracking_number) = (self.carrier.clone(), self.tracking_number.clone());
        let shipment = packed(order, items, carrier, tracking_number, now);
        let outcome = Outcome::Shipment { order: order.no, id: shipment.id.clone() };
        let mut events = vec![Event::ShipmentCreated(ShipmentCreated { shipment })];
        let mut wishes = Vec::new();
        if is_last {
            let (shipped, captures) = ship::completed(world, order, None)?;
            events.push(shipped);
            wishes = captures;
        }
        Ok(Decision { wishes, outcome, ..Decision::on_order(order.store, order.no, events) })
    }
}

fn check_lines(order: &Order, wanted: &[ShipmentItem]) -> Result<(), Refusals> {
    let mut found = Found::default();
    for (index, item) in wanted.iter().enumerate() {
        if order.lines.iter().all(|it| it.no != item.line) {
            found.add(Subject::ShipmentItem(index), Refusal::LineNotFound { line: item.line });
        }
    }
    found.settle()
}

/// What was asked for, in the order of the lines; one that is named twice is meant twice.
fn chosen(order: &Order, wanted: &[ShipmentItem]) -> Result<Vec<ShipmentItem>, Refusals> {
    let mut found = Found::default();
    let mut quantities: BTreeMap<u32, u32> = BTreeMap::new();
    for (index, item) in wanted.iter().enumerate() {
        let Some(line) = order.lines.iter().find(|it| it.no == item.line) else { continue };
        let requested = quantities.entry(line.no).or_default();
        *requested = requested.saturating_add(item.quantity.get());
        if *requested > line.open() {
            let (line, open, requested) = (line.no, line.open(), *requested);
            let refusal = Refusal::ShipmentExceedsLine { line, open, requested };
            found.add(Subject::ShipmentItem(index), refusal);
        }
    }
    found.settle()?;
    let items = order.lines.iter().filter_map(|line| {
        let quantity = quantities.get(&line.no).copied().and_then(Quantity::new)?;
        Some(ShipmentItem { line: line.no, quantity })
    });
    Ok(items.collect())
}
