//! Who waits for the end of which effect.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::effect::{Effect, EffectId};
use tokio::sync::watch;

#[derive(Default)]
pub(super) struct Waiters(Mutex<HashMap<EffectId, watch::Sender<Option<Effect>>>>);

/// Somebody who waits. To drop it is to wait no longer.
pub(super) struct Waiter<'a> {
    waiters: &'a Waiters,
    id: EffectId,
    told: Option<watch::Receiver<Option<Effect>>>,
}

impl Waiters {
    pub(super) fn wait_for(&self, id: &EffectId) -> Waiter<'_> {
        let mut waited = self.lock();
        let told = waited.entry(id.clone()).or_insert_with(|| watch::channel(None).0).subscribe();
        Waiter { waiters: self, id: id.clone(), told: Some(told) }
    }

    /// Tells everybody who waits for this effect that it has ended.
    pub(super) fn tell(&self, effect: &Effect) {
        if let Some(waiting) = self.lock().remove(&effect.id) {
            waiting.send_replace(Some(effect.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<EffectId, watch::Sender<Option<Effect>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter<'_> {
    /// The effect as it ended.
    pub(super) async fn ended(&mut self) -> Effect {
        if let Some(told) = &mut self.told
            && let Ok(ended) = told.wait_for(Option::is_some).await
            && let Some(effect) = &*ended
        {
            return effect.clone();
        }
        // The sender went without a word: whoever waits looks at the store too.
        std::future::pending().await
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waited = self.waiters.lock();
        self.told = None;
        if waited.get(&self.id).is_some_and(watch::Sender::is_closed) {
            waited.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Currency, IntentId, Moment, Money, OrderNo, PaymentId, StoreId,
        effect::{Action, EffectState, Yield},
    };

    use super::*;

    #[tokio::test]
    async fn whoever_waits_is_told() {
        let waiters = Waiters::default();
        let effect = effect();
        let (mut one, mut other) = (waiters.wait_for(&effect.id), waiters.wait_for(&effect.id));
        let not_meant = waiters.wait_for(&EffectId::new("pay_2_1"));
        waiters.tell(&effect);
        assert_eq!(one.ended().await, effect);
        assert_eq!(other.ended().await, effect);
        assert_eq!(waiters.lock().len(), 1);
        drop(not_meant);
    }

    fn effect() -> Effect {
        let action = Action::RefundPayment {
            payment: PaymentId::new("pay_1_1"),
            intent: IntentId::new("pi_1"),
            amount: Money(100),
            currency: Currency::USD,
        };
        Effect {
            id: EffectId::new("re_1_1"),
            store: StoreId::FIRST,
            order: OrderNo(1),
            action,
            keys: Vec::new(),
            state: EffectState::Done(Yield::Nothing),
            attempts: 0,
            created_at: Moment(0),
            due_at: Moment(0),
            lease: None,
            last_error: None,
        }
    }

    #[test]
    fn nobody_who_has_gone_is_remembered() {
        let waiters = Waiters::default();
        let id = EffectId::new("pay_1_1");
        let (one, other) = (waiters.wait_for(&id), waiters.wait_for(&id));
        drop(one);
        assert_eq!(waiters.lock().len(), 1);
        drop(other);
        assert_eq!(waiters.lock().len(), 0);
    }
}
