//! What shall happen outside: written with the decision that wants it, in the same transaction.
//!
//! An effect is open until a command records its outcome. Meanwhile one process at a time works on
//! it, by a lease; what a dead process has left is taken up by another when the lease has run out.
//! Its id is the provider's idempotency key, so that to work on it twice does no harm.

pub mod claim;
pub mod retry;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

pub use crate::id::EffectId;
use crate::{
    id::{IntentId, OrderNo, PaymentId, StoreId},
    idempotency::KeyHash,
    moment::Moment,
    money::{Currency, Money},
    payment::{ClientSecret, IntentRequest},
};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    pub id: EffectId,
    pub store: StoreId,
    pub order: OrderNo,
    pub action: Action,
    /// The keys of the requests that wait for the outcome: they are free again if that is a
    /// failure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyHash>,
    pub state: EffectState,
    /// How often it was tried.
    pub attempts: u32,
    pub created_at: Moment,
    /// When it may be tried (again).
    pub due_at: Moment,
    pub lease: Option<Lease>,
    /// Why the last try came to nothing.
    pub last_error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    InitializePayment(IntentRequest),
    /// The intent by its id where it is known, else the one that was made of the request, if any.
    CancelPayment {
        intent: Option<IntentId>,
        request: IntentRequest,
    },
    CapturePayment {
        payment: PaymentId,
        intent: IntentId,
        amount: Money,
        currency: Currency,
    },
    RefundPayment {
        payment: PaymentId,
        intent: IntentId,
        amount: Money,
        currency: Currency,
    },
}

impl Action {
    pub fn name(&self) -> &'static str {
        match self {
            Action::InitializePayment(_) => "initialize_payment",
            Action::CancelPayment { .. } => "cancel_payment",
            Action::CapturePayment { .. } => "capture_payment",
            Action::RefundPayment { .. } => "refund_payment",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    Open,
    Done(Yield),
    /// Given up, or refused for good; the words are for people.
    Failed(String),
}

impl EffectState {
    /// It has ended, and nobody was given anything.
    pub(crate) fn is_fruitless(&self) -> bool {
        match self {
            EffectState::Failed(_) | EffectState::Done(Yield::Nothing) => true,
            EffectState::Open | EffectState::Done(Yield::Intent { .. }) => false,
        }
    }
}

/// What an effect has brought that somebody may still ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Yield {
    Nothing,
    Intent { intent: IntentId, client_secret: ClientSecret },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub process: ProcessId,
    pub until: Moment,
}

/// One run of the server, drawn at its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProcessId(pub u64);

/// Longer than the provider has for an answer, so that a live process keeps what it works on, and
/// short enough that a client's repeat sees the end of what a dead one has left.
pub const LEASE_MS: i64 = 12_000;

impl Effect {
    pub fn is_open(&self) -> bool {
        match self.state {
            EffectState::Open => true,
            EffectState::Done(_) | EffectState::Failed(_) => false,
        }
    }
}

/// How an open effect goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectChange {
    /// The process that decides works on it from now on.
    Claimed,
    PutOff {
        due_at: Moment,
        error: String,
    },
}

/// An effect that a decision wants. The world adds whose it is, and from when on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub id: EffectId,
    pub action: Action,
}
