//! Confirm a pending order: it becomes complete, with a retrieval number and an invoice number.

use super::{DocumentNumber, Order, Status, moves};
use crate::{
    actor::Actor,
    command::Decision,
    counter::Counter,
    event::{Event, OrderConfirmed},
    id::OrderNo,
    moment::Moment,
    refusal::{Refusal, Refusals},
    shop::Shop,
    version::Expected,
    world::World,
};

/// Staff confirm it: payable on account if its method is prepaid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmOrder {
    pub order: OrderNo,
    pub expected: Expected,
}

/// Under what terms an order becomes complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Terms {
    Ordinary,
    OnAccount,
}

impl ConfirmOrder {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        match order.status {
            Status::Pending => {
                let shop = shop_of(world, order)?;
                let terms = if order.payment_method.is_prepaid() {
                    Terms::OnAccount
                } else {
                    Terms::Ordinary
                };
                let confirmed = completion(world, shop, now, terms);
                let events = vec![Event::OrderConfirmed(confirmed)];
                Ok(Decision::on_order(order.store, order.no, events))
            }
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {
                Err(moves::illegal(order, Status::Confirmed).into())
            }
        }
    }
}

/// The event that completes an order, with the store's next numbers.
pub(super) fn completion(world: &World, shop: &Shop, now: Moment, terms: Terms) -> OrderConfirmed {
    let year = now.year_in(&shop.zone());
    OrderConfirmed {
        retrieval_no: world.counters.next(Counter::Retrieval(shop.id)),
        invoice: DocumentNumber {
            prefix: shop.invoice_prefix.clone(),
            year,
            no: world.counters.next(Counter::Invoice(shop.id, year)),
        },
        on_account: terms == Terms::OnAccount,
    }
}

/// The order that a command names, if this actor may know of it and it is still the version that
/// the actor has seen.
pub(super) fn find<'w>(
    world: &'w World,
    actor: &Actor,
    no: OrderNo,
    expected: &Expected,
) -> Result<&'w Order, Refusals> {
    let visible = |order: &&Order| actor.may_see(order.customer.as_ref(), order.store);
    let order = world.orders.get(&no).filter(visible).ok_or(Refusal::OrderNotFound(no))?;
    expected.check(Some(order.version))?;
    Ok(order)
}

pub(super) fn shop_of<'w>(world: &'w World, order: &Order) -> Result<&'w Shop, Refusals> {
    Ok(world.stores.get(&order.store).ok_or(Refusal::StoreNotFound(order.store))?)
}
