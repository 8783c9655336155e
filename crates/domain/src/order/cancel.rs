//! Cancel an order: its stock is free again, its money goes back, its invoice is credited.

use super::{
    CancelCause, DocumentNumber, Order, Refund, Status,
    confirm::{find, shop_of},
    moves,
};
use crate::{
    actor::{Actor, Role},
    command::Decision,
    counter::Counter,
    event::{Event, OrderCancelled, OrderRefunded},
    id::OrderNo,
    moment::Moment,
    money::Money,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelOrder {
    pub order: OrderNo,
    pub reason: Option<String>,
    pub expected: Expected,
}

impl CancelOrder {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        match order.status {
            Status::Pending => {}
            Status::Confirmed if actor.is_customer() => {
                return Err(Refusal::CancelForbidden(order.no).into());
            }
            Status::Confirmed if order.lines.iter().any(|it| it.counts.shipped > 0) => {
                return Err(Refusal::PartiallyShipped(order.no).into());
            }
            Status::Confirmed => {}
            Status::Shipped | Status::Delivered | Status::Cancelled => {
                return Err(moves::illegal(order, Status::Cancelled).into());
            }
        }
        let cancelled = OrderCancelled {
            cause: match actor.role {
                Role::Customer(_) => CancelCause::Customer,
                Role::Staff | Role::Integration => CancelCause::Staff,
                Role::System => CancelCause::Expired,
            },
            reason: self.reason.clone(),
            credit_note: credit_note(world, order, now)?,
        };
        let mut events = vec![Event::OrderCancelled(cancelled)];
        events.extend(returned_money(order, now)?.map(Event::OrderRefunded));
        Ok(Decision::on_order(order.store, order.no, events))
    }
}

/// An invoice that was issued is taken back by a credit note, never by a gap.
fn credit_note(
    world: &World,
    order: &Order,
    now: Moment,
) -> Result<Option<DocumentNumber>, Refusals> {
    let Some(invoice) = &order.invoice else { return Ok(None) };
    let shop = shop_of(world, order)?;
    let year = now.year_in(&shop.zone());
    Ok(Some(DocumentNumber {
        prefix: format!("{}-CN", invoice.prefix),
        year,
        no: world.counters.next(Counter::CreditNote(shop.id, year)),
    }))
}

/// What was collected by hand goes back by hand; the books say so at once.
fn returned_money(order: &Order, now: Moment) -> Result<Option<OrderRefunded>, Refusals> {
    let totals = order.totals()?;
    let amount = totals.paid.minus(totals.refunded)?;
    if amount <= Money::ZERO {
        return Ok(None);
    }
    let refund = Refund {
        id: format!("re_{}_{}", order.no.0, order.refunds.len() + 1),
        amount,
        method: "manual".into(),
        reason: Some("order cancelled".into()),
        at: now,
    };
    Ok(Some(OrderRefunded { refund, currency: order.currency }))
}
