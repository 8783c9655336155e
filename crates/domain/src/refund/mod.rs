//! Money that goes back: what for, from which payment, and whether the provider has done it.

mod part;
pub mod record;
pub mod request;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

pub(crate) use part::Part;

use crate::{
    effect::{Action, Wish},
    event::{Event, RefundChanged},
    id::{EffectId, PaymentId},
    moment::Moment,
    money::{Money, Overflow},
    order::Order,
    payment::{Payment, PaymentState},
    quantity::Quantity,
};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    /// The payment that it comes from.
    pub payment: Option<PaymentId>,
    #[serde(default, skip_serializing_if = "RefundState::is_succeeded")]
    pub status: RefundState,
    pub amount: Money,
    /// `manual`: by record, where no provider took the money; else the payment's method.
    pub method: String,
    pub reason: Option<String>,
    /// The lines it is for; empty: an amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<RefundItem>,
    /// The part of it that is for the shipping.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shipping: Money,
    /// Why it failed, in the provider's words for people.
    pub failure: Option<String>,
    pub at: Moment,
}

/// A part of a line whose price goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundItem {
    pub line: u32,
    pub quantity: Quantity,
    pub amount: Money,
    /// Of the quantity, what had not been shipped and is cancelled: its stock is no longer held.
    #[serde(default)]
    pub cancelled: u32,
    /// Of the quantity, what had been shipped and lies on the shelf again.
    #[serde(default)]
    pub returned: u32,
    /// Of the quantity, what an earlier refund that failed has cancelled or brought back already:
    /// who asks for the money again does not send the goods again.
    #[serde(default, skip_serializing_if = "no_pieces")]
    pub already_back: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    Pending,
    /// What was refunded by record succeeded when it was written down.
    #[default]
    Succeeded,
    Failed,
}

impl RefundState {
    pub fn name(self) -> &'static str {
        match self {
            RefundState::Pending => "pending",
            RefundState::Succeeded => "succeeded",
            RefundState::Failed => "failed",
        }
    }

    fn is_succeeded(&self) -> bool {
        *self == RefundState::Succeeded
    }
}

/// What is left to be given back of a payment: captured, less what is back and what is on its way.
pub(crate) fn refundable(order: &Order, payment: &Payment) -> Result<Money, Overflow> {
    if payment.status != PaymentState::Captured {
        return Ok(Money::ZERO);
    }
    // What names no payment is of a time when an order had one at most.
    let of_it = given(order).filter(|it| it.payment.as_ref().is_none_or(|id| *id == payment.id));
    let left = payment.amount.minus(Money::sum(of_it.map(|it| it.amount))?)?;
    Ok(left.max(Money::ZERO))
}

/// The refunds that count: a pending one too, so that nothing is promised twice.
fn given(order: &Order) -> impl Iterator<Item = &Refund> {
    order.refunds.iter().filter(|it| it.status != RefundState::Failed)
}

/// Gives money back: the provider is asked where one took it, else it is a matter of record.
pub(crate) fn begin(
    order: &Order,
    payment: &Payment,
    part: Part,
    now: Moment,
) -> (Event, Option<Wish>) {
    let id = next_refund(order, part.ahead);
    let refund = Refund {
        id: id.clone(),
        payment: Some(payment.id.clone()),
        status: if payment.intent.is_some() {
            RefundState::Pending
        } else {
            RefundState::Succeeded
        },
        amount: part.amount,
        method: match payment.intent {
            Some(_) => payment.method.name().into(),
            None => "manual".into(),
        },
        reason: part.reason,
        items: part.items,
        shipping: part.shipping,
        failure: None,
        at: now,
    };
    let currency = order.currency;
    match &payment.intent {
        None => (Event::OrderRefunded(RefundChanged { refund, currency }), None),
        Some(intent) => {
            let action = Action::RefundPayment {
                payment: payment.id.clone(),
                intent: intent.clone(),
                amount: part.amount,
                currency,
            };
            let wish = Wish { id: EffectId::new(&id), action };
            (Event::RefundCreated(RefundChanged { refund, currency }), Some(wish))
        }
    }
}

/// The id of the next refund of an order, after those that the same decision makes before it.
fn next_refund(order: &Order, ahead: usize) -> String {
    format!("re_{}_{}", order.no.0, order.refunds.len() + 1 + ahead)
}

fn is_zero(amount: &Money) -> bool {
    *amount == Money::ZERO
}

fn no_pieces(count: &u32) -> bool {
    *count == 0
}
