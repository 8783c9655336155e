//! Feeds the indexes by product, word and total, behind the writers.
//!
//! They have random keys, so an order is not written into them with its own batch: a task reads the
//! log from where the last one ended and feeds sorted slices, each in a transaction of its own that
//! moves the position too. Of several processes one feeds at a time: who holds the position's row.
//! Whoever erases personal data holds it too, so that what is erased does not come back.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Row, types::ToSql};

use super::{
    connect, failed,
    row::{get, signed, unsigned},
};
pub(super) use crate::projection::NAME;
use crate::{
    Segment, StoreError,
    projection::{Rows, TYPES},
};

/// How soon something new is looked for: what is fed lags this much where there is time enough.
const PAUSE: Duration = Duration::from_millis(200);

/// While others write, it rests so many times as long as it has taken.
const REST: u32 = 9;

/// Events after which the next slice begins.
const EVENTS_SLICE: u64 = 2048;

pub(super) const POSITION: &str =
    "SELECT position FROM projections WHERE partition = 0 AND name = $1";

/// A crash may lose the last slices, with the position, and they are fed again.
const SETTINGS: &str = "SET synchronous_commit = off;
    SET lock_timeout = '10s';
    SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '30s';
    SET jit = off";

/// The task ends when this goes.
pub(super) struct Projections {
    task: JoinHandle<()>,
}

impl Projections {
    pub(super) fn start(config: Config) -> Projections {
        Projections { task: tokio::spawn(feed_all(config)) }
    }
}

impl Drop for Projections {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[expect(clippy::disallowed_methods, reason = "it rests as long as it has kept others waiting")]
async fn feed_all(config: Config) {
    let (mut client, mut known) = (None, 0);
    loop {
        let begun = Instant::now();
        let pause = match feed(&config, &mut client).await {
            Ok(Fed::Slice { last }) => {
                let somebody_writes = last != known;
                known = last;
                if somebody_writes { REST * begun.elapsed() } else { Duration::ZERO }
            }
            Ok(Fed::Nothing) => PAUSE,
            Err(error) => {
                // Nothing is lost: it goes on from its position.
                tracing::warn!(%error, "the indexes of lists were not fed");
                client = None;
                PAUSE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

enum Fed {
    /// There may be more; the last event that there is.
    Slice {
        last: u64,
    },
    Nothing,
}

async fn feed(config: &Config, kept: &mut Option<Client>) -> Result<Fed, StoreError> {
    let client = match kept {
        Some(client) => client,
        none => {
            let client = connect(config).await?;
            client.batch_execute(SETTINGS).await.map_err(failed)?;
            none.insert(client)
        }
    };
    let news = client.query_opt(NEWS, &[&NAME]).await.map_err(failed)?;
    if news.is_none() {
        return Ok(Fed::Nothing);
    }
    let transaction = client.transaction().await.map_err(failed)?;
    let Some(turn) = transaction.query_opt(TAKE_TURN, &[&NAME]).await.map_err(failed)? else {
        return Ok(Fed::Nothing);
    };
    let (from, last) = (unsigned(get(&turn, 0)?), unsigned(get(&turn, 1)?));
    let until = last.min(from + EVENTS_SLICE);
    let named: [&(dyn ToSql + Sync); 3] = [&signed(from), &signed(until), &&TYPES[..]];
    let rows = read(&transaction.query(READ, &named).await.map_err(failed)?)?;
    let Rows { products, words, totals } = &rows;
    let segments = column(products, |it| signed(it.0));
    let (values, numbers) =
        (column(products, |it| it.1.as_str()), column(products, |it| signed(it.2)));
    transaction.execute(FEED_PRODUCTS, &[&segments, &values, &numbers]).await.map_err(failed)?;
    let segments = column(words, |it| signed(it.0));
    let (values, numbers) = (column(words, |it| it.1.as_str()), column(words, |it| signed(it.2)));
    transaction.execute(FEED_WORDS, &[&segments, &values, &numbers]).await.map_err(failed)?;
    let segments = column(totals, |it| signed(it.0));
    let (values, numbers) = (column(totals, |it| it.1), column(totals, |it| signed(it.2)));
    transaction.execute(FEED_TOTALS, &[&segments, &values, &numbers]).await.map_err(failed)?;
    transaction.execute(MOVE_ON, &[&NAME, &signed(until)]).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(Fed::Slice { last })
}

const NEWS: &str = "SELECT 1 FROM projections, counters
    WHERE projections.partition = 0 AND projections.name = $1
        AND counters.partition = 0 AND counters.name = 'event' AND value > position";

/// Another process may be at it: then there is nothing to do here.
const TAKE_TURN: &str = "SELECT position,
        (SELECT value FROM counters WHERE partition = 0 AND name = 'event')
    FROM projections WHERE partition = 0 AND name = $1 FOR UPDATE SKIP LOCKED";

const READ: &str = "SELECT news.no, found.document,
        (SELECT document FROM persons WHERE partition = 0 AND order_no = news.no LIMIT 1)
    FROM (SELECT DISTINCT order_no AS no FROM events
        WHERE partition = 0 AND seq > $1 AND seq <= $2 AND type = ANY($3)) AS news
    CROSS JOIN LATERAL (
        SELECT document FROM orders WHERE partition = 0 AND orders.no = news.no LIMIT 1
    ) AS found";

const FEED_PRODUCTS: &str = "INSERT INTO order_products (segment, product_id, no)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING";

const FEED_WORDS: &str = "INSERT INTO order_words (segment, word, no)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING";

const FEED_TOTALS: &str = "INSERT INTO order_totals (segment, total, no)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING";

const MOVE_ON: &str = "UPDATE projections SET position = $2 WHERE partition = 0 AND name = $1";

/// Lets go of all that was fed, once nobody feeds.
pub(super) const FORGET: &str = "BEGIN;
    UPDATE projections SET position = 0 WHERE partition = 0 AND name = 'lists';
    DELETE FROM order_products WHERE partition = 0;
    DELETE FROM order_words WHERE partition = 0;
    DELETE FROM order_totals WHERE partition = 0;
    COMMIT";

fn read(found: &[Row]) -> Result<Rows, StoreError> {
    let mut rows = Rows::default();
    for row in found {
        rows.add(unsigned(get(row, 0)?), get(row, 1)?, get(row, 2)?)?;
    }
    rows.sort();
    Ok(rows)
}

fn column<'r, R, T>(rows: &'r [R], field: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(field).collect()
}

/// What the indexes have of a run of orders: one row with the position, and one for each entry.
pub(super) const SEGMENT: &str = "SELECT 0::smallint, position, NULL, 0::bigint FROM projections
        WHERE partition = 0 AND name = $1
    UNION ALL SELECT 1::smallint, no, product_id, 0 FROM order_products
        WHERE partition = 0 AND segment = $2
    UNION ALL SELECT 2::smallint, no, word, 0 FROM order_words
        WHERE partition = 0 AND segment = $2
    UNION ALL SELECT 3::smallint, no, NULL, total FROM order_totals
        WHERE partition = 0 AND segment = $3 AND no BETWEEN $4 AND $5";

pub(super) fn segment(rows: &[Row]) -> Result<Segment, StoreError> {
    let mut found = Segment::default();
    for row in rows {
        let (kind, no): (i16, i64) = (get(row, 0)?, get(row, 1)?);
        let no = unsigned(no);
        match (kind, get::<Option<String>>(row, 2)?) {
            (0, _) => found.as_of_seq = no,
            (1, Some(product)) => _ = found.entry(no).products.insert(product),
            (2, Some(word)) => _ = found.entry(no).words.insert(word),
            (_, _) => _ = found.entry(no).totals.insert(get(row, 3)?),
        }
    }
    Ok(found)
}
