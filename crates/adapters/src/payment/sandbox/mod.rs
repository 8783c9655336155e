//! A payment provider that takes no money: it behaves like one of cards, and can be told to behave
//! badly.
//!
//! Its books are an SQLite file of its own, so they outlive the process, and several processes of
//! one machine may use it together. What it does for us is in `shop.rs`, what a customer does at it
//! in `customer.rs`, how it can be told to fail in `behaviour.rs`.

mod behaviour;
mod books;
mod customer;
mod minimums;
mod moves;
mod notices;
mod shop;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::Notify;

pub use self::{
    behaviour::{Behaviour, Callback, FAILURE, LATE_MS},
    customer::Customer,
};
use self::{books::Books, notices::Told};
use crate::payment::ProviderError;

pub struct Sandbox {
    connection: Mutex<Connection>,
    surroundings: Surroundings,
    /// Something was written: there may be something to tell.
    written: Notify,
    told: Mutex<Told>,
}

/// Time and chance, which come from outside.
#[derive(Clone)]
pub struct Surroundings {
    pub now: Now,
    pub fill: Fill,
}

/// In milliseconds since 1970 UTC.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Fills with random bytes; secrets are made of them.
pub type Fill = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxError {
    /// There is no such intent.
    Unknown,
    /// It cannot be done, or not as things stand; a sentence for people says why.
    Impossible(String),
    /// It cannot be done now: the books cannot be read or written, or something has to end first.
    Unavailable(String),
}

impl Sandbox {
    /// Opens its books, or begins them where there are none.
    pub fn open(path: &Path, surroundings: Surroundings) -> Result<Sandbox, SandboxError> {
        Ok(Sandbox::with(books::open(path)?, surroundings))
    }

    /// One that forgets all with the process.
    pub fn in_memory(surroundings: Surroundings) -> Result<Sandbox, SandboxError> {
        Ok(Sandbox::with(books::open_in_memory()?, surroundings))
    }

    /// The customer's side of it.
    pub fn customer(&self) -> Customer<'_> {
        Customer::of(self)
    }

    fn with(connection: Connection, surroundings: Surroundings) -> Sandbox {
        Sandbox {
            connection: Mutex::new(connection),
            surroundings,
            written: Notify::new(),
            told: Mutex::default(),
        }
    }

    // Both take microseconds, as nothing waits for the disk but a checkpoint now and then: they run
    // on the caller's thread.

    fn read<T>(
        &self,
        question: impl FnOnce(&Books<'_>) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        question(&Books::new(&transaction, &self.surroundings))
    }

    /// What is written is written whole, or not at all.
    fn write<T>(
        &self,
        change: impl FnOnce(&Books<'_>) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = change(&Books::new(&transaction, &self.surroundings))?;
        transaction.commit()?;
        drop(connection);
        self.written.notify_waiters();
        Ok(changed)
    }

    /// A panic under the lock has rolled its transaction back: the connection is as good as before.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SandboxError::Unknown => f.write_str("the sandbox has no such payment"),
            SandboxError::Impossible(why) => f.write_str(why),
            SandboxError::Unavailable(why) => write!(f, "the sandbox is unavailable: {why}"),
        }
    }
}

impl std::error::Error for SandboxError {}

impl From<rusqlite::Error> for SandboxError {
    fn from(error: rusqlite::Error) -> SandboxError {
        SandboxError::Unavailable(error.to_string())
    }
}

impl From<SandboxError> for ProviderError {
    fn from(error: SandboxError) -> ProviderError {
        match error {
            SandboxError::Unknown => ProviderError::Unknown,
            SandboxError::Impossible(why) => ProviderError::Refused(why),
            SandboxError::Unavailable(why) => ProviderError::Unavailable(why),
        }
    }
}
