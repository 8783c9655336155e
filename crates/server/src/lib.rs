//! Listens: parses what comes over HTTP, hands it on as commands and questions, and renders what
//! comes back. It opens no transaction and decides nothing. Every URL stands in [`routes`].

pub mod accept;
mod api;
mod app;
pub mod auth;
pub mod body;
mod call;
mod client_address;
pub mod cursor;
mod dry_run;
#[cfg(test)]
mod fuzz;
mod headers;
pub mod idempotency;
pub mod json;
pub mod listener;
mod meters;
pub mod openapi;
mod outcome;
mod pages;
mod paging;
mod payable;
pub mod preconditions;
pub mod problem;
pub mod query;
mod rate_limit;
mod refused;
mod reply;
pub mod request_id;
mod retrieval;
pub mod routes;
mod streams;
mod view;

pub use app::{App, CART_PATIENCE, PAYMENT_PATIENCE, PAYMENTS_WAITING_MAX, Settings};
pub use ipnet::IpNet;
pub use pages::checkout::{Checkout, Languages, PageKey};
pub use rate_limit::PerMinute;
pub use request_id::Adopt;
