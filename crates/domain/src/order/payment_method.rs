//! How an order is paid: before it is confirmed, or afterwards.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    CreditCard,
    CashOnDelivery,
    Invoice,
    BankTransfer,
}

impl PaymentMethod {
    pub const ALL: [PaymentMethod; 4] = [
        PaymentMethod::CreditCard,
        PaymentMethod::CashOnDelivery,
        PaymentMethod::Invoice,
        PaymentMethod::BankTransfer,
    ];

    pub fn name(self) -> &'static str {
        match self {
            PaymentMethod::CreditCard => "credit_card",
            PaymentMethod::CashOnDelivery => "cash_on_delivery",
            PaymentMethod::Invoice => "invoice",
            PaymentMethod::BankTransfer => "bank_transfer",
        }
    }

    pub fn parse(name: &str) -> Option<PaymentMethod> {
        PaymentMethod::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Prepaid orders wait for their money before they are confirmed.
    pub fn is_prepaid(self) -> bool {
        match self {
            PaymentMethod::CreditCard => true,
            PaymentMethod::CashOnDelivery
            | PaymentMethod::Invoice
            | PaymentMethod::BankTransfer => false,
        }
    }
}
