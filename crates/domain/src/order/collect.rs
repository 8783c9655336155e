//! Collect the money of an order that is not prepaid: staff have it in their hands.

use super::{Payment, PaymentState, PaymentStatus, Status, confirm::find};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderPaid, PaymentCaptured},
    id::OrderNo,
    moment::Moment,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectPayment {
    pub order: OrderNo,
    pub expected: Expected,
}

impl CollectPayment {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        match order.payment_status() {
            PaymentStatus::Unpaid | PaymentStatus::Authorized => {}
            PaymentStatus::Paid | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => {
                return Err(Refusal::AlreadyPaid(order.no).into());
            }
        }
        if actor.is_customer() {
            return Err(Refusal::NotPrepaid(order.no).into());
        }
        match order.status {
            Status::Confirmed | Status::Shipped | Status::Delivered => {}
            Status::Pending | Status::Cancelled => {
                let (order, status) = (order.no, order.status);
                return Err(Refusal::NotCollectable { order, status }.into());
            }
        }
        let amount = order.total.minus(order.totals()?.paid)?;
        let payment = Payment {
            id: format!("pay_{}_{}", order.no.0, order.payments.len() + 1),
            method: order.payment_method,
            status: PaymentState::Captured,
            amount,
            at: now,
        };
        let events = vec![
            Event::PaymentCaptured(PaymentCaptured { payment, currency: order.currency }),
            Event::OrderPaid(OrderPaid { amount, currency: order.currency }),
        ];
        Ok(Decision::on_order(order.store, order.no, events))
    }
}
