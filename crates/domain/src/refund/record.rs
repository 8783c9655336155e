//! Record how the provider has decided about a refund.

use super::{Refund, RefundState};
use crate::{
    actor::Actor,
    command::{Decision, Outcome},
    effect::{Effect, EffectId, EffectState, Yield},
    event::{Event, RefundChanged},
    id::OrderNo,
    order::{Order, find::find},
    refusal::Refusals,
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRefund {
    pub order: OrderNo,
    /// The effect that asked for it; the refund has the same name.
    pub effect: EffectId,
    /// Succeeded or failed: while it is pending there is nothing to record.
    pub state: RefundState,
    /// Why it failed, in words for people.
    pub message: Option<String>,
}

impl RecordRefund {
    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &Expected::Any)?;
        let mut decision = Decision::on_order(order.store, order.no, self.news(order));
        decision.outcome = Outcome::Recorded;
        let is_open = world.effects.get(&self.effect).is_some_and(Effect::is_open);
        decision.closes = self.end().filter(|_| is_open).map(|end| (self.effect.clone(), end));
        Ok(decision)
    }

    /// Nothing, if it was recorded before: a refund ends once.
    fn news(&self, order: &Order) -> Vec<Event> {
        let asked = order.refunds.iter().find(|it| it.id == self.effect.as_str());
        let pending = asked.filter(|it| it.status == RefundState::Pending);
        let changed = pending.map(|refund| RefundChanged {
            refund: Refund {
                status: self.state,
                failure: self.message.clone().filter(|_| self.state == RefundState::Failed),
                ..refund.clone()
            },
            currency: order.currency,
        });
        let event = changed.and_then(|changed| match self.state {
            RefundState::Pending => None,
            RefundState::Succeeded => Some(Event::OrderRefunded(changed)),
            RefundState::Failed => Some(Event::OrderRefundFailed(changed)),
        });
        event.into_iter().collect()
    }

    /// How the effect ends.
    fn end(&self) -> Option<EffectState> {
        match self.state {
            RefundState::Pending => None,
            RefundState::Succeeded => Some(EffectState::Done(Yield::Nothing)),
            RefundState::Failed => {
                Some(EffectState::Failed(self.message.clone().unwrap_or_default()))
            }
        }
    }
}
