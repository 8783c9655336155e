//! What a customer does at the provider, with the client secret in hand: a tester does it instead.

use domain::{
    IntentId, Money,
    payment::{Capture, IntentState},
};

use super::{
    Sandbox, SandboxError,
    moves::{self, Move},
};
use crate::payment::IntentRecord;

/// What a declined customer reads.
const DECLINED: &str = "Your card was declined.";

#[derive(Clone, Copy, Debug)]
pub struct Customer<'a>(&'a Sandbox);

impl Customer<'_> {
    pub(super) fn of(sandbox: &Sandbox) -> Customer<'_> {
        Customer(sandbox)
    }

    /// How an intent stands.
    pub fn find(self, id: &IntentId) -> Result<IntentRecord, SandboxError> {
        self.0.read(|books| books.record(books.intent(id)?))
    }

    /// The intent that a client secret opens.
    pub fn opened_by(self, secret: &str) -> Result<IntentRecord, SandboxError> {
        let (id, _) = secret.split_once("_secret_").ok_or(SandboxError::Unknown)?;
        self.0.read(|books| {
            let intent = books.intent(&IntentId::new(id))?;
            if intent.client_secret != secret {
                return Err(SandboxError::Unknown);
            }
            books.record(intent)
        })
    }

    /// Pays: the money is taken, or held until the shop captures it.
    pub fn confirm(self, id: &IntentId) -> Result<IntentRecord, SandboxError> {
        self.change(id, moves::confirm, None)
    }

    /// Pays another amount than was asked for, as can happen with a transfer.
    pub fn confirm_amount(
        self,
        id: &IntentId,
        amount: Money,
    ) -> Result<IntentRecord, SandboxError> {
        self.change(id, moves::confirm, Some(amount))
    }

    /// Is declined, and may try again.
    pub fn decline(self, id: &IntentId) -> Result<IntentRecord, SandboxError> {
        self.change(id, |from, _| moves::decline(from), None)
    }

    /// Pays in a way that takes days; how it ends is told by one of the other calls.
    pub fn processing(self, id: &IntentId) -> Result<IntentRecord, SandboxError> {
        self.change(id, |from, _| moves::process(from), None)
    }

    /// Will not pay.
    pub fn cancel(self, id: &IntentId) -> Result<IntentRecord, SandboxError> {
        self.change(id, |from, _| moves::give_up(from), None)
    }

    fn change(
        self,
        id: &IntentId,
        step: impl FnOnce(IntentState, Capture) -> Result<Move, SandboxError>,
        amount: Option<Money>,
    ) -> Result<IntentRecord, SandboxError> {
        self.0.write(|books| {
            let mut intent = books.intent(id)?;
            if let Move::To(state) = step(intent.state, intent.request.capture)? {
                intent.state = state;
                intent.message = (state == IntentState::Declined).then(|| DECLINED.into());
                intent.request.amount = amount.unwrap_or(intent.request.amount);
                books.put(&intent)?;
                books.tell(id)?;
            }
            books.record(intent)
        })
    }
}
