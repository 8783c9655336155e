//! See ARCHITECTURE.md for what this crate is for.

#[cfg(feature = "server")]
pub mod random;
#[cfg(feature = "server")]
pub mod server;
pub mod simulation;
pub mod structure;
