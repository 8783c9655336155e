//! The binary itself: processes that are started, overloaded, told to end, and killed.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod clients;
mod connections;
mod database;
mod disk;
mod feed;
mod import;
mod issuer;
mod keys;
mod kill;
mod lists;
mod migrate;
mod overload;
mod paying;
mod process;
mod serve;
mod shop;
mod storefront;
