//! Cancel an order whose customer has not paid in time: its stock is free again.

use super::{CancelCause, Order, Status, find::find};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderCancelled},
    id::OrderNo,
    moment::Moment,
    payment::cancel_live,
    refusal::Refusals,
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpireOrder {
    pub order: OrderNo,
}

impl ExpireOrder {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &Expected::Any)?;
        let unchanged = Decision::unchanged(order);
        if !has_run_out(order, now) {
            return Ok(unchanged);
        }
        Ok(Decision { events: vec![expiry()], wishes: cancel_live(order), ..unchanged })
    }
}

/// Where money has come, or is on its way, nothing runs out: [`Order::expires_at`] says so.
pub(crate) fn has_run_out(order: &Order, now: Moment) -> bool {
    match order.status {
        Status::Pending => order.expires_at.is_some_and(|it| it <= now),
        Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => false,
    }
}

pub(crate) fn expiry() -> Event {
    let cause = CancelCause::Expired;
    Event::OrderCancelled(OrderCancelled { cause, reason: None, credit_note: None })
}
