//! Who calls, and what they may do.
//!
//! `verifier.rs` checks the tokens of requests: our own by `keyring.rs`, those of others by
//! `issuer.rs`, and says what both are read as in `claims.rs`. `signing_key.rs` makes our own.
//! `client.rs` has the secrets of machine clients, `vault.rs` wraps what the database must keep
//! secret. `follower.rs` notices keys that were withdrawn and clients that were removed.
//! `caller.rs` holds the table of scopes and rights.

mod caller;
mod claims;
mod client;
mod follower;
mod issuer;
mod keyring;
mod signing_key;
mod vault;
mod verifier;

pub use caller::{Caller, Right, Scopes};
pub(crate) use client::proves;
pub use client::{NewClient, client_scope};
pub(crate) use follower::Follower;
pub use follower::LOOK_EVERY;
pub use issuer::{FetchPace, IssuerSettings, LEEWAY_MS};
pub use keyring::{place_of, signing};
pub use signing_key::{Grant, ISSUER, SigningKey};
pub use vault::{Locked, MasterKey, NONCE_LENGTH, Vault};
pub(crate) use verifier::Seen;
pub use verifier::{Trust, Verifier};
