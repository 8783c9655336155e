//! The binary itself: processes that are started, overloaded, told to end, and killed.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod backup;
mod carts;
mod clients;
mod config;
mod connections;
mod damage;
mod database;
mod disk;
mod erasing;
mod feed;
mod import;
mod issuer;
mod keys;
mod kill;
mod lists;
mod log;
mod master_key;
mod migrate;
mod overload;
mod paying;
mod process;
mod readme;
mod reconcile;
mod serve;
mod shop;
mod shop_day;
mod storefront;
#[cfg(feature = "telemetry")]
mod telemetry;
