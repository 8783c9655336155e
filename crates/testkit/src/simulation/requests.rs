//! What people have asked for under a key, and what they were told: once, and the same ever after.

use domain::{
    Actor, Command, EffectId, IntentId, OrderNo, Refusal,
    effect::{Effect, EffectState, Yield},
    idempotency::{Fingerprint, KeyHash},
    payment::ClientSecret,
};
use engine::Idempotency;

use super::books::Broken;

#[derive(Default)]
pub(super) struct Requests(Vec<Request>);

pub(super) struct Request {
    pub(super) command: Command,
    pub(super) actor: Actor,
    /// With one it may be made again.
    pub(super) has_key: bool,
    told: Option<Told>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Answer(String),
    /// How the customer can pay.
    Secret(IntentId, ClientSecret),
    /// The order stands, and is not to be paid through the provider any more.
    NothingToPay,
}

/// Somebody who waits for the end of an effect.
pub(super) struct Waiter {
    pub(super) request: usize,
    pub(super) effect: EffectId,
}

impl Requests {
    pub(super) fn add(&mut self, actor: Actor, command: Command, has_key: bool) -> usize {
        self.0.push(Request { command, actor, has_key, told: None });
        self.0.len() - 1
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&Request> {
        self.0.get(place)
    }

    /// Whether it asks for a way to pay.
    pub(super) fn awaits_payment(&self, place: usize) -> bool {
        self.get(place).is_some_and(|it| {
            let prepays = matches!(&it.command, Command::PlaceOrder(place) if place.prepay);
            prepays || matches!(it.command, Command::StartPayment(_))
        })
    }

    /// The same at every repeat.
    pub(super) fn request_id(place: usize) -> String {
        format!("request {place}")
    }

    pub(super) fn idempotency(&self, place: usize) -> Option<Idempotency> {
        self.get(place).filter(|it| it.has_key)?;
        let mut name = [0; 16];
        name[..8].copy_from_slice(&(place as u64).to_le_bytes());
        Some(Idempotency { key: KeyHash(name), fingerprint: Fingerprint(name) })
    }

    /// A request is answered; it never was otherwise before.
    pub(super) fn tell(&mut self, place: usize, now: Told) -> Result<(), Broken> {
        let Some(request) = self.0.get_mut(place) else { return Ok(()) };
        match &request.told {
            Some(before) if *before != now => {
                Err(format!("request {place} was told {before:?} and now {now:?}"))
            }
            Some(_) => Ok(()),
            None => {
                request.told = Some(now);
                Ok(())
            }
        }
    }

    /// A request is refused: that is not remembered, but an answer would have been.
    pub(super) fn refuse(&mut self, place: usize, refusal: &Refusal) -> Result<(), Broken> {
        match self.0.get(place).and_then(|it| it.told.as_ref()) {
            Some(before) => {
                Err(format!("request {place} was told {before:?} and now refused: {refusal:?}"))
            }
            None => Ok(()),
        }
    }

    /// How the wait for an effect ends; `None` while it is open.
    pub(super) fn hear(
        &mut self,
        waiter: &Waiter,
        effect: Option<Effect>,
    ) -> Result<Option<Heard>, Broken> {
        let Some(effect) = effect else {
            return Err(format!("{} is waited for, and does not exist", waiter.effect));
        };
        match effect.state {
            EffectState::Open => Ok(None),
            EffectState::Done(Yield::Intent { intent, client_secret }) => {
                self.tell(waiter.request, Told::Secret(intent.clone(), client_secret))?;
                Ok(Some(Heard::MayPay(intent)))
            }
            EffectState::Done(Yield::Nothing) => {
                self.tell(waiter.request, Told::NothingToPay)?;
                Ok(Some(Heard::NothingToPay(effect.order)))
            }
            // Its key is free again, and somebody else may have made the request with success.
            EffectState::Failed(_) => Ok(Some(Heard::Failed)),
        }
    }
}

pub(super) enum Heard {
    MayPay(IntentId),
    NothingToPay(OrderNo),
    Failed,
}
