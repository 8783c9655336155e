//! The binary itself: processes that are started, overloaded, told to end, and killed.

#![expect(clippy::unwrap_used, reason = "a test that has not got what it needs has failed")]

mod carts;
mod clients;
mod connections;
mod damage;
mod database;
mod disk;
mod feed;
mod import;
mod keys;
mod kill;
mod lists;
mod migrate;
mod overload;
mod paying;
mod process;
mod serve;
mod shop;
mod shop_day;
mod storefront;
