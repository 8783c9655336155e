//! The engine on a real store: batches, faults, and the books that must be right after both.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod batches;
mod effects;
mod faults;
mod feed;
mod jobs;
mod paid_shop;
mod provider;
mod queue;
mod rehearsal;
mod shop;
mod verify;
mod verify_paid;
