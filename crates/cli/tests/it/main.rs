//! The binary itself: processes that are started, overloaded, told to end, and killed.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod database;
mod kill;
mod migrate;
mod overload;
mod process;
mod serve;
mod shop;
