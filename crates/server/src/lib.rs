//! See ARCHITECTURE.md for what this crate is for.

pub mod accept;
pub mod auth;
pub mod body;
pub mod cursor;
pub mod idempotency;
pub mod json;
pub mod preconditions;
pub mod problem;
pub mod query;
pub mod request_id;
