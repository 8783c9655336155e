//! Confirm a pending order: it becomes complete, with a retrieval number and an invoice number.

use super::{
    DocumentNumber, Status,
    find::{find, shop_of},
    moves,
};
use crate::{
    actor::Actor,
    command::Decision,
    counter::Counter,
    event::{Event, OrderConfirmed},
    id::OrderNo,
    moment::Moment,
    payment::cancel_live,
    refusal::Refusals,
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
pub(crate) enum Terms {
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
                let wishes = cancel_live(order);
                Ok(Decision { wishes, ..Decision::on_order(order.store, order.no, events) })
            }
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {
                Err(moves::illegal(order, Status::Confirmed).into())
            }
        }
    }
}

/// The event that completes an order, with the store's next numbers.
pub(crate) fn completion(world: &World, shop: &Shop, now: Moment, terms: Terms) -> OrderConfirmed {
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
