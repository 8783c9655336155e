//! Who buys. What a customer has told stands in the customer's own row and in no log, so that it
//! can be erased.

pub mod erase;
pub mod erasure;
pub mod put;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use self::erasure::Erasure;
use crate::{cart::CartKey, id::CustomerId, idempotency::KeyHash, moment::Moment};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// As browsers name it: `en`, `nb-NO`.
    pub locale: Option<String>,
    /// How to be told of what becomes of an order.
    #[serde(default = "usual_channels")]
    pub notify: Vec<Channel>,
    pub registered_at: Moment,
    #[serde(default = "first_version")]
    pub version: u64,
}

/// Of a customer who was stored before there were versions.
fn first_version() -> u64 {
    1
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
}

impl Channel {
    pub const ALL: [Channel; 2] = [Channel::Email, Channel::Sms];

    pub fn name(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }
}

/// Where nobody has said otherwise.
pub fn usual_channels() -> Vec<Channel> {
    vec![Channel::Email]
}

/// What becomes of what is known of a person beside the orders.
#[derive(Clone, Debug, PartialEq)]
pub enum PersonalChange {
    Put(Box<Customer>),
    /// The customer is forgotten; what else there is of the person follows in pieces.
    Begin(Box<Erasure>),
    /// These carts have been looked at, and those of them that are gone.
    Carts {
        customer: CustomerId,
        seen: Vec<CartKey>,
        gone: Vec<CartKey>,
    },
    /// What was answered under these keys is forgotten.
    Answers(Vec<KeyHash>),
    End(CustomerId),
}
