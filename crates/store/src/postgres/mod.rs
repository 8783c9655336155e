//! The store for when one machine is not enough: a PostgreSQL that several processes may share.
//!
//! A batch takes the write lock with its first statement and only then looks at the facts, so that
//! it sees all that earlier batches committed, of whatever process. Nothing is checked twice and
//! nothing can deadlock. A batch is two flights over the network: what it loads, what it writes.

mod erasure;
mod list;
mod load;
mod projections;
mod read;
mod row;
mod session;
mod velocities;
mod write;

use std::{error::Error as _, fmt::Write as _, io, sync::Arc, time::Duration};

use domain::{Keys, World};
use tokio_postgres::{Client, Config, NoTls, error::SqlState, types::ToSql};
use tracing::warn;

use self::{
    projections::Projections,
    read::Readers,
    session::{Failure, Session},
};
use crate::{
    KeyChange, LOAD_ROUNDS_MAX, Next, OpenError, Purpose, Read, Reads, Store, StoreError, Writer,
};

mod migrations {
    refinery::embed_migrations!("src/postgres/migrations");
}

/// How often a batch is run again because the database ended it in favour of another.
const RERUNS_MAX: usize = 3;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A peer that has vanished without a word is given up after this long.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Names the lock under which one process at a time brings the tables up to date.
const MIGRATION_LOCK: i64 = 0x6f72_6465_7264;

pub struct Postgres {
    config: Config,
    readers: Arc<Readers>,
    /// Absent in a process that does not serve.
    _projections: Option<Projections>,
}

impl Postgres {
    /// That a URL can be read; nobody is asked.
    pub(crate) fn check(url: &str) -> Result<(), OpenError> {
        configure(url).map(|_| ())
    }

    pub async fn open(url: &str, purpose: Purpose) -> Result<Postgres, OpenError> {
        let config = configure(url)?;
        let mut client = connect(&config).await?;
        client
            .batch_execute("SET lock_timeout = '60s'; SET client_min_messages = 'warning'")
            .await
            .map_err(failed)?;
        let lock = "SELECT pg_advisory_lock($1)";
        client.execute(lock, &[&MIGRATION_LOCK]).await.map_err(failed)?;
        migrations::migrations::runner()
            .run_async(&mut client)
            .await
            .map_err(|error| OpenError::Schema(migration_failed(&error)))?;
        let insert = "INSERT INTO stores (store_id, document) VALUES ($1, $2)
            ON CONFLICT DO NOTHING";
        let first: [&(dyn ToSql + Sync); 2] =
            [&i64::from(domain::StoreId::FIRST.0), &row::first_shop()?];
        client.execute(insert, &first).await.map_err(failed)?;
        let unlock = "SELECT pg_advisory_unlock($1)";
        client.execute(unlock, &[&MIGRATION_LOCK]).await.map_err(failed)?;
        let readers = Arc::new(Readers::start(&config, purpose)?);
        let projections = (purpose == Purpose::Serve).then(|| Projections::start(config.clone()));
        Ok(Postgres { config, readers, _projections: projections })
    }
}

impl Store for Postgres {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        Ok(Box::new(PostgresWriter { config: self.config.clone(), session: None }))
    }

    fn reads(&self) -> Arc<dyn Reads> {
        self.readers.clone()
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn forget_entries(&self) -> Read<'_, ()> {
        Box::pin(async move {
            let client = connect(&self.config).await?;
            client.batch_execute(projections::FORGET).await.map_err(failed)
        })
    }

    fn secret(&self, name: &'static str, offered: Vec<u8>) -> Read<'_, Vec<u8>> {
        Box::pin(async move {
            let client = connect(&self.config).await?;
            let insert = "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let select = "SELECT value FROM secrets WHERE name = $1";
            if let Some(row) = client.query_opt(select, &[&name]).await.map_err(failed)? {
                return row::get(&row, 0);
            }
            client.execute(insert, &[&name, &offered]).await.map_err(failed)?;
            match client.query_opt(select, &[&name]).await.map_err(failed)? {
                Some(row) => row::get(&row, 0),
                None => Err(StoreError::Broken("a secret vanished".into())),
            }
        })
    }

    fn rewrap_secret(&self, name: &'static str, from: Vec<u8>, to: Vec<u8>) -> Read<'_, ()> {
        Box::pin(async move {
            let client = connect(&self.config).await?;
            let update = "UPDATE secrets SET value = $3 WHERE name = $1 AND value = $2";
            client.execute(update, &[&name, &from, &to]).await.map(|_| ()).map_err(failed)
        })
    }

    fn change_signing_keys(&self, changes: Vec<KeyChange>) -> Read<'_, ()> {
        Box::pin(async move {
            let mut client = connect(&self.config).await?;
            let transaction = client.transaction().await.map_err(failed)?;
            for change in &changes {
                write::change_signing_key(&transaction, change).await?;
            }
            transaction.commit().await.map_err(failed)
        })
    }
}

struct PostgresWriter {
    config: Config,
    session: Option<Session>,
}

impl Writer for PostgresWriter {
    fn run_batch(
        &mut self,
        keys: &Keys,
        step: &mut dyn FnMut(&mut World) -> Next,
    ) -> Result<(), StoreError> {
        let mut reruns = 0;
        loop {
            // Out of the writer while the batch runs: should `step` panic, the connection is
            // dropped, and with it the open transaction and the write lock.
            let kept = self.session.take().filter(|it| !it.is_closed());
            let is_kept = kept.is_some();
            let session = match kept {
                Some(session) => session,
                None => Session::connect(&self.config)?,
            };
            let result = run_batch(&session, keys, step);
            if result.is_ok() || session.roll_back().is_ok() {
                self.session = Some(session);
            }
            match result {
                Ok(()) => return Ok(()),
                Err(Failure::NotBegun(why)) if is_kept => {
                    warn!(why, "the connection of the writer was lost, it is made again");
                }
                Err(Failure::Contention(why)) if reruns < RERUNS_MAX => {
                    reruns += 1;
                    warn!(why, "a batch is run again");
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }
}

fn run_batch(
    session: &Session,
    keys: &Keys,
    step: &mut dyn FnMut(&mut World) -> Next,
) -> Result<(), Failure> {
    let mut world = World::default();
    match session.wait_for(load::begin(session, keys, &mut world)) {
        Err(Failure::Store(StoreError::Unavailable(why))) if session.is_closed() => {
            return Err(Failure::NotBegun(why));
        }
        begun => begun?,
    }
    for _ in 0..=LOAD_ROUNDS_MAX {
        match step(&mut world) {
            Next::LoadMore(more) => {
                session.wait_for(load::load(session, &more, &mut world))?;
            }
            Next::Abandon => return session.roll_back(),
            Next::Write => return session.wait_for(write::write(session, &world)),
        }
    }
    Err(StoreError::Broken("a batch wants to load for ever".into()).into())
}

fn configure(url: &str) -> Result<Config, OpenError> {
    // The parser's own words may quote a piece of the password, so they are not passed on.
    let mut config: Config = url.parse().map_err(|_| OpenError::Unreadable)?;
    if config.get_application_name().is_none() {
        config.application_name("orderd");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE_MAX);
        config.keepalives_idle(SILENCE_MAX);
    }
    Ok(config)
}

/// A connection that the caller's runtime drives until the client is dropped.
async fn connect(config: &Config) -> Result<Client, StoreError> {
    let connecting = tokio::time::timeout(2 * CONNECT_TIMEOUT, config.connect(NoTls));
    let (client, connection) = connecting
        .await
        .map_err(|_| StoreError::Unavailable("no answer to a connection".into()))?
        .map_err(failed)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            warn!(why = in_words(&error), "a connection to the database has ended");
        }
    });
    Ok(client)
}

/// Tells what is the world's fault (away, full, overloaded: try again) from what is ours.
fn failed(error: tokio_postgres::Error) -> StoreError {
    let why = in_words(&error);
    let is_away = match error.code() {
        Some(code) => is_away(code),
        None => error.is_closed() || is_of_the_network(&error),
    };
    if is_away { StoreError::Unavailable(why) } else { StoreError::Broken(why) }
}

fn is_away(code: &SqlState) -> bool {
    // Classes: connection, authorization, rollback in favour of another, resources (the disk is
    // full, too many connections), the operator, the system around the server.
    let classes = ["08", "28", "40", "53", "57", "58"];
    classes.contains(&&code.code()[..2])
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
}

/// The library reports what it can't encode or parse as an IO error too, of these kinds.
fn is_of_the_network(error: &tokio_postgres::Error) -> bool {
    let io = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    io.is_some_and(|it| {
        it.kind() != io::ErrorKind::InvalidInput && it.kind() != io::ErrorKind::InvalidData
    })
}

/// Without the server's `DETAIL`, which quotes rows.
fn in_words(error: &tokio_postgres::Error) -> String {
    let mut words = String::new();
    _ = match (error.as_db_error(), error.source()) {
        (Some(db), _) => match db.constraint() {
            Some(constraint) => {
                write!(words, "{} ({}, {constraint})", db.message(), db.code().code())
            }
            None => write!(words, "{} ({})", db.message(), db.code().code()),
        },
        (None, Some(source)) => write!(words, "{error}: {source}"),
        (None, None) => write!(words, "{error}"),
    };
    words
}

fn migration_failed(error: &refinery::Error) -> String {
    let database = error.source().and_then(|it| it.downcast_ref::<tokio_postgres::Error>());
    database.map_or_else(|| error.to_string(), in_words)
}
