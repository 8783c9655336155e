//! The engine on a real store: batches, faults, and the books that must be right after both.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod batches;
mod faults;
mod queue;
mod shop;
mod verify;
