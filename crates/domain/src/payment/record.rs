//! Record what the provider says of an intent: whoever asked, a callback, a job or the customer.

use super::{
    IntentNews, IntentState, Payment, PaymentState, is_paid,
    news::{Case, Step, not_captured},
    start::{coming, new_payment, next_payment},
    void_id,
};
use crate::{
    actor::{Actor, Role},
    command::{Decision, Outcome},
    effect::{Action, Effect, EffectChange, EffectId, EffectState, Yield},
    id::OrderNo,
    moment::Moment,
    order::{Order, find::find},
    refusal::{Refusal, Refusals},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPayment {
    pub order: OrderNo,
    /// Absent: the order has no intent that anybody could ask about; with `closes`: the effect was
    /// given up.
    pub news: Option<IntentNews>,
    /// The effect whose outcome this is (a capture, a cancellation).
    pub closes: Option<EffectId>,
    pub expected: Expected,
}

/// After this pause a cancellation or a capture is tried again that has not ended its intent.
const UNFINISHED_MS: i64 = 60_000;

impl RecordPayment {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.order_and_effect(self.order, self.closes.as_ref());
        // What asked for the intent says whether it is ours.
        if let Some(payment) = self.news.as_ref().and_then(|it| it.payment.as_ref()) {
            keys.effects.insert(EffectId::new(payment.as_str()));
            keys.effects.insert(void_id(payment));
        }
    }

    /// An intent whose name is taken gets another.
    pub(crate) fn more_keys(&self, order: &Order, keys: &mut Keys) {
        keys.effects.extend(coming(order).iter().map(void_id));
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        let closing = self.closes.as_ref().and_then(|it| world.effects.get(it));
        let closing = closing.filter(|it| it.is_open());
        let step = match &self.news {
            None => given_up(order, closing),
            Some(news) => match payment_of(world, order, news, now) {
                Some(payment) => {
                    let captures = closing.is_some_and(is_capture);
                    Case { world, order, payment: &payment, news, captures, now }.step()?
                }
                None => Step::nothing(not_completed(order, Some(news.state))),
            },
        };
        let decision = settle(order, step, actor)?;
        Ok(self.close(decision, closing, now))
    }

    /// The effect ends with its intent. While that goes on, so does the effect.
    fn close(&self, mut decision: Decision, closing: Option<&Effect>, now: Moment) -> Decision {
        let Some(effect) = closing else { return decision };
        let id = effect.id.clone();
        let ended = match self.news.as_ref().map(|it| it.state) {
            None => Some(EffectState::Failed(last_error(effect))),
            Some(IntentState::Succeeded | IntentState::Cancelled) => {
                Some(EffectState::Done(Yield::Nothing))
            }
            Some(IntentState::Declined) if is_capture(effect) => {
                Some(EffectState::Done(Yield::Nothing))
            }
            Some(
                IntentState::Declined
                | IntentState::Open
                | IntentState::Processing
                | IntentState::Authorized,
            ) => None,
        };
        match ended {
            Some(state) => decision.closes = Some((id, state)),
            None => {
                let (due_at, error) = (now.plus_ms(UNFINISHED_MS), "not ended yet".into());
                decision.effects.push((id, EffectChange::PutOff { due_at, error }));
            }
        }
        decision
    }
}

/// A person who asks is told how it stands; whoever else brings the news is done.
fn settle(order: &Order, step: Step, actor: &Actor) -> Result<Decision, Refusals> {
    let is_person = match actor.role {
        Role::Customer(_) | Role::Staff | Role::Integration => true,
        Role::System => false,
    };
    let is_news = !step.events.is_empty() || !step.wishes.is_empty();
    let refusal = step.told.filter(|_| is_person);
    match refusal {
        Some(refusal) if !is_news => return Err(refusal.into()),
        Some(_) | None => {}
    }
    let outcome = if is_person || is_news { Outcome::Order(order.no) } else { Outcome::Recorded };
    let decision = Decision::on_order(order.store, order.no, step.events);
    Ok(Decision { wishes: step.wishes, refusal, outcome, ..decision })
}

/// The payment that an intent is for, as it was so far. An intent that no payment has is ours if
/// an effect of ours has asked for it, and was not answered.
fn payment_of(world: &World, order: &Order, news: &IntentNews, now: Moment) -> Option<Payment> {
    let known = order.payments.iter().find(|it| it.intent.as_ref() == Some(&news.intent));
    if let Some(known) = known {
        return Some(known.clone());
    }
    let id = news.payment.as_ref()?;
    let effect = world.effects.get(&EffectId::new(id.as_str()))?;
    let status = match (&effect.action, &effect.state) {
        (Action::InitializePayment(_), EffectState::Open) => PaymentState::Open,
        // Nobody was given the secret of this one.
        (Action::InitializePayment(_), ended) if ended.is_fruitless() => PaymentState::Failed,
        (
            Action::InitializePayment(_)
            | Action::CancelPayment { .. }
            | Action::CapturePayment { .. }
            | Action::RefundPayment { .. },
            _,
        ) => return None,
    };
    if effect.order != order.no {
        return None;
    }
    let payment = match order.payments.iter().find(|it| it.id == *id) {
        Some(unmade) if unmade.status == PaymentState::Failed => unmade.clone(),
        // What staff have collected meanwhile has taken the name.
        Some(_) => new_payment(order, next_payment(order), now),
        None => new_payment(order, id.clone(), now),
    };
    Some(Payment { intent: Some(news.intent.clone()), status, ..payment })
}

/// Nothing came of it, or there is nothing to ask about.
fn given_up(order: &Order, closing: Option<&Effect>) -> Step {
    let capture = closing.and_then(|effect| match &effect.action {
        Action::CapturePayment { payment, .. } => Some((effect, payment)),
        Action::InitializePayment(_)
        | Action::CancelPayment { .. }
        | Action::RefundPayment { .. } => None,
    });
    let payment = capture.and_then(|(effect, id)| {
        let payment = order.payments.iter().find(|it| it.id == *id)?;
        Some((payment, last_error(effect)))
    });
    match payment {
        Some((payment, why)) => not_captured(order, payment, why),
        None => Step::nothing(not_completed(order, None)),
    }
}

fn not_completed(order: &Order, state: Option<IntentState>) -> Refusal {
    if !order.payment_method.is_prepaid() {
        Refusal::NotPrepaid(order.no)
    } else if is_paid(order) {
        Refusal::AlreadyPaid(order.no)
    } else {
        Refusal::PaymentNotCompleted { order: order.no, state }
    }
}

fn is_capture(effect: &Effect) -> bool {
    match effect.action {
        Action::CapturePayment { .. } => true,
        Action::InitializePayment(_)
        | Action::CancelPayment { .. }
        | Action::RefundPayment { .. } => false,
    }
}

fn last_error(effect: &Effect) -> String {
    effect.last_error.clone().unwrap_or_else(|| "the provider has not done it".into())
}
