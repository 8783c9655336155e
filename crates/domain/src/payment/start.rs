//! Start a payment of a pending prepaid order: its open intent, or a new one after a decline.

use super::{IntentRequest, Payment, PaymentState, is_paid};
use crate::{
    actor::Actor,
    command::{Decision, Outcome},
    effect::{Action, Wish},
    id::{EffectId, OrderNo, PaymentId},
    moment::Moment,
    money::{Currency, Money},
    order::{Order, Status, find::find},
    refusal::{Refusal, Refusals},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartPayment {
    pub order: OrderNo,
    pub expected: Expected,
}

impl StartPayment {
    /// The effects of the payments that the customer may be given: the live one, or the next.
    pub(crate) fn more_keys(&self, order: &Order, keys: &mut Keys) {
        let live = order.payments.iter().filter(|it| it.status.is_live());
        keys.effects.extend(live.map(|it| EffectId::new(it.id.as_str())));
        keys.effects.extend(coming(order).map(|it| EffectId::new(it.as_str())));
    }

    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        if !order.payment_method.is_prepaid() {
            return Err(Refusal::NotPrepaid(order.no).into());
        }
        let not_payable = Refusal::NotPayable { order: order.no, status: order.status };
        match order.status {
            Status::Pending => {}
            Status::Confirmed | Status::Shipped | Status::Delivered if is_paid(order) => {
                return Err(Refusal::AlreadyPaid(order.no).into());
            }
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {
                return Err(not_payable.into());
            }
        }
        let mut open = None;
        for payment in &order.payments {
            match payment.status {
                PaymentState::Open => open = Some(payment),
                PaymentState::Processing | PaymentState::Authorized => {
                    return Err(not_payable.into());
                }
                // It was paid, and yet the order was not confirmed.
                PaymentState::Captured => return Err(Refusal::PaymentMismatch(order.no).into()),
                PaymentState::Failed | PaymentState::Cancelled => {}
            }
        }
        Ok(match open {
            Some(payment) => awaited(order, EffectId::new(payment.id.as_str())),
            None => begun(world, order),
        })
    }
}

/// The next payment of an order. Where it was begun already, this request waits for it too.
fn begun(world: &World, order: &Order) -> Decision {
    let payment = next_payment(order);
    let wish = initialization(world, order.no, payment, order.total, order.currency);
    Decision { wishes: vec![wish.clone()], ..awaited(order, wish.id) }
}

fn awaited(order: &Order, effect: EffectId) -> Decision {
    let outcome = Outcome::Awaits(effect);
    Decision { outcome, ..Decision::on_order(order.store, order.no, Vec::new()) }
}

/// What asks the provider for an intent. The effect has the payment's name.
pub(crate) fn initialization(
    world: &World,
    order: OrderNo,
    payment: PaymentId,
    amount: Money,
    currency: Currency,
) -> Wish {
    let id = EffectId::new(payment.as_str());
    let capture = world.policy.capture;
    let request = IntentRequest { order, payment, amount, currency, capture };
    Wish { id, action: Action::InitializePayment(request) }
}

/// The id of the next payment of an order.
pub(crate) fn next_payment(order: &Order) -> PaymentId {
    payment_id(order.no, order.payments.len() + 1)
}

/// The ids that the next payment may get: a command of the same batch may take the first of them.
pub(super) fn coming(order: &Order) -> [PaymentId; 2] {
    let next = order.payments.len() + 1;
    [next, next + 1].map(|it| payment_id(order.no, it))
}

pub(crate) fn payment_id(order: OrderNo, place: usize) -> PaymentId {
    PaymentId::new(&format!("pay_{}_{place}", order.0))
}

/// A payment as its intent is made: the customer has not paid yet.
pub(crate) fn new_payment(order: &Order, id: PaymentId, at: Moment) -> Payment {
    Payment {
        id,
        method: order.payment_method,
        intent: None,
        status: PaymentState::Open,
        amount: order.total,
        failure: None,
        at,
    }
}
