//! The provider has made no intent, or none that we know of in time.

use super::{
    Payment, PaymentState, cancel_live, fruitless, intent_keys, is_captured,
    start::{new_payment, payment_id},
    void_id,
};
use crate::{
    actor::Actor,
    command::Decision,
    effect::{Action, Effect, EffectId, EffectState, Wish, Yield},
    event::{Event, OrderCancelled, PaymentChanged},
    id::{OrderNo, PaymentId},
    moment::Moment,
    order::{CancelCause, Order, Status, find::find},
    refusal::Refusals,
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailIntent {
    pub order: OrderNo,
    /// The effect that asked for it.
    pub effect: EffectId,
    /// For people.
    pub message: String,
    /// Nobody knows whether the provider has made one: then it must be found and cancelled.
    pub may_exist: bool,
}

impl FailIntent {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        intent_keys(self.order, &self.effect, keys);
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &Expected::Any)?;
        let unchanged = Decision::unchanged(order);
        let Some(effect) = world.effects.get(&self.effect) else { return Ok(unchanged) };
        let payment = PaymentId::new(self.effect.as_str());
        match effect.state {
            EffectState::Open => {}
            // Two have worked on it, and the second does not know how its own try has ended.
            ref ended @ (EffectState::Failed(_) | EffectState::Done(_)) => {
                let search = self.search(effect, &payment).filter(|_| ended.is_fruitless());
                return Ok(Decision { wishes: Vec::from_iter(search), ..unchanged });
            }
        }
        let mut events = Vec::new();
        let mut wishes = Vec::new();
        let mut end = fruitless(order, self.message.clone());
        match order.status {
            Status::Pending => {
                events.extend(self.failed(order, &payment, now));
                let has_placed = order.with_payment && payment == payment_id(order.no, 1);
                if has_placed && is_captured(order) {
                    end = EffectState::Done(Yield::Nothing);
                } else if has_placed {
                    events.push(Event::OrderCancelled(OrderCancelled {
                        cause: CancelCause::Provider,
                        reason: None,
                        credit_note: None,
                    }));
                    wishes = cancel_live(order);
                }
            }
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {}
        }
        wishes.extend(self.search(effect, &payment));
        let closes = Some((self.effect.clone(), end));
        Ok(Decision { events, wishes, closes, ..unchanged })
    }

    /// Asked for by the request of before, so that the provider knows it by its key.
    fn search(&self, effect: &Effect, payment: &PaymentId) -> Option<Wish> {
        match &effect.action {
            // One that was claimed was worked on before, and nobody knows how that ended.
            Action::InitializePayment(request) if self.may_exist || effect.attempts > 0 => {
                let action = Action::CancelPayment { intent: None, request: request.clone() };
                Some(Wish { id: void_id(payment), action })
            }
            Action::InitializePayment(_)
            | Action::CancelPayment { .. }
            | Action::CapturePayment { .. }
            | Action::RefundPayment { .. } => None,
        }
    }

    /// It counts among the payments, so that the next one gets another name. If the provider has
    /// told of its intent before, that stands.
    fn failed(&self, order: &Order, id: &PaymentId, now: Moment) -> Option<Event> {
        if order.payments.iter().any(|it| it.id == *id) {
            return None;
        }
        let payment = Payment {
            status: PaymentState::Failed,
            failure: Some(self.message.clone()),
            ..new_payment(order, id.clone(), now)
        };
        let currency = order.currency;
        Some(Event::PaymentFailed(PaymentChanged { payment, currency, expires_at: None }))
    }
}
