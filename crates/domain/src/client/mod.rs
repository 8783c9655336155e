//! A machine client: a program that gets its tokens for an id and a secret.

pub mod create;
pub mod remove;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{id::ClientId, moment::Moment};

/// Of the secret only this is kept: whoever reads the database can't come in with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

impl SecretHash {
    pub fn new(digest: [u8; 32]) -> SecretHash {
        SecretHash(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The bytes that the digits stand for.
    pub fn digest(&self) -> Option<[u8; 32]> {
        let mut digest = [0; 32];
        for (nth, byte) in digest.iter_mut().enumerate() {
            let digits = self.0.get(2 * nth..2 * nth + 2)?;
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        (self.0.len() == 64).then_some(digest)
    }

    /// In lower-case hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One that was removed stays, so that its id never comes again and tokens that it still has are
/// known for what they are.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    /// What its tokens may have at most, separated by spaces.
    pub scope: String,
    pub secret_hash: SecretHash,
    pub created_at: Moment,
    pub removed_at: Option<Moment>,
}

impl Client {
    pub fn is_removed(&self) -> bool {
        self.removed_at.is_some()
    }
}
