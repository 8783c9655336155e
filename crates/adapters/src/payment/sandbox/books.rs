//! The sandbox's books: the tables of its file, and one statement for each thing they are asked.

use std::{path::Path, thread, time::Duration};

use domain::{
    Currency, IntentId, Moment, Money, OrderNo, PaymentId,
    payment::{Capture, IntentRequest, IntentState},
    refund::RefundState,
};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::{Callback, SandboxError, Surroundings, behaviour, behaviour::LATE_MS};

/// What the tables look like. A file of a later release is not opened.
const VERSION: i64 = 1;

/// How long a process waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// More than there are statements below.
const STATEMENTS_MAX: usize = 32;

const ATTEMPTS_MAX: usize = 40;
const PAUSE: Duration = Duration::from_millis(50);

const STATES: [IntentState; 6] = [
    IntentState::Open,
    IntentState::Declined,
    IntentState::Processing,
    IntentState::Authorized,
    IntentState::Succeeded,
    IntentState::Cancelled,
];

pub(super) fn open(path: &Path) -> Result<Connection, SandboxError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    switch_to_wal(&connection)?;
    // What was answered outlives the process; to outlive the machine is asked of no sandbox.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    with_tables(connection)
}

pub(super) fn open_in_memory() -> Result<Connection, SandboxError> {
    with_tables(Connection::open_in_memory()?)
}

fn with_tables(mut connection: Connection) -> Result<Connection, SandboxError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        let why = format!("its file is of a newer release (version {version})");
        return Err(SandboxError::Unavailable(why));
    }
    if version < VERSION {
        transaction.execute_batch(include_str!("books.sql"))?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(connection)
}

/// The switch does not wait for other processes as other statements do.
fn switch_to_wal(connection: &Connection) -> Result<(), SandboxError> {
    let mut attempts = 1..ATTEMPTS_MAX;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && attempts.next().is_some() =>
            {
                thread::sleep(PAUSE);
            }
            switched => return Ok(switched?),
        }
    }
}

/// The books, open at a moment.
pub(super) struct Books<'a> {
    pub(super) connection: &'a Connection,
    pub(super) now: i64,
    surroundings: &'a Surroundings,
}

pub(super) struct Intent {
    pub(super) id: IntentId,
    pub(super) client_secret: String,
    pub(super) request: IntentRequest,
    pub(super) state: IntentState,
    pub(super) message: Option<String>,
    pub(super) created_at: i64,
}

/// The id of what a call has made.
pub(super) struct Made(pub(super) String);

const INTENT: &str = "id, client_secret, order_no, payment_id, amount, currency, at_shipment, \
                      state, message, created_at";

impl<'a> Books<'a> {
    pub(super) fn new(connection: &'a Connection, surroundings: &'a Surroundings) -> Books<'a> {
        Books { connection, now: (surroundings.now)(), surroundings }
    }

    pub(super) fn intent(&self, id: &IntentId) -> Result<Intent, SandboxError> {
        let found = self
            .connection
            .prepare_cached(&format!("SELECT {INTENT} FROM intents WHERE id = ?1"))?
            .query_row([id.as_str()], |row| Ok(read_intent(row)))
            .optional()?;
        found.unwrap_or(Err(SandboxError::Unknown))
    }

    /// In the order in which they were made.
    pub(super) fn intents(
        &self,
        after: Option<&IntentId>,
        limit: u32,
    ) -> Result<Vec<Intent>, SandboxError> {
        let after = match after {
            None => 0,
            Some(id) => self
                .connection
                .prepare_cached("SELECT no FROM intents WHERE id = ?1")?
                .query_row([id.as_str()], |row| row.get::<_, i64>(0))
                .optional()?
                .ok_or(SandboxError::Unknown)?,
        };
        let mut page = self.connection.prepare_cached(&format!(
            "SELECT {INTENT} FROM intents WHERE no > ?1 ORDER BY no LIMIT ?2"
        ))?;
        let page = page.query_map(params![after, limit], |row| Ok(read_intent(row)))?;
        page.map(|intent| intent?).collect()
    }

    pub(super) fn last_before(&self, moment: Moment) -> Result<Option<IntentId>, SandboxError> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT id FROM intents WHERE created_at < ?1 \
                 ORDER BY created_at DESC, no DESC LIMIT 1",
            )?
            .query_row([moment.0], |row| row.get::<_, String>(0))
            .optional()?;
        Ok(found.map(|id| IntentId::new(&id)))
    }

    pub(super) fn begin(&self, request: IntentRequest) -> Result<Intent, SandboxError> {
        let id = format!("pi_{}", self.random_name());
        let intent = Intent {
            client_secret: format!("{id}_secret_{}", self.random_name()),
            id: IntentId::new(&id),
            request,
            state: IntentState::Open,
            message: None,
            created_at: self.now,
        };
        let IntentRequest { order, payment, amount, currency, capture } = &intent.request;
        let at_shipment = match capture {
            Capture::AtOnce => false,
            Capture::AtShipment => true,
        };
        self.connection
            .prepare_cached(&format!(
                "INSERT INTO intents ({INTENT}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9)"
            ))?
            .execute(params![
                id,
                intent.client_secret,
                order.0.cast_signed(),
                payment.as_str(),
                amount.0,
                currency.code(),
                at_shipment,
                intent.state.name(),
                intent.created_at,
            ])?;
        Ok(intent)
    }

    /// Writes how an intent stands now.
    pub(super) fn put(&self, intent: &Intent) -> Result<(), SandboxError> {
        self.connection
            .prepare_cached(
                "UPDATE intents SET state = ?2, message = ?3, amount = ?4 WHERE id = ?1",
            )?
            .execute(params![
                intent.id.as_str(),
                intent.state.name(),
                intent.message,
                intent.request.amount.0,
            ])?;
        Ok(())
    }

    pub(super) fn begin_refund(&self, id: &IntentId, amount: Money) -> Result<Made, SandboxError> {
        let made = Made(format!("re_{}", self.random_name()));
        let succeeds_at = match behaviour::current(self)?.callback {
            Callback::On | Callback::Off | Callback::Double => self.now,
            Callback::Late => self.now.saturating_add(LATE_MS),
        };
        self.connection
            .prepare_cached(
                "INSERT INTO refunds (id, intent, amount, succeeds_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![made.0, id.as_str(), amount.0, succeeds_at])?;
        Ok(made)
    }

    pub(super) fn refund_state(&self, refund: &Made) -> Result<RefundState, SandboxError> {
        let succeeds_at: i64 = self
            .connection
            .prepare_cached("SELECT succeeds_at FROM refunds WHERE id = ?1")?
            .query_row([&refund.0], |row| row.get(0))?;
        let has_succeeded = succeeds_at <= self.now;
        Ok(if has_succeeded { RefundState::Succeeded } else { RefundState::Pending })
    }

    /// What went back of an intent.
    pub(super) fn refunded(&self, id: &IntentId) -> Result<Money, SandboxError> {
        self.refunds_until(id, self.now)
    }

    /// The same, and what is on its way.
    pub(super) fn given_back(&self, id: &IntentId) -> Result<Money, SandboxError> {
        self.refunds_until(id, i64::MAX)
    }

    fn refunds_until(&self, id: &IntentId, until: i64) -> Result<Money, SandboxError> {
        let sum = self
            .connection
            .prepare_cached(
                "SELECT coalesce(sum(amount), 0) FROM refunds \
                 WHERE intent = ?1 AND succeeds_at <= ?2",
            )?
            .query_row(params![id.as_str(), until], |row| row.get(0))?;
        Ok(Money(sum))
    }

    /// What an earlier call with this key has made, if it asked for the same.
    pub(super) fn made(&self, key: &str, asked: &str) -> Result<Option<Made>, SandboxError> {
        let found: Option<(String, String)> = self
            .connection
            .prepare_cached("SELECT asked, made FROM keys WHERE key = ?1")?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            None => Ok(None),
            Some((before, made)) if before == asked => Ok(Some(Made(made))),
            Some(_) => Err(SandboxError::Impossible(
                "This idempotency key was used for another request.".into(),
            )),
        }
    }

    pub(super) fn remember(&self, key: &str, asked: &str, made: &Made) -> Result<(), SandboxError> {
        self.connection
            .prepare_cached("INSERT INTO keys (key, asked, made) VALUES (?1, ?2, ?3)")?
            .execute([key, asked, &made.0])?;
        Ok(())
    }

    /// A name that nobody can guess: 24 letters and digits of 5 random bits each.
    fn random_name(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut bytes = [0; 24];
        (self.surroundings.fill)(&mut bytes);
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
    }
}

fn read_intent(row: &Row<'_>) -> Result<Intent, SandboxError> {
    let payment: String = row.get(3)?;
    let currency: String = row.get(5)?;
    let state: String = row.get(7)?;
    Ok(Intent {
        id: IntentId::new(&row.get::<_, String>(0)?),
        client_secret: row.get(1)?,
        request: IntentRequest {
            order: OrderNo(row.get::<_, i64>(2)?.cast_unsigned()),
            payment: PaymentId::new(&payment),
            amount: Money(row.get(4)?),
            currency: Currency::parse(&currency).ok_or_else(|| unreadable("currency"))?,
            capture: if row.get(6)? { Capture::AtShipment } else { Capture::AtOnce },
        },
        state: STATES
            .into_iter()
            .find(|it| it.name() == state)
            .ok_or_else(|| unreadable("state"))?,
        message: row.get(8)?,
        created_at: row.get(9)?,
    })
}

pub(super) fn unreadable(what: &str) -> SandboxError {
    SandboxError::Unavailable(format!("its file has a {what} that it does not know"))
}
