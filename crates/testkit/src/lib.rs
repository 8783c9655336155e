//! See ARCHITECTURE.md for what this crate is for.

pub mod structure;
