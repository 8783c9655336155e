//! What can happen to a commit on a real machine, on request.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::StoreError;

/// The handle of a store's misfortunes: each batch that comes to its commit takes the next one.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Option<Fault>>>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The database goes away and nothing is written.
    BeforeCommit,
    /// Everything is written, and the answer that says so is lost.
    AfterCommit,
}

impl Faults {
    /// What shall happen to the next batch that is not spoken for yet; `None`: nothing.
    pub fn plan(&self, fate: Option<Fault>) {
        self.lock().push_back(fate);
    }

    pub(super) fn take(&self) -> Option<Fault> {
        self.lock().pop_front().flatten()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Option<Fault>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    /// The caller can't tell them apart.
    pub(super) fn error(self) -> StoreError {
        match self {
            Fault::BeforeCommit | Fault::AfterCommit => {
                StoreError::Unavailable("the connection was lost while committing".into())
            }
        }
    }
}
