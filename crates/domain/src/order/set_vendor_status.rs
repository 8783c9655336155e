//! The shop says how far it has come with an order. At the end of its day the order is shipped.

use super::{
    find::find,
    merchant::{MerchantStatus, VendorStatus},
    ship,
};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderVendorStatusChanged, ShipmentCreated},
    id::OrderNo,
    moment::Moment,
    refusal::{Refusal, Refusals},
    shipment,
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetVendorStatus {
    pub order: OrderNo,
    pub vendor_status: VendorStatus,
}

impl SetVendorStatus {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &Expected::Any)?;
        let (status, wanted) = (order.merchant_status(), self.vendor_status);
        // Shops repeat without a key: the same once more has happened already.
        if status == MerchantStatus::Vendor(wanted) {
            return Ok(Decision::on_order(order.store, order.no, Vec::new()));
        }
        if order.confirmed_at.is_none() || !status.is_settable() {
            return Err(Refusal::VendorStatusFixed { order: order.no, status }.into());
        }
        let changed = OrderVendorStatusChanged { vendor_status: wanted };
        let mut events = vec![Event::OrderVendorStatusChanged(changed)];
        let mut wishes = Vec::new();
        if wanted == VendorStatus::EndOfDayComplete {
            ship::check_shippable(order)?;
            let open = shipment::all_open(order);
            if !open.is_empty() {
                let shipment = shipment::packed(order, open, None, None, now);
                events.push(Event::ShipmentCreated(ShipmentCreated { shipment }));
            } else if order.lines.iter().all(|it| it.counts.shipped == 0) {
                return Err(Refusal::NothingToShip(order.no).into());
            }
            let (shipped, captures) = ship::completed(world, order, None)?;
            events.push(shipped);
            wishes = captures;
        }
        Ok(Decision { wishes, ..Decision::on_order(order.store, order.no, events) })
    }
}
