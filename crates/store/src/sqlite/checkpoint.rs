//! Carries the write-ahead log over into the file, off the writer's path.
//!
//! The writer would do it itself, in one go, once the log is long, and everyone would wait for it.
//! It still does if this thread can't keep up: that bounds the log's size.

use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use rusqlite::Connection;

use super::{connect, readers::Readers};
use crate::StoreError;

/// Often enough that little is left to do at once.
const PAUSE: Duration = Duration::from_millis(250);

/// It copies pages and looks at none.
const CACHE_KIB: u32 = 1024;

/// The thread ends when this goes.
pub(super) struct Checkpoints {
    _alive: Sender<()>,
}

impl Checkpoints {
    pub(super) fn start(path: &Path, readers: Arc<Readers>) -> Result<Checkpoints, StoreError> {
        let connection = connect(path, CACHE_KIB)?;
        let (alive, gone) = channel();
        thread::Builder::new()
            .name("checkpoints".into())
            .spawn(move || {
                while gone.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                    readers.let_go();
                    checkpoint(&connection);
                }
            })
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Checkpoints { _alive: alive })
    }
}

/// Passive: it waits for nobody and nobody waits for it.
fn checkpoint(connection: &Connection) {
    let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = done {
        // Nothing is lost: the log stays, and the next one tries again.
        tracing::warn!(%error, "the write-ahead log was not carried over");
    }
}
