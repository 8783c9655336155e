//! Cancel an order: its stock is free again, its money goes back, its invoice is credited.

use super::{
    CancelCause, DocumentNumber, Order, Status,
    find::{find, shop_of},
    moves,
};
use crate::{
    actor::{Actor, Role},
    command::Decision,
    counter::Counter,
    effect::Wish,
    event::{Event, OrderCancelled},
    id::OrderNo,
    moment::Moment,
    money::Money,
    payment, refund,
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
        let cause = match actor.role {
            Role::Customer(_) => CancelCause::Customer,
            // What expires or fails has commands of its own: this is the shop's will, so the
            // order never comes back.
            Role::Staff | Role::Integration | Role::System => CancelCause::Staff,
        };
        let (events, wishes) = take_back(world, order, cause, self.reason.clone(), now)?;
        Ok(Decision { wishes, ..Decision::on_order(order.store, order.no, events) })
    }
}

/// Cancels an order of which nothing has left the house, with all that this brings about.
pub(super) fn take_back(
    world: &World,
    order: &Order,
    cause: CancelCause,
    reason: Option<String>,
    now: Moment,
) -> Result<(Vec<Event>, Vec<Wish>), Refusals> {
    let cancelled = OrderCancelled { cause, reason, credit_note: credit_note(world, order, now)? };
    let (refunds, mut wishes) = returned_money(order, now)?;
    wishes.extend(payment::cancel_live(order));
    let mut events = vec![Event::OrderCancelled(cancelled)];
    events.extend(refunds);
    Ok((events, wishes))
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

/// Whatever is left of each payment goes back: by hand where it came so, and the books say so at
/// once; else through the provider.
fn returned_money(order: &Order, now: Moment) -> Result<(Vec<Event>, Vec<Wish>), Refusals> {
    let (mut events, mut wishes) = (Vec::new(), Vec::new());
    for payment in &order.payments {
        let amount = refund::refundable(order, payment)?;
        if amount == Money::ZERO {
            continue;
        }
        let reason = Some("order cancelled".into());
        let part = refund::Part { amount, reason, ahead: events.len(), ..Default::default() };
        let (event, wish) = refund::begin(order, payment, part, now);
        events.push(event);
        wishes.extend(wish);
    }
    Ok((events, wishes))
}
