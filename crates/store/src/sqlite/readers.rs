//! Answers questions beside the writer, on connections of their own.
//!
//! A question that may look at many rows goes to one of a few threads, so that the runtime never
//! waits for it. One that looks at a single row is answered on the spot: to wake a thread for it
//! costs more than the look itself, and its pages are few. To take a snapshot costs as much as the
//! look too, so one is kept until something is committed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, TryLockError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use domain::OrderNo;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    commits::Commits,
    connect, failed,
    kept::{Kept, KeptBefore},
    load::prepare,
    tail::{ByCustomer, Tail},
};
use crate::{OrderFilter, Pool, Read, Stamp, StoreError};

const READERS: usize = 2;

/// Questions that may wait; past it a caller is told at once to come again.
const READS_MAX: usize = 4096;

/// Questions that share a snapshot.
const SNAPSHOT_MAX: usize = 16;

/// Small, since they see the file through the memory of the system.
const CACHE_KIB: u32 = 4096;

/// Bytes of the file that are seen so: as many as SQLite is built for (`.cargo/config.toml`).
const MAPPED_MAX: i64 = 1 << 40;

type Question = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    questions: SyncSender<Question>,
    asked: Arc<Asked>,
    /// For what is answered on the spot: as many as there can be at a time.
    at_hand: Vec<Mutex<Hand>>,
    commits: Commits,
    /// Orders that lists have read. Nothing of a file is known for longer than a look where another
    /// process writes to it: its commits are not counted.
    kept: Option<Kept>,
    /// Empty in a process that does not serve.
    tail: Tail,
}

/// What the threads have to do.
#[derive(Default)]
struct Asked {
    waiting: AtomicUsize,
    busy: AtomicUsize,
}

/// A connection that keeps its snapshot from look to look.
struct Hand {
    connection: Connection,
    /// The commits that its snapshot has at least, while it has one.
    snapshot: Option<u64>,
}

impl Hand {
    fn open(path: &Path) -> Result<Hand, StoreError> {
        Ok(Hand { connection: connect_to_read(path)?, snapshot: None })
    }

    /// With a snapshot that has all of these commits.
    fn at(&mut self, commits: u64) -> Result<&Connection, StoreError> {
        if self.snapshot != Some(commits) {
            self.let_go()?;
            run(&self.connection, "BEGIN")?;
            self.snapshot = Some(commits);
        }
        Ok(&self.connection)
    }

    fn let_go(&mut self) -> Result<(), StoreError> {
        if self.snapshot.take().is_some() {
            run(&self.connection, "COMMIT")?;
        }
        Ok(())
    }
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    prepare(connection, sql)?.execute([]).map(|_| ()).map_err(failed)
}

/// Who writes to the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Here,
    Elsewhere,
}

impl Readers {
    pub(super) fn start(path: &Path, written: Written) -> Result<Readers, StoreError> {
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
        let at_hand = (0..workers).map(|_| Hand::open(path).map(Mutex::new));
        let at_hand = at_hand.collect::<Result<_, _>>()?;
        let (commits, tail) = (Commits::default(), Tail::default());
        let kept = (written == Written::Here).then(|| Kept::new(commits.clone()));
        Ok(Readers { questions, asked, at_hand, commits, kept, tail })
    }

    pub(super) fn load(&self) -> Pool {
        let at_hand = self.at_hand.iter().filter(|it| free(it).is_none()).count();
        Pool {
            size: READERS + self.at_hand.len(),
            busy: at_hand + self.asked.busy.load(Ordering::Relaxed),
            waiting: self.asked.waiting.load(Ordering::Relaxed),
        }
    }

    /// To be counted by whoever writes.
    pub(super) fn commits(&self) -> Commits {
        self.commits.clone()
    }

    /// Read before the order is, it is the order's or an older one.
    pub(super) fn stamp(&self, order: OrderNo) -> Option<Stamp> {
        self.kept.as_ref().map(|_| self.commits.stamp(order))
    }

    /// To be asked for before the question is.
    pub(super) fn kept(&self) -> Option<KeptBefore> {
        self.kept.as_ref().map(Kept::before_snapshot)
    }

    /// To be kept by whoever writes.
    pub(super) fn tail(&self) -> Tail {
        self.tail.clone()
    }

    /// Ends the snapshots that nobody uses: the log can't be carried over past them, and what other
    /// connections have committed is not counted.
    pub(super) fn let_go(&self) {
        for mut hand in self.at_hand.iter().filter_map(free) {
            if let Err(error) = hand.let_go() {
                tracing::warn!(%error, "a snapshot could not be ended");
            }
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
        match self.at_hand.iter().find_map(free) {
            Some(mut hand) => {
                let connection = match &self.kept {
                    Some(_) => hand.at(self.commits.count()),
                    None => Ok(&hand.connection),
                };
                let answer = connection.and_then(question);
                if answer.is_err() {
                    // Whatever is wrong with it, the next look begins anew.
                    _ = hand.let_go();
                }
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

fn free(hand: &Mutex<Hand>) -> Option<MutexGuard<'_, Hand>> {
    match hand.try_lock() {
        Ok(hand) => Some(hand),
        // It was held by a question that panicked: the connection is as good as before, for a read
        // changes nothing.
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true).map_err(failed)?;
    connection.pragma_update(None, "mmap_size", MAPPED_MAX).map_err(failed)?;
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
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_read_that_panics_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orderd.db");
        let readers = Readers::start(&path, Written::Here).unwrap();
        for _ in 0..2 * READERS {
            let broken = readers.ask::<()>(|_| panic!("a row that nobody has thought of")).await;
            assert_eq!(broken, Err(StoreError::Broken("a reader has died".into())));
        }
        assert_eq!(readers.ask(|_| Ok(7)).await, Ok(7));
    }

    #[test]
    fn a_long_file_is_mapped_whole() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connect_to_read(&folder.path().join("orderd.db")).unwrap();
        let mapped = connection.query_row("PRAGMA mmap_size", [], |row| row.get::<_, i64>(0));
        assert_eq!(mapped, Ok(MAPPED_MAX));
    }

    #[test]
    fn a_snapshot_is_kept_until_something_is_committed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orderd.db");
        let other = connect(&path, CACHE_KIB).unwrap();
        other.execute_batch("CREATE TABLE facts (fact); INSERT INTO facts VALUES (1)").unwrap();
        let readers = Readers::start(&path, Written::Here).unwrap();
        let beside = Readers::start(&path, Written::Elsewhere).unwrap();
        let count = |readers: &Readers| {
            let sql = "SELECT count(*) FROM facts";
            let count = readers.look(|it| it.query_row(sql, [], |row| row.get(0)).map_err(failed));
            count.now_or_never().unwrap()
        };
        let add = || other.execute("INSERT INTO facts VALUES (1)", []).unwrap();
        assert_eq!(count(&readers), Ok(1));
        assert_eq!(count(&beside), Ok(1));
        add();
        assert_eq!(count(&beside), Ok(2), "others write there");
        assert_eq!(count(&readers), Ok(1), "nobody has counted it");
        readers.commits().add([]);
        assert_eq!(count(&readers), Ok(2));
        add();
        readers.let_go();
        assert_eq!(count(&readers), Ok(3));
        let busy = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        readers.let_go();
        let truncated = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], busy);
        assert_eq!(truncated, Ok(0), "a snapshot holds the log");
    }
}
