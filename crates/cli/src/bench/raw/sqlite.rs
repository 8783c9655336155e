//! A plain rusqlite loop with prepared statements, the loop that one would write first.

use super::{BARE_COMMITS, BATCH_ORDERS, ON_HAND, Order, PRODUCTS, Rows};
use crate::bench::failure::{Doing, Result};
use crate::bench::load::{new_latencies, quantile_ms};
use crate::bench::stopwatch::Stopwatch;
use rusqlite::{Connection, Statement, params};
use std::path::{Path, PathBuf};

/// Pages of the write-ahead log before SQLite copies them back. Rewriting a page often before it
/// is copied pays, so the larger log is the faster one and makes the harder limit.
pub(in crate::bench) const CHECKPOINT_PAGES: u32 = 50_000;

/// A file that begins empty and grows from slice to slice, as the server's does beside it.
pub(in crate::bench) struct Raw {
    file: File,
    rows: Rows,
    written: u64,
}

impl Raw {
    pub(in crate::bench) fn begin(directory: &Path) -> Result<Self> {
        Ok(Self { file: File::create(directory, "raw.db")?, rows: Rows::new(), written: 0 })
    }

    /// Orders a second, over the next `orders` orders.
    pub(in crate::bench) fn orders_per_second(&mut self, orders: u64) -> Result<f64> {
        let mut writer = Writer::new(&self.file.connection)?;
        let end = self.written + orders;
        let watch = Stopwatch::start();
        while self.written < end {
            let batch_end = end.min(self.written + BATCH_ORDERS);
            writer.begin.execute([]).doing("beginning a transaction")?;
            for number in self.written..batch_end {
                let order = self.rows.order(number as i64 + 1);
                writer.write(&order).doing("writing a raw order")?;
            }
            writer.commit.execute([]).doing("committing a transaction")?;
            self.written = batch_end;
        }
        Ok(orders as f64 / watch.elapsed().as_secs_f64())
    }
}

/// The median time of a transaction that holds one order, in milliseconds.
pub(in crate::bench) fn bare_commit_ms(directory: &Path) -> Result<f64> {
    let file = File::create(directory, "bare.db")?;
    let mut writer = Writer::new(&file.connection)?;
    let mut rows = Rows::new();
    let mut latencies = new_latencies();
    for number in 0..BARE_COMMITS {
        let watch = Stopwatch::start();
        writer.begin.execute([]).doing("beginning a transaction")?;
        writer.write(&rows.order(number as i64 + 1)).doing("writing a raw order")?;
        writer.commit.execute([]).doing("committing a transaction")?;
        latencies.saturating_record(watch.elapsed().as_nanos() as u64);
    }
    Ok(quantile_ms(&latencies, 0.5))
}

const SCHEMA: &str = "
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY, store INTEGER NOT NULL, customer TEXT NOT NULL,
        status INTEGER NOT NULL, payment_status INTEGER NOT NULL,
        shipping_status INTEGER NOT NULL, currency TEXT NOT NULL, subtotal INTEGER NOT NULL,
        shipping_total INTEGER NOT NULL, total INTEGER NOT NULL, payment_method TEXT NOT NULL,
        delivery_method TEXT NOT NULL, address TEXT NOT NULL, version INTEGER NOT NULL,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
    CREATE INDEX orders_by_customer ON orders (customer, id);
    CREATE INDEX orders_by_status ON orders (status, id);
    CREATE TABLE lines (
        order_id INTEGER NOT NULL, line INTEGER NOT NULL, product INTEGER NOT NULL,
        quantity INTEGER NOT NULL, price INTEGER NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (order_id, line)) WITHOUT ROWID;
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, type INTEGER NOT NULL,
        at INTEGER NOT NULL, data TEXT NOT NULL);
    CREATE INDEX events_by_order ON events (order_id);
    CREATE TABLE keys (
        key BLOB PRIMARY KEY, order_id INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE stock (
        product INTEGER PRIMARY KEY, on_hand INTEGER NOT NULL, reserved INTEGER NOT NULL);
";

/// A new database file that is removed with its log when the measuring is over.
struct File {
    connection: Connection,
    path: PathBuf,
}

impl File {
    fn create(directory: &Path, name: &str) -> Result<Self> {
        let path = directory.join(name);
        remove(&path);
        let connection = Connection::open(&path).doing("opening the raw database")?;
        let file = Self { connection, path };
        file.prepare().doing("preparing the raw database")?;
        Ok(file)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; BEGIN; {SCHEMA}"
        ))?;
        let mut insert = self.connection.prepare("INSERT INTO stock VALUES (?1, ?2, 0)")?;
        for product in 0..PRODUCTS {
            insert.execute(params![product as i64, ON_HAND])?;
        }
        self.connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // The connection is still open here; its log goes with the directory at the latest.
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // A file that is not there, or that only the directory's removal can take, is no fault.
        let _ = std::fs::remove_file(name);
    }
}

struct Writer<'a> {
    begin: Statement<'a>,
    order: Statement<'a>,
    line: Statement<'a>,
    event: Statement<'a>,
    key: Statement<'a>,
    stock: Statement<'a>,
    commit: Statement<'a>,
}

impl<'a> Writer<'a> {
    fn new(connection: &'a Connection) -> Result<Self> {
        let prepare = |sql| connection.prepare(sql).doing("preparing a raw statement");
        Ok(Self {
            begin: prepare("BEGIN IMMEDIATE")?,
            order: prepare(
                "INSERT INTO orders VALUES \
                 (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?,
            line: prepare("INSERT INTO lines VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?,
            event: prepare("INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5)")?,
            key: prepare("INSERT INTO keys VALUES (?1, ?2, ?3)")?,
            stock: prepare(
                "UPDATE stock SET reserved = reserved + ?2 \
                 WHERE product = ?1 AND on_hand - reserved >= ?2",
            )?,
            commit: prepare("COMMIT")?,
        })
    }

    fn write(&mut self, order: &Order<'_>) -> rusqlite::Result<()> {
        self.order.execute(params![
            order.id,
            1,
            order.customer,
            1,
            0,
            1,
            "USD",
            3_000,
            500,
            order.total,
            "cash_on_delivery",
            "standard",
            order.address,
            1,
            order.at,
            order.at
        ])?;
        for (index, (product, quantity)) in order.lines.iter().enumerate() {
            let line = index as i64 + 1;
            self.line.execute(params![order.id, line, product, quantity, 1_000, "USB Cable"])?;
            self.stock.execute(params![product, quantity])?;
        }
        self.event.execute(params![order.id, order.id, 1, order.at, order.event])?;
        self.key.execute(params![order.key, order.id, order.at])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_every_row_of_every_order() {
        let directory = tempfile::tempdir().unwrap();
        let file = File::create(directory.path(), "rows.db").unwrap();
        let mut writer = Writer::new(&file.connection).unwrap();
        let mut rows = Rows::new();
        for id in 1..=10 {
            writer.write(&rows.order(id)).unwrap();
        }
        let check = |sql: &str, expected: i64| {
            let found: i64 = file.connection.query_row(sql, [], |row| row.get(0)).unwrap();
            assert_eq!(found, expected, "{sql}");
        };
        check("SELECT count(*) FROM orders", 10);
        check("SELECT count(*) FROM lines", 20);
        check("SELECT count(*) FROM events", 10);
        check("SELECT count(*) FROM keys", 10);
        check("SELECT sum(reserved) FROM stock", 30);
        check("SELECT count(*) FROM pragma_table_info('orders')", 16);
    }

    #[test]
    fn measures_and_leaves_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let mut raw = Raw::begin(directory.path()).unwrap();
        assert!(raw.orders_per_second(300).unwrap() > 0.0);
        assert!(raw.orders_per_second(20).unwrap() > 0.0);
        let sql = "SELECT count(*), max(id) FROM orders";
        let found = raw.file.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(found, Ok((320, 320)));
        drop(raw);
        let milliseconds = bare_commit_ms(directory.path()).unwrap();
        assert!(milliseconds > 0.01 && milliseconds < 10_000.0, "{milliseconds} ms");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
