//! The writer's connection, with all its statements prepared, and a flight: statements that cross
//! the network together.
//!
//! A session has a runtime of its own, driven by the thread that waits: no other thread has to wake
//! up, and dropping it closes the socket at once, whatever was under way.

use std::{collections::HashMap, future::Future, pin::Pin, time::Duration};

use futures_util::{FutureExt, TryFutureExt, future::try_join_all};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, Row, Statement, error::SqlState, types::ToSql};

use super::{connect, erasure, failed, in_words, load, velocities, write};
use crate::StoreError;

/// Longer than every timeout of the server's, so that it is the server who tells what was wrong.
const FLIGHT_TIMEOUT: Duration = Duration::from_secs(45);

const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(2);

/// A commit is on disk when it returns. A process that hangs does not keep the write lock, and
/// nobody waits for it without end. The writer reads by keys alone: a plan that was made while a
/// table was small must not scan it when it has grown.
const SETTINGS: &str = "SET synchronous_commit = on;
    SET lock_timeout = '10s';
    SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '30s';
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off";

pub(super) struct Session {
    /// Only absent while it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

/// Why a batch was not written.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection was lost before anything was loaded.
    NotBegun(String),
    /// The database ended it in favour of another transaction.
    Contention(String),
    Store(StoreError),
}

impl Session {
    pub(super) fn connect(config: &Config) -> Result<Session, StoreError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let (client, statements) = runtime.block_on(prepared(config))?;
        Ok(Session { runtime: Some(runtime), client, statements })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn wait_for<T>(
        &self,
        flight: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.wait_at_most(FLIGHT_TIMEOUT, flight)
    }

    pub(super) fn roll_back(&self) -> Result<(), Failure> {
        self.wait_at_most(ROLLBACK_TIMEOUT, self.command("ROLLBACK"))
    }

    fn wait_at_most<T>(
        &self,
        timeout: Duration,
        flight: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let runtime = self.runtime.as_ref().expect("a session that is used is not dropped");
        runtime.block_on(async {
            let landed = tokio::time::timeout(timeout, flight).await;
            landed.unwrap_or_else(|_| {
                Err(StoreError::Unavailable("the database does not answer".into()).into())
            })
        })
    }

    /// Sends a command without parameters when it is first polled, like the two below.
    pub(super) async fn command(&self, sql: &str) -> Result<(), Failure> {
        Ok(self.client.batch_execute(sql).await?)
    }

    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Failure> {
        Ok(self.client.query(self.statement(sql)?, params).await?)
    }

    pub(super) async fn execute(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<(), Failure> {
        self.client.execute(self.statement(sql)?, params).await?;
        Ok(())
    }

    /// Never prepares: that would let the statements after it overtake it.
    fn statement(&self, sql: &str) -> Result<&Statement, StoreError> {
        let found = self.statements.get(sql);
        found.ok_or_else(|| StoreError::Broken(format!("not among the prepared: {sql}")))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // In the background, because whoever drops the writer may be in a runtime himself.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn prepared(
    config: &Config,
) -> Result<(Client, HashMap<&'static str, Statement>), StoreError> {
    let client = connect(config).await?;
    client.batch_execute(SETTINGS).await.map_err(failed)?;
    let all = load::STATEMENTS.iter().chain(write::STATEMENTS).chain(erasure::STATEMENTS);
    let all = all.chain(velocities::STATEMENTS);
    let preparing = all.map(|sql| client.prepare(sql).map_ok(|statement| (*sql, statement)));
    let statements = try_join_all(preparing).await.map_err(failed)?.into_iter().collect();
    Ok((client, statements))
}

/// Statements that are sent one after the other without waiting for answers in between. The server
/// runs them in that order, and after a failed one it refuses the rest of the transaction.
#[derive(Default)]
pub(super) struct Flight<'a> {
    under_way: Vec<Sent<'a>>,
    not_sent: Option<Failure>,
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

impl<'a> Flight<'a> {
    /// Sends a statement, unless one before it could not be sent: then nothing follows, least of
    /// all a commit.
    pub(super) fn send(&mut self, statement: impl Future<Output = Result<(), Failure>> + 'a) {
        if self.not_sent.is_some() {
            return;
        }
        let mut statement = Box::pin(statement);
        match statement.as_mut().now_or_never() {
            None => self.under_way.push(statement),
            Some(Ok(())) => {}
            Some(Err(failure)) => self.not_sent = Some(failure),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty() && self.not_sent.is_none()
    }

    /// Waits for every answer; the first failure is the one that counts.
    pub(super) async fn land(self) -> Result<(), Failure> {
        let mut landed = Ok(());
        for statement in self.under_way {
            let answer = statement.await;
            landed = landed.and(answer);
        }
        landed.and(self.not_sent.map_or(Ok(()), Err))
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Failure {
        let code = error.code();
        if code == Some(&SqlState::T_R_SERIALIZATION_FAILURE)
            || code == Some(&SqlState::T_R_DEADLOCK_DETECTED)
        {
            Failure::Contention(in_words(&error))
        } else {
            Failure::Store(failed(error))
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> StoreError {
        match failure {
            Failure::NotBegun(why) | Failure::Contention(why) => StoreError::Unavailable(why),
            Failure::Store(error) => error,
        }
    }
}
