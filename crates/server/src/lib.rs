//! Listens: parses what comes over HTTP, hands it on as commands and questions, and renders what
//! comes back. It opens no transaction and decides nothing. Every URL stands in [`routes`].

pub mod accept;
mod api;
mod app;
pub mod auth;
pub mod body;
mod call;
pub mod cursor;
mod dry_run;
pub mod idempotency;
pub mod json;
pub mod listener;
mod meters;
pub mod openapi;
mod outcome;
mod pages;
mod payable;
pub mod preconditions;
pub mod problem;
pub mod query;
mod refused;
mod reply;
pub mod request_id;
pub mod routes;
mod streams;
mod view;

pub use app::{App, PAYMENT_PATIENCE, PAYMENTS_WAITING_MAX, Settings};
