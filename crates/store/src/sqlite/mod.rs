//! The embedded store: one file, one writer that owns a connection, a few reader threads with a
//! connection each.
//!
//! WAL with `synchronous=FULL`: when a commit returns, it is on disk. A process that serves holds a
//! lock beside the file, so that the writer is the only one there is.

pub(crate) mod backup;
mod cache;
mod checkpoint;
mod commits;
mod erasure;
mod kept;
mod keys;
mod list;
mod load;
mod lock;
mod pace;
mod projections;
mod read;
mod readers;
mod row;
mod state;
mod tail;
#[cfg(test)]
mod trial;
mod turns;
mod velocities;
mod write;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use domain::{Keys, OrderNo, World, world::Change};
use refinery::error::Kind;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, config::DbConfig, params};

use self::{
    cache::Cache,
    checkpoint::Checkpoints,
    commits::Commits,
    keys::Keys as IdempotencyKeys,
    lock::Lock,
    pace::Pace,
    projections::Projections,
    readers::{Readers, Written},
    tail::{Feed, Tail},
    turns::Turns,
};
use crate::{
    KeyChange, LOAD_ROUNDS_MAX, Next, OpenError, Purpose, Read, Reads, Store, StoreError, Writer,
};

mod migrations {
    refinery::embed_migrations!("src/sqlite/migrations");
}

/// How many prepared statements a connection keeps.
const STATEMENTS_MAX: usize = 64;

/// What was written is soon looked at again, and only the writer does.
const WRITER_CACHE_KIB: u32 = 65_536;

/// How long a file is waited for that another program holds.
const BUSY_TIME: Duration = Duration::from_secs(10);

/// The same for a batch: callers wait for it, and those behind them.
const BUSY_TIME_OF_BATCH: Duration = Duration::from_secs(2);

const ATTEMPTS_MAX: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

pub struct Sqlite {
    path: PathBuf,
    pace: Pace,
    readers: Arc<Readers>,
    /// Absent in a process that does not serve: it must not write.
    writing: Option<Arc<Writing>>,
}

/// What the writers of this process share. The lock is held as long as there is one of them.
struct Writing {
    /// One at a time; nothing at first and after a failure.
    known: Mutex<Option<Known>>,
    tail: Tail,
    turns: Arc<Turns>,
    commits: Commits,
    _projections: Projections,
    _checkpoints: Checkpoints,
    _lock: Lock,
}

struct Known {
    cache: Cache,
    keys: IdempotencyKeys,
    feed: Feed,
}

impl Known {
    fn open(connection: &Connection, tail: Tail, pace: Pace) -> Result<Known, StoreError> {
        Ok(Known {
            cache: Cache::new(pace),
            keys: IdempotencyKeys::open(connection, pace)?,
            feed: Feed::open(connection, tail, pace)?,
        })
    }

    /// Takes over what a batch has changed, once it is on disk.
    fn committed(&mut self, world: &World) {
        self.cache.learn(world);
        self.keys.committed();
        self.feed.committed(world);
    }
}

impl Writing {
    fn start(
        path: &Path,
        readers: &Arc<Readers>,
        pace: Pace,
        lock: Lock,
    ) -> Result<Arc<Writing>, StoreError> {
        let turns = Arc::new(Turns::default());
        Ok(Arc::new(Writing {
            known: Mutex::new(None),
            tail: readers.tail(),
            commits: readers.commits(),
            turns: turns.clone(),
            _projections: Projections::start(path, turns, pace)?,
            _checkpoints: Checkpoints::start(path, readers.clone())?,
            _lock: lock,
        }))
    }

    /// Reads ahead what the first batch needs to know. A server answers meanwhile: with a large
    /// file this takes a tenth of a second. What fails here fails again, and is told, in a batch.
    fn read_ahead(&self, connection: &Connection, pace: Pace) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            match Known::open(connection, self.tail.clone(), pace) {
                Ok(read) => *known = Some(read),
                Err(error) => tracing::warn!(%error, "the file could not be read ahead"),
            }
        }
    }
}

impl Sqlite {
    pub fn open(path: &Path, purpose: Purpose) -> Result<Sqlite, OpenError> {
        Sqlite::open_at(Pace::default(), path, purpose)
    }

    fn open_at(pace: Pace, path: &Path, purpose: Purpose) -> Result<Sqlite, OpenError> {
        let lock = match purpose {
            Purpose::Serve => Some(Lock::acquire(path)?),
            Purpose::Write => Some(Lock::acquire_at_once(path)?),
            Purpose::Beside => None,
            Purpose::Inspect if !path.exists() => {
                let why = format!("there is no database at {}", path.display());
                return Err(StoreError::Unavailable(why).into());
            }
            Purpose::Inspect => None,
        };
        let mut connection = connect(path, WRITER_CACHE_KIB)?;
        migrate(&mut connection)?;
        connection
            .execute(
                "INSERT INTO stores (store_id, document) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![domain::StoreId::FIRST.0, row::first_shop()?],
            )
            .map_err(failed)?;
        let written = if lock.is_some() { Written::Here } else { Written::Elsewhere };
        let readers = Arc::new(Readers::start(path, written)?);
        let writing = lock.map(|lock| Writing::start(path, &readers, pace, lock)).transpose()?;
        if let Some(writing) = writing.clone() {
            thread::Builder::new()
                .name("read-ahead".into())
                .spawn(move || writing.read_ahead(&connection, pace))
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        }
        Ok(Sqlite { path: path.into(), pace, readers, writing })
    }
}

/// Several processes may open a new file at the same moment. One that comes too late fails over
/// what another has just made, and finds all done when it looks again.
fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let mut attempts = 1..ATTEMPTS_MAX;
    loop {
        let Err(error) = migrations::migrations::runner().run(connection) else { return Ok(()) };
        if let Kind::MissingVersion(newer) = error.kind() {
            let why = format!("they are of a newer release, which knows {newer}");
            return Err(OpenError::Schema(why));
        }
        if !matches!(error.kind(), Kind::Connection(..)) || attempts.next().is_none() {
            return Err(OpenError::Schema(error.to_string()));
        }
        thread::sleep(PAUSE);
    }
}

impl Store for Sqlite {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        let Some(writing) = self.writing.clone() else {
            let why = "the file was opened beside the process that serves it, to be read";
            return Err(StoreError::Broken(why.into()));
        };
        let connection = connect(&self.path, WRITER_CACHE_KIB)?;
        connection.busy_timeout(BUSY_TIME_OF_BATCH).map_err(failed)?;
        Ok(Box::new(SqliteWriter { connection, pace: self.pace, writing }))
    }

    fn reads(&self) -> Arc<dyn Reads> {
        self.readers.clone()
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn forget_entries(&self) -> Read<'_, ()> {
        Box::pin(async move { projections::forget(&mut connect(&self.path, WRITER_CACHE_KIB)?) })
    }

    fn secret(&self, name: &'static str, offered: Vec<u8>) -> Read<'_, Vec<u8>> {
        Box::pin(async move {
            let connection = connect(&self.path, WRITER_CACHE_KIB)?;
            let insert = "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            let select = "SELECT value FROM secrets WHERE name = ?1";
            let find = || connection.query_row(select, [name], |row| row.get(0)).optional();
            if let Some(value) = find().map_err(failed)? {
                return Ok(value);
            }
            connection.execute(insert, params![name, offered]).map_err(failed)?;
            let value: Option<Vec<u8>> = find().map_err(failed)?;
            value.ok_or_else(|| StoreError::Broken("a secret vanished".into()))
        })
    }

    fn rewrap_secret(&self, name: &'static str, from: Vec<u8>, to: Vec<u8>) -> Read<'_, ()> {
        Box::pin(async move {
            let connection = connect(&self.path, WRITER_CACHE_KIB)?;
            forget_well(&connection)?;
            let update = "UPDATE secrets SET value = ?3 WHERE name = ?1 AND value = ?2";
            connection.execute(update, params![name, from, to]).map(|_| ()).map_err(failed)
        })
    }

    fn change_signing_keys(&self, changes: Vec<KeyChange>) -> Read<'_, ()> {
        Box::pin(async move {
            let mut connection = connect(&self.path, WRITER_CACHE_KIB)?;
            forget_well(&connection)?;
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(failed)?;
            for change in changes {
                write::change_signing_key(&transaction, &change)?;
            }
            transaction.commit().map_err(failed)
        })
    }
}

/// What a secret was before is overwritten in its page, and not only let go of.
fn forget_well(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "secure_delete", true).map_err(failed)
}

struct SqliteWriter {
    connection: Connection,
    pace: Pace,
    writing: Arc<Writing>,
}

impl Writer for SqliteWriter {
    fn run_batch(
        &mut self,
        keys: &Keys,
        step: &mut dyn FnMut(&mut World) -> Next,
    ) -> Result<(), StoreError> {
        let Writing { known, tail, turns, commits, .. } = &*self.writing;
        let _turn = turns.take();
        let mut shared = known.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        // It comes back only with the news of a commit, or if nothing was written; whatever else
        // happens, the file is asked.
        let mut known = match shared.take() {
            Some(known) => known,
            None => Known::open(&transaction, tail.clone(), self.pace)?,
        };
        let mut world = World::default();
        match run(&transaction, &mut known, &mut world, keys, step)? {
            Run::Abandon => transaction.rollback().map_err(failed)?,
            Run::Write => {
                if let Err(error) = transaction.commit() {
                    commits.doubt();
                    return Err(failed(error));
                }
                commits.add(changed_orders(&world));
                known.committed(&world);
            }
        }
        *shared = Some(known);
        Ok(())
    }
}

/// Those that were there before.
fn changed_orders(world: &World) -> impl Iterator<Item = OrderNo> {
    let changes = world.orders.changes();
    changes.filter(|(_, change)| !matches!(change, Change::Insert(_))).map(|(no, _)| *no)
}

enum Run {
    Write,
    Abandon,
}

fn run(
    transaction: &Connection,
    known: &mut Known,
    world: &mut World,
    keys: &Keys,
    step: &mut dyn FnMut(&mut World) -> Next,
) -> Result<Run, StoreError> {
    load::load(transaction, known, keys, world)?;
    for _ in 0..=LOAD_ROUNDS_MAX {
        match step(world) {
            Next::LoadMore(more) => load::load(transaction, known, &more, world)?,
            Next::Abandon => return Ok(Run::Abandon),
            Next::Write => {
                write::write(transaction, known, world)?;
                return Ok(Run::Write);
            }
        }
    }
    Err(StoreError::Broken("a batch wants to load for ever".into()))
}

/// `cache_kib` is what the connection may keep of the file, each for itself.
fn connect(path: &Path, cache_kib: u32) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.busy_timeout(BUSY_TIME).map_err(failed)?;
    // Without it a statement is planned anew for each new value that is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    switch_to_wal(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    // What is deleted is overwritten where that takes no further writing; see `erasure`.
    connection.pragma_update(None, "secure_delete", "FAST").map_err(failed)?;
    connection.pragma_update(None, "wal_autocheckpoint", 50_000).map_err(failed)?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib)).map_err(failed)?;
    Ok(connection)
}

/// The switch wants the file for itself for a moment and does not wait for it as other statements
/// do: of several processes that open a new file at once, all but one have to ask again.
fn switch_to_wal(connection: &Connection) -> Result<(), StoreError> {
    let mut attempts = 1..ATTEMPTS_MAX;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL").map_err(failed) {
            Err(StoreError::Unavailable(_)) if attempts.next().is_some() => thread::sleep(PAUSE),
            switched => return switched,
        }
    }
}

/// Tells what is the world's fault (full, locked, unreadable: try again) from what is ours.
fn failed(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode as Code;
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(
            Code::DatabaseBusy
            | Code::DatabaseLocked
            | Code::DiskFull
            | Code::SystemIoFailure
            | Code::ReadOnly
            | Code::CannotOpen
            | Code::PermissionDenied
            | Code::OutOfMemory
            | Code::FileLockingProtocolFailed,
        ) => StoreError::Unavailable(why),
        _ => StoreError::Broken(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_may_be_opened_by_many_at_once() {
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("orderd.db");
            thread::scope(|scope| {
                let open = || {
                    Sqlite::open(&path, Purpose::Beside).map(|_| ()).map_err(|it| it.to_string())
                };
                let opened: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
                for it in opened {
                    assert_eq!(it.join().unwrap(), Ok(()));
                }
            });
        }
    }
}
