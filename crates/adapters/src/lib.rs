//! Speaks to the world. A folder is a port, its `mod.rs` the contract, each file beside it somebody
//! who keeps it.
//!
//! An adapter never sees the store, and nobody calls it inside a batch or a transaction: the engine
//! asks it before a command, or because of an effect that a command has left.

pub mod cart;
pub mod http;
pub mod keys;
pub mod payment;
