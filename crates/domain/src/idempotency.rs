//! What is remembered of a request that carried an Idempotency-Key.
//!
//! The answer is opaque here: whoever listens has made it, and gets it back to the byte.

use serde::{Deserialize, Serialize};

use crate::{id::CustomerId, moment::Moment};

/// The caller and the key, hashed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHash(pub [u8; 16]);

/// Method, path, query and the meaning of the body, hashed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 16]);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub fingerprint: Fingerprint,
    pub at: Moment,
    pub answer: Vec<u8>,
    /// Whose person the answer shows. What does stands after its first line.
    pub shows: Option<CustomerId>,
}

impl Remembered {
    /// What is left is its first line: that it was answered, and with what status and headers.
    pub fn forget_person(&mut self) {
        self.shows = None;
        if let Some(end) = self.answer.iter().position(|it| *it == b'\n') {
            self.answer.truncate(end);
        }
    }
}
