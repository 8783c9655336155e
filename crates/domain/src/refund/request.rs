//! Refund an order, whole or in part: through the provider that took the money, else by record.
//! It may be in any state.

use super::{Part, begin, next_refund, refundable};
use crate::{
    actor::Actor,
    command::{Decision, Outcome},
    id::OrderNo,
    moment::Moment,
    money::{Decimal, Money},
    order::{Order, find::find},
    payment::Payment,
    quantity::Quantity,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq)]
pub struct RequestRefund {
    pub order: OrderNo,
    pub what: Wanted,
    pub reason: Option<String>,
    pub expected: Expected,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    Amount(Decimal),
    Parts {
        items: Vec<WantedItem>,
        shipping: Option<Decimal>,
        /// What was not shipped is cancelled, what was is on the shelf again.
        restock: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedItem {
    pub line: u32,
    pub quantity: Quantity,
}

impl RequestRefund {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        let part = Part::of(order, self)?;
        let payment = payment_with(order, part.amount)?;
        let id = next_refund(order, part.ahead);
        let (event, wish) = begin(order, payment, part, now);
        let mut decision = Decision::on_order(order.store, order.no, vec![event]);
        decision.wishes.extend(wish);
        decision.outcome = Outcome::Refund { order: order.no, id };
        Ok(decision)
    }
}

/// The first payment that has so much left. A refund is of one payment, so what it may be at most
/// is what is left of the one that has most.
fn payment_with(order: &Order, requested: Money) -> Result<&Payment, Refusals> {
    let mut most = Money::ZERO;
    for payment in &order.payments {
        let left = refundable(order, payment)?;
        if left >= requested {
            return Ok(payment);
        }
        most = most.max(left);
    }
    let (refundable, currency) = (most, order.currency);
    Err(Refusal::RefundExceedsPayment { refundable, requested, currency }.into())
}
