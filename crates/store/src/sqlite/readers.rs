//! Answers questions beside the writer, on connections of their own.
//!
//! A question that may look at many rows goes to one of a few threads, so that the runtime never
//! waits for it. One that looks at a single row is answered on the spot: to wake a thread for it
//! costs more than the look itself, and its pages are few.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, Mutex, TryLockError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    connect, failed,
    tail::{ByCustomer, Tail},
};
use crate::{OrderFilter, Pool, Read, StoreError};

const READERS: usize = 2;

/// Questions that may wait; past it a caller is told at once to come again.
const READS_MAX: usize = 4096;

/// Questions that share a snapshot.
const SNAPSHOT_MAX: usize = 16;

type Question = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    questions: SyncSender<Question>,
    asked: Arc<Asked>,
    /// For what is answered on the spot: as many as there can be at a time.
    at_hand: Vec<Mutex<Connection>>,
    /// Empty in a process that does not serve.
    tail: Tail,
}

/// What the threads have to do.
#[derive(Default)]
struct Asked {
    waiting: AtomicUsize,
    busy: AtomicUsize,
}

impl Readers {
    pub(super) fn start(path: &Path, tail: Tail) -> Result<Readers, StoreError> {
        let (questions, waiting) = sync_channel(READS_MAX);
        let (waiting, asked) = (Arc::new(Mutex::new(waiting)), Arc::<Asked>::default());
        for number in 1..=READERS {
            let connection = connect_to_read(path)?;
            let (waiting, asked) = (waiting.clone(), asked.clone());
            thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || answer_all(&connection, &waiting, &asked))
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        }
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let at_hand = (0..workers).map(|_| connect_to_read(path).map(Mutex::new));
        let at_hand = at_hand.collect::<Result<_, _>>()?;
        Ok(Readers { questions, asked, at_hand, tail })
    }

    pub(super) fn load(&self) -> Pool {
        let at_hand = self
            .at_hand
            .iter()
            .filter(|it| matches!(it.try_lock(), Err(TryLockError::WouldBlock)))
            .count();
        Pool {
            size: READERS + self.at_hand.len(),
            busy: at_hand + self.asked.busy.load(Ordering::Relaxed),
            waiting: self.asked.waiting.load(Ordering::Relaxed),
        }
    }

    /// The newest orders of a filter's customers, to be read before the index is; `None` where only
    /// the file knows them.
    pub(super) fn newest(&self, filter: &OrderFilter) -> Option<ByCustomer> {
        self.tail.of(filter.every_customer())
    }

    /// Asks a question of a single row.
    pub(super) fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Read<'_, T> {
        // A lock that is poisoned was held by a question that panicked: the connection is as good
        // as before, for a read changes nothing.
        let free = self.at_hand.iter().find_map(|it| match it.try_lock() {
            Ok(connection) => Some(connection),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        match free {
            Some(connection) => {
                let answer = question(&connection);
                Box::pin(async move { answer })
            }
            None => self.ask(question),
        }
    }

    /// Asks one question of one snapshot of the database.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Read<'_, T> {
        let (reply, answer) = oneshot::channel();
        self.asked.waiting.fetch_add(1, Ordering::Relaxed);
        let asked = self.questions.try_send(Box::new(move |connection| {
            // Nobody listens any more if the caller has gone away.
            _ = reply.send(question(connection));
        }));
        if asked.is_err() {
            self.asked.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        Box::pin(async move {
            match asked {
                Ok(()) => answer
                    .await
                    .unwrap_or_else(|_| Err(StoreError::Broken("a reader has died".into()))),
                Err(TrySendError::Full(_)) => {
                    Err(StoreError::Unavailable("too many reads are waiting".into()))
                }
                Err(TrySendError::Disconnected(_)) => {
                    Err(StoreError::Unavailable("the readers have stopped".into()))
                }
            }
        })
    }
}

fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true).map_err(failed)?;
    connection.pragma_update(None, "mmap_size", 1_i64 << 32).map_err(failed)?;
    connection.pragma_update(None, "cache_size", -4096).map_err(failed)?;
    Ok(connection)
}

fn answer_all(connection: &Connection, waiting: &Mutex<Receiver<Question>>, asked: &Asked) {
    while let Some(questions) = collect(waiting) {
        asked.waiting.fetch_sub(questions.len(), Ordering::Relaxed);
        asked.busy.fetch_add(1, Ordering::Relaxed);
        // One snapshot for all that waited: it is taken after they were asked, so each sees at
        // least what its caller has been told. Without one, each takes its own.
        let snapshot = connection.unchecked_transaction();
        for question in questions {
            // A question that panics is answered with an error, for its reply is dropped unsent.
            // Its thread goes on: one bad row must not silence all other reads.
            if catch_unwind(AssertUnwindSafe(|| question(connection))).is_err() {
                tracing::error!("a read has panicked");
            }
        }
        drop(snapshot);
        asked.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What waits, up to a fair share; `None` when nobody can ask any more.
fn collect(waiting: &Mutex<Receiver<Question>>) -> Option<Vec<Question>> {
    let waiting = waiting.lock().ok()?;
    let mut questions = vec![waiting.recv().ok()?];
    questions.extend(waiting.try_iter().take(SNAPSHOT_MAX - 1));
    Some(questions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_read_that_panics_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        let readers = Readers::start(&folder.path().join("orderd.db"), Tail::default()).unwrap();
        for _ in 0..2 * READERS {
            let broken = readers.ask::<()>(|_| panic!("a row that nobody has thought of")).await;
            assert_eq!(broken, Err(StoreError::Broken("a reader has died".into())));
        }
        assert_eq!(readers.ask(|_| Ok(7)).await, Ok(7));
    }
}
