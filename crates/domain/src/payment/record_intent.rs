//! The provider has made an intent. If the order no longer wants it, it is cancelled.

use super::{
    ClientSecret, Payment, PaymentState, fruitless, has_money, intent_keys, start::new_payment,
    void,
};
use crate::{
    actor::Actor,
    command::Decision,
    effect::{EffectId, EffectState, Yield},
    event::{Event, PaymentChanged},
    id::{IntentId, OrderNo, PaymentId},
    moment::Moment,
    order::{Order, Status, find::find},
    refusal::Refusals,
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordIntent {
    pub order: OrderNo,
    /// The effect that asked for it.
    pub effect: EffectId,
    pub intent: IntentId,
    pub client_secret: ClientSecret,
}

impl RecordIntent {
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
        let payment = Payment {
            intent: Some(self.intent.clone()),
            ..new_payment(order, PaymentId::new(self.effect.as_str()), now)
        };
        let unchanged = Decision::unchanged(order);
        Ok(match world.effects.get(&self.effect).map(|it| &it.state) {
            Some(EffectState::Open) => self.ended(order, payment),
            // It was given up, and whoever waited was told so.
            Some(ended) if ended.is_fruitless() => {
                Decision { wishes: vec![void(order, &payment)], ..unchanged }
            }
            Some(EffectState::Done(_) | EffectState::Failed(_)) | None => unchanged,
        })
    }

    fn ended(&self, order: &Order, payment: Payment) -> Decision {
        // Its news may have been quicker than the news that it is there.
        let known = order.payments.iter().find(|it| it.intent == payment.intent);
        let unchanged = Decision::unchanged(order);
        let is_paying = known.is_some_and(|it| match it.status {
            PaymentState::Authorized | PaymentState::Captured => true,
            PaymentState::Open
            | PaymentState::Processing
            | PaymentState::Failed
            | PaymentState::Cancelled => false,
        });
        let unneeded = |why| {
            let closes = Some((self.effect.clone(), fruitless(order, why)));
            let unwanted = Some(known.unwrap_or(&payment)).filter(|it| it.may_still_pay());
            let wishes = unwanted.map(|it| void(order, it)).into_iter().collect();
            Decision { wishes, closes, ..Decision::unchanged(order) }
        };
        match order.status {
            // A person decides over what came, and nobody has to pay meanwhile.
            Status::Pending if has_money(order) && !is_paying => {
                unneeded(format!("order {} has brought another payment", order.no))
            }
            Status::Pending => {
                let currency = order.currency;
                let created =
                    PaymentChanged { payment: payment.clone(), currency, expires_at: None };
                let created = known.is_none().then_some(Event::PaymentCreated(created));
                Decision { events: Vec::from_iter(created), closes: self.made(), ..unchanged }
            }
            Status::Confirmed | Status::Shipped | Status::Delivered if is_paying => {
                Decision { closes: self.made(), ..unchanged }
            }
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {
                unneeded(format!("order {} is {} already", order.no, order.status.name()))
            }
        }
    }

    fn made(&self) -> Option<(EffectId, EffectState)> {
        let (intent, client_secret) = (self.intent.clone(), self.client_secret.clone());
        let made = Yield::Intent { intent, client_secret };
        Some((self.effect.clone(), EffectState::Done(made)))
    }
}
