//! Collect the money of an order that is payable on account or in cash: staff have it in their
//! hands.

use super::{Order, PaymentStatus, Status, find::find};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderPaid, PaymentChanged},
    id::OrderNo,
    moment::Moment,
    payment::{IntentState, Payment, PaymentState, cancel_live, start::next_payment},
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
        if let Some(state) = awaited(order) {
            let (order, state) = (order.no, Some(state));
            return Err(Refusal::PaymentNotCompleted { order, state }.into());
        }
        let amount = order.total.minus(order.totals()?.paid)?;
        let payment = Payment {
            id: next_payment(order),
            method: order.payment_method,
            intent: None,
            status: PaymentState::Captured,
            amount,
            failure: None,
            at: now,
        };
        let events = vec![
            Event::PaymentCaptured(PaymentChanged {
                payment,
                currency: order.currency,
                expires_at: None,
            }),
            Event::OrderPaid(OrderPaid { amount, currency: order.currency }),
        ];
        // Whoever has paid by hand shall not be charged by the provider too.
        let wishes = cancel_live(order);
        Ok(Decision { wishes, ..Decision::on_order(order.store, order.no, events) })
    }
}

/// The state of a payment that may still come through the provider. Whoever collected beside it
/// would be paid twice. On account, no such payment is wanted any more: one that comes goes back.
fn awaited(order: &Order) -> Option<IntentState> {
    if order.on_account {
        return None;
    }
    order.payments.iter().find_map(|payment| match payment.status {
        PaymentState::Open => Some(IntentState::Open),
        PaymentState::Processing => Some(IntentState::Processing),
        PaymentState::Authorized => Some(IntentState::Authorized),
        PaymentState::Captured | PaymentState::Failed | PaymentState::Cancelled => None,
    })
}
