//! Feeds the indexes by product, word and total, behind the writer.
//!
//! They have random keys, so an order is not written into them with its own batch: a thread reads
//! the log from where it ended last and feeds sorted slices, each in a transaction of its own that
//! moves the position too. While others write it takes a tenth of the time at most; a list that
//! asks these indexes says how far they have come.

use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, Row, ToSql, TransactionBehavior, params};

use super::{
    connect, failed,
    load::{one, prepare},
    pace::Pace,
    read::all,
    row::{mistyped, signed, unsigned},
    turns::Turns,
};
use crate::{
    Segment, StoreError,
    list::long_segment_of,
    projection::{NAME, Rows, TYPES},
};

/// How soon something new is looked for: what is fed lags this much where there is time enough.
const PAUSE: Duration = Duration::from_millis(200);

/// The disk is full, or another program holds the file.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(500);

/// How long another program is waited for: not long, since batches wait for the turn meanwhile.
const BUSY_TIME: Duration = Duration::from_millis(100);

/// While others write, it rests so many times as long as it has taken.
const REST: u32 = 9;

/// Of each index the pages that grow, and those of the log.
const CACHE_KIB: u32 = 16_384;

/// The thread ends when this goes.
pub(super) struct Projections {
    _alive: Sender<()>,
}

impl Projections {
    pub(super) fn start(
        path: &Path,
        turns: Arc<Turns>,
        pace: Pace,
    ) -> Result<Projections, StoreError> {
        let connection = connect(path, CACHE_KIB)?;
        connection.busy_timeout(BUSY_TIME).map_err(failed)?;
        let (alive, gone) = channel();
        thread::Builder::new()
            .name("projections".into())
            .spawn(move || feed_all(connection, &turns, pace, &gone))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Projections { _alive: alive })
    }
}

#[expect(clippy::disallowed_methods, reason = "it rests as long as it has kept others waiting")]
fn feed_all(mut connection: Connection, turns: &Turns, pace: Pace, gone: &Receiver<()>) {
    let mut pause = Duration::ZERO;
    while gone.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let (begun, asked) = (Instant::now(), turns.asked());
        pause = match feed(&mut connection, turns, pace) {
            Ok(Fed::Nothing) => PAUSE,
            // More may be there, and somebody else has asked for a turn meanwhile.
            Ok(Fed::Slice) if turns.asked() > asked + 1 => REST * begun.elapsed(),
            Ok(Fed::Slice) => Duration::ZERO,
            Err(error) => {
                // Nothing is lost: it goes on from its position.
                tracing::warn!(%error, "the indexes of lists were not fed");
                PAUSE_AFTER_ERROR
            }
        };
    }
}

enum Fed {
    Slice,
    Nothing,
}

fn feed(connection: &mut Connection, turns: &Turns, pace: Pace) -> Result<Fed, StoreError> {
    if last_seq(connection)? <= position(connection)? {
        return Ok(Fed::Nothing);
    }
    let _turn = turns.take();
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let from = position(&transaction)?;
    let until = last_seq(&transaction)?.min(from + pace.events_slice);
    write(&transaction, &read(&transaction, from, until)?)?;
    let sql = "INSERT INTO projections (name, position) VALUES (?1, ?2)
        ON CONFLICT DO UPDATE SET position = ?2";
    prepare(&transaction, sql)?.execute(params![NAME, signed(until)]).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(Fed::Slice)
}

/// Lets go of all that was fed.
pub(super) fn forget(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let sql = "DELETE FROM order_products; DELETE FROM order_words; DELETE FROM order_totals";
    transaction.execute_batch(sql).map_err(failed)?;
    transaction.execute("DELETE FROM projections WHERE name = ?1", [NAME]).map_err(failed)?;
    transaction.commit().map_err(failed)
}

fn last_seq(connection: &Connection) -> Result<u64, StoreError> {
    let last = one(&mut prepare(connection, "SELECT max(seq) FROM events")?, [], |row| {
        row.get::<_, Option<i64>>(0).map_err(failed)
    })?;
    Ok(unsigned(last.flatten().unwrap_or(0)))
}

/// The event up to which the indexes have all.
pub(super) fn position(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT position FROM projections WHERE name = ?1";
    let position =
        one(&mut prepare(connection, sql)?, [NAME], |row| row.get::<_, i64>(0).map_err(failed))?;
    Ok(unsigned(position.unwrap_or(0)))
}

/// What the indexes have of a run of orders.
pub(super) fn segment(connection: &Connection, found_in: u64) -> Result<Segment, StoreError> {
    let mut found = Segment { as_of_seq: position(connection)?, ..Segment::default() };
    let number = signed(found_in);
    let text = |row: &Row<'_>| {
        let text: String = row.get(1).map_err(failed)?;
        Ok((unsigned(row.get(0).map_err(failed)?), text))
    };
    let sql = "SELECT no, product_id FROM order_products WHERE segment = ?1";
    for (no, product) in all(connection, sql, &[&number], text)? {
        found.entry(no).products.insert(product);
    }
    let sql = "SELECT no, word FROM order_words WHERE segment = ?1";
    for (no, word) in all(connection, sql, &[&number], text)? {
        found.entry(no).words.insert(word);
    }
    let (first, last) = Segment::orders(found_in).into_inner();
    let sql = "SELECT no, total FROM order_totals WHERE segment = ?1 AND no >= ?2 AND no <= ?3";
    let total = |row: &Row<'_>| {
        let total: i64 = row.get(1).map_err(failed)?;
        Ok((unsigned(row.get(0).map_err(failed)?), total))
    };
    let long_segment = signed(long_segment_of(first.0));
    let named: [&dyn ToSql; 3] = [&long_segment, &signed(first.0), &signed(last.0)];
    for (no, total) in all(connection, sql, &named, total)? {
        found.entry(no).totals.insert(total);
    }
    Ok(found)
}

/// Orders and persons as they are now, in the transaction that writes what was read of them: what
/// was erased meanwhile does not come back.
fn read(connection: &Connection, from: u64, until: u64) -> Result<Rows, StoreError> {
    let sql = "SELECT no, orders.document, persons.document FROM
            (SELECT DISTINCT order_no AS no FROM events
                WHERE seq > ?1 AND seq <= ?2 AND type IN (?3, ?4, ?5))
            JOIN orders USING (no) LEFT JOIN persons ON persons.order_no = no";
    let [created, shipped, shipment_updated] = TYPES;
    let mut statement = prepare(connection, sql)?;
    let named = params![signed(from), signed(until), created, shipped, shipment_updated];
    let mut found = statement.query(named).map_err(failed)?;
    let mut rows = Rows::default();
    while let Some(row) = found.next().map_err(failed)? {
        let document = row.get_ref(1).map_err(failed)?.as_str().map_err(mistyped)?;
        let person = row.get_ref(2).map_err(failed)?.as_str_or_null().map_err(mistyped)?;
        rows.add(unsigned(row.get(0).map_err(failed)?), document, person)?;
    }
    rows.sort();
    Ok(rows)
}

/// An order that is looked at again has most of its rows already.
fn write(connection: &Connection, rows: &Rows) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO order_products (segment, product_id, no) VALUES (?1, ?2, ?3)";
    let mut insert = prepare(connection, sql)?;
    for (segment, product, no) in &rows.products {
        insert.execute(params![signed(*segment), product, signed(*no)]).map_err(failed)?;
    }
    let sql = "INSERT OR IGNORE INTO order_words (segment, word, no) VALUES (?1, ?2, ?3)";
    let mut insert = prepare(connection, sql)?;
    for (segment, word, no) in &rows.words {
        insert.execute(params![signed(*segment), word, signed(*no)]).map_err(failed)?;
    }
    let sql = "INSERT OR IGNORE INTO order_totals (segment, total, no) VALUES (?1, ?2, ?3)";
    let mut insert = prepare(connection, sql)?;
    for (segment, total, no) in &rows.totals {
        insert.execute(params![signed(*segment), total, signed(*no)]).map_err(failed)?;
    }
    Ok(())
}
