//! The binary itself: processes that are started, overloaded, told to end, and killed.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod connections;
mod database;
mod disk;
mod erasing;
mod feed;
mod import;
mod kill;
mod lists;
mod migrate;
mod overload;
mod paying;
mod process;
mod serve;
mod shop;
mod storefront;
