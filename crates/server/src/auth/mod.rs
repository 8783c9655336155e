//! Who calls, and what they may do.
//!
//! `token.rs` makes and checks the server's own tokens; `caller.rs` holds the table of scopes and
//! rights. A checked token is kept until it expires, so most requests cost one lookup.

mod caller;
mod token;

pub use caller::{Caller, Right, Scopes};
pub use token::{Grant, ISSUER, SigningKey, Verifier};
