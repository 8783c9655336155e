//! The binary itself: processes that are started, overloaded, told to end, and killed.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod backup;
mod config;
mod database;
mod feed;
mod import;
mod kill;
mod lists;
mod log;
mod migrate;
mod overload;
mod paying;
mod process;
mod readme;
mod serve;
mod shop;
mod storefront;
