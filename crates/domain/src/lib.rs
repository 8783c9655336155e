//! Decides: what an order is, and what may happen to it.
//!
//! Everything here is a pure function of the loaded facts ([`World`]), a [`Command`] and a
//! [`Moment`]. There is no clock, no randomness, no IO: time and chance come in with the command,
//! and what shall happen comes out as events. Start at [`decide()`], which has one line a command.

pub mod actor;
pub mod address;
pub mod card_data;
pub mod cart;
pub mod catalog;
pub mod client;
pub mod command;
pub mod counter;
pub mod country;
pub mod customer;
mod decide;
pub mod delivery;
pub mod effect;
pub mod event;
pub mod id;
pub mod idempotency;
pub mod moment;
pub mod money;
pub mod order;
pub mod payment;
pub mod quantity;
pub mod refund;
pub mod refusal;
pub mod review;
pub mod shipment;
pub mod shop;
pub mod stock;
pub mod version;
pub mod world;

pub use actor::{Actor, Role};
pub use command::{Command, Decision, Outcome};
pub use decide::decide;
pub use event::{AdminEvent, Event, Logged, Recorded};
pub use id::*;
pub use moment::Moment;
pub use money::{Currency, Decimal, Money};
pub use order::Order;
pub use quantity::Quantity;
pub use refusal::{Refusal, Refusals, Subject};
pub use version::Expected;
pub use world::{Keys, World};
