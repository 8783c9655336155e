//! A key of the server's own tokens, as it is kept. It is no fact of the shop: no command names it,
//! and no batch loads it.

use std::fmt;

use domain::Moment;

#[derive(Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// The name that tokens give to it.
    pub key_id: String,
    /// What all else follows from, wrapped where its owner wraps it; nothing once it is withdrawn.
    pub seed: Vec<u8>,
    pub created_at: Moment,
    /// Absent as long as it is only announced.
    pub signs_from: Option<Moment>,
    pub withdrawn_at: Option<Moment>,
}

/// A change touches one key, so that two at the same time undo nothing of each other.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyChange {
    /// One that is there already is left as it is.
    Add(KeptKey),
    Sign {
        key_id: String,
        from: Moment,
    },
    /// Its seed in another wrapping. One that is not as it was read is left as it is.
    Rewrap {
        key_id: String,
        from: Vec<u8>,
        to: Vec<u8>,
    },
    /// Its seed goes with it.
    Withdraw {
        key_id: String,
        at: Moment,
    },
}

/// The seed is not shown.
impl fmt::Debug for KeptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptKey")
            .field("key_id", &self.key_id)
            .field("created_at", &self.created_at)
            .field("signs_from", &self.signs_from)
            .field("withdrawn_at", &self.withdrawn_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for KeyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyChange::Add(key) => write!(f, "Add({key:?})"),
            KeyChange::Sign { key_id, from } => write!(f, "Sign({key_id}, {from:?})"),
            KeyChange::Rewrap { key_id, .. } => write!(f, "Rewrap({key_id})"),
            KeyChange::Withdraw { key_id, at } => write!(f, "Withdraw({key_id}, {at:?})"),
        }
    }
}
