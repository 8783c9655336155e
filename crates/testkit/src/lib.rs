//! See ARCHITECTURE.md for what this crate is for.

pub mod server;
pub mod simulation;
pub mod structure;
