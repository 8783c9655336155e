//! What an order comes to: what was agreed, what of it is paid, and what has gone back. All of it
//! is derived from the lines, payments and refunds, so it can't disagree with them.

use serde::{Deserialize, Serialize};

use super::{AdjustmentScope, Line, Order, TaxLine};
use crate::{
    money::{Money, Overflow},
    payment::PaymentState,
    refund::{Refund, RefundState},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    pub subtotal: Money,
    pub shipping: Money,
    pub tax: Money,
    pub discount: Money,
    pub paid: Money,
    pub refunded: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Unpaid,
    Authorized,
    Paid,
    PartiallyRefunded,
    Refunded,
}

impl PaymentStatus {
    pub const ALL: [PaymentStatus; 5] = [
        PaymentStatus::Unpaid,
        PaymentStatus::Authorized,
        PaymentStatus::Paid,
        PaymentStatus::PartiallyRefunded,
        PaymentStatus::Refunded,
    ];

    pub fn name(self) -> &'static str {
        match self {
            PaymentStatus::Unpaid => "unpaid",
            PaymentStatus::Authorized => "authorized",
            PaymentStatus::Paid => "paid",
            PaymentStatus::PartiallyRefunded => "partially_refunded",
            PaymentStatus::Refunded => "refunded",
        }
    }
}

impl Order {
    /// What was taken twice and went back once is paid.
    pub fn payment_status(&self) -> PaymentStatus {
        let captured: i64 = self.amounts(PaymentState::Captured).map(|it| it.0).sum();
        let refunded: i64 = self.succeeded_refunds().map(|it| it.amount.0).sum();
        // An order of nothing is paid once it is confirmed.
        let is_due = captured > 0 || self.confirmed_at.is_some();
        if captured > 0 && refunded >= captured {
            PaymentStatus::Refunded
        } else if is_due && captured - refunded >= self.total.0 {
            PaymentStatus::Paid
        } else if refunded > 0 {
            PaymentStatus::PartiallyRefunded
        } else if self.amounts(PaymentState::Authorized).next().is_some() {
            PaymentStatus::Authorized
        } else {
            PaymentStatus::Unpaid
        }
    }

    pub fn totals(&self) -> Result<Totals, Overflow> {
        let of_lines = Money::sum(
            self.lines.iter().map(|it| added(&it.tax_lines)).collect::<Result<Vec<_>, _>>()?,
        )?;
        let adjusted = Money::sum(self.adjustments.iter().map(|it| it.amount))?;
        Ok(Totals {
            subtotal: Money::sum(self.lines.iter().map(|it| it.total))?,
            shipping: self.shipping.amount,
            tax: of_lines.plus(added(&self.shipping.tax_lines)?)?,
            discount: Money::ZERO.minus(adjusted)?,
            paid: Money::sum(self.amounts(PaymentState::Captured))?,
            refunded: Money::sum(self.succeeded_refunds().map(|it| it.amount))?,
        })
    }

    /// What was agreed for a line: its price with the taxes on top and its share of the discounts.
    pub(crate) fn gross_of(&self, line: &Line) -> Result<Money, Overflow> {
        let shares = self.adjustments.iter().filter(|it| match it.scope {
            AdjustmentScope::Line | AdjustmentScope::Order => true,
            AdjustmentScope::Shipping => false,
        });
        let shares = shares.flat_map(|it| &it.allocations).filter(|(no, _)| *no == line.no);
        let adjusted = Money::sum(shares.map(|(_, amount)| *amount))?;
        line.total.plus(added(&line.tax_lines)?)?.plus(adjusted)
    }

    /// What was agreed for the shipping, with the taxes on top and its discounts.
    pub(crate) fn gross_of_shipping(&self) -> Result<Money, Overflow> {
        let own = self.adjustments.iter().filter(|it| it.scope == AdjustmentScope::Shipping);
        let adjusted = Money::sum(own.map(|it| it.amount))?;
        self.shipping.amount.plus(added(&self.shipping.tax_lines)?)?.plus(adjusted)
    }

    fn amounts(&self, state: PaymentState) -> impl Iterator<Item = Money> {
        self.payments.iter().filter(move |it| it.status == state).map(|it| it.amount)
    }

    fn succeeded_refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.iter().filter(|it| it.status == RefundState::Succeeded)
    }
}

/// Taxes that the price does not have already.
fn added(taxes: &[TaxLine]) -> Result<Money, Overflow> {
    Money::sum(taxes.iter().filter(|it| !it.included).map(|it| it.amount))
}
