//! A payment of an order, and what its provider calls an intent.
//!
//! A payment is ours: it has an id of ours, and its state is folded from the order's events. An
//! intent is the provider's: a promise of one amount that the customer may fulfil, known by the
//! provider's own id. Only the provider knows how an intent stands, so what it says comes in as
//! [`IntentNews`], and [`record::RecordPayment`] decides what follows.

pub mod fail_intent;
mod news;
pub mod record;
pub mod record_intent;
pub mod start;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    effect::{Action, EffectState, Wish, Yield},
    id::{EffectId, IntentId, OrderNo, PaymentId},
    moment::Moment,
    money::{Currency, Money},
    order::{Order, PaymentMethod, PaymentStatus, Status},
    world::Keys,
};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    pub method: PaymentMethod,
    /// Absent where no provider is asked: the money is collected by hand.
    pub intent: Option<IntentId>,
    pub status: PaymentState,
    /// What was asked for; once it is captured, what the provider took.
    pub amount: Money,
    /// Why it failed, in the provider's words for people.
    pub failure: Option<String>,
    pub at: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// The customer has the client secret and may pay.
    Open,
    /// The provider works on it; the end may be days away.
    Processing,
    /// The provider holds the money for us and takes it when we capture it.
    Authorized,
    Captured,
    Failed,
    Cancelled,
}

impl PaymentState {
    pub fn name(self) -> &'static str {
        match self {
            PaymentState::Open => "open",
            PaymentState::Processing => "processing",
            PaymentState::Authorized => "authorized",
            PaymentState::Captured => "captured",
            PaymentState::Failed => "failed",
            PaymentState::Cancelled => "cancelled",
        }
    }

    /// Money may still come from it without anything new being asked of the provider.
    pub fn is_live(self) -> bool {
        match self {
            PaymentState::Open | PaymentState::Processing | PaymentState::Authorized => true,
            PaymentState::Captured | PaymentState::Failed | PaymentState::Cancelled => false,
        }
    }
}

impl Payment {
    /// The provider may still tell of money: after a decline the customer may try again with the
    /// same intent.
    pub(crate) fn may_still_pay(&self) -> bool {
        match self.status {
            PaymentState::Open | PaymentState::Processing | PaymentState::Authorized => true,
            PaymentState::Failed => self.intent.is_some(),
            PaymentState::Captured | PaymentState::Cancelled => false,
        }
    }
}

/// Ends every payment of an order that money may still come from.
pub(crate) fn cancel_live(order: &Order) -> Vec<Wish> {
    let payments = order.payments.iter().filter(|it| it.may_still_pay());
    payments.map(|it| void(order, it)).collect()
}

/// The same, but for the payment that has won.
pub(crate) fn cancel_others(order: &Order, winner: &PaymentId) -> Vec<Wish> {
    let payments = order.payments.iter().filter(|it| it.may_still_pay() && it.id != *winner);
    payments.map(|it| void(order, it)).collect()
}

/// Ends one payment.
pub(crate) fn void(order: &Order, payment: &Payment) -> Wish {
    let request = IntentRequest {
        order: order.no,
        payment: payment.id.clone(),
        amount: payment.amount,
        currency: order.currency,
        capture: Capture::AtOnce,
    };
    let action = Action::CancelPayment { intent: payment.intent.clone(), request };
    Wish { id: void_id(&payment.id), action }
}

pub(crate) fn void_id(payment: &PaymentId) -> EffectId {
    EffectId::new(&payment.as_str().replacen("pay_", "void_", 1))
}

/// How an effect ends by which the customer gets no intent. That frees the keys of the requests
/// that wait for it, but never while the order lives on: they would place another.
pub(crate) fn fruitless(order: &Order, why: String) -> EffectState {
    match order.status {
        Status::Confirmed | Status::Shipped | Status::Delivered => {
            EffectState::Done(Yield::Nothing)
        }
        Status::Pending | Status::Cancelled => EffectState::Failed(why),
    }
}

/// What the end of an effect that asks for an intent must see: it may have to be ended at once.
pub(crate) fn intent_keys(order: OrderNo, effect: &EffectId, keys: &mut Keys) {
    keys.order_and_effect(order, Some(effect));
    keys.effects.insert(void_id(&PaymentId::new(effect.as_str())));
}

/// The effects by which an order's payments may be ended already.
pub(crate) fn voids(order: &Order) -> impl Iterator<Item = EffectId> + '_ {
    order.payments.iter().filter(|it| it.may_still_pay()).map(|it| void_id(&it.id))
}

/// Money has come. If it was not what the order asks for, a person decides what becomes of it.
pub(crate) fn is_captured(order: &Order) -> bool {
    order.payments.iter().any(|it| it.status == PaymentState::Captured)
}

/// Money has come or is promised, whatever the amount: no other payment is asked for.
pub(crate) fn has_money(order: &Order) -> bool {
    let is_promised = |it: &Payment| it.status == PaymentState::Authorized;
    is_captured(order) || order.payments.iter().any(is_promised)
}

/// It has been paid; what went back since does not make it unpaid.
pub(crate) fn is_paid(order: &Order) -> bool {
    match order.payment_status() {
        PaymentStatus::Paid | PaymentStatus::PartiallyRefunded | PaymentStatus::Refunded => true,
        PaymentStatus::Unpaid | PaymentStatus::Authorized => false,
    }
}

/// When the money of an authorized payment is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    #[default]
    AtOnce,
    AtShipment,
}

/// What the provider is asked to make an intent of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentRequest {
    pub order: OrderNo,
    pub payment: PaymentId,
    pub amount: Money,
    pub currency: Currency,
    pub capture: Capture,
}

/// With it the customer's browser may pay. Nothing that is logged shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientSecret(String);

impl ClientSecret {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ClientSecret {
    fn from(secret: String) -> ClientSecret {
        ClientSecret(secret)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret")
    }
}

/// What the provider says of an intent. It is believed, and nobody else is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentNews {
    pub intent: IntentId,
    /// The order that the intent was made for, as the provider remembers it.
    pub order: Option<OrderNo>,
    pub payment: Option<PaymentId>,
    /// What it is about; once it has succeeded, what was taken.
    pub amount: Money,
    pub currency: Currency,
    pub state: IntentState,
    /// Why it was declined, in words for people.
    pub message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentState {
    /// It waits for the customer.
    Open,
    /// The last try was declined; the customer may try again.
    Declined,
    Processing,
    /// Authorized; it waits to be captured.
    Authorized,
    Succeeded,
    Cancelled,
}

impl IntentState {
    pub fn name(self) -> &'static str {
        match self {
            IntentState::Open => "open",
            IntentState::Declined => "declined",
            IntentState::Processing => "processing",
            IntentState::Authorized => "authorized",
            IntentState::Succeeded => "succeeded",
            IntentState::Cancelled => "cancelled",
        }
    }
}
