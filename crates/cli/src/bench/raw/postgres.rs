//! The same rows in PostgreSQL: arrays of a whole batch through `UNNEST`, one statement a table,
//! all statements of a transaction sent without waiting between them.

use super::{BARE_COMMITS, BATCH_ORDERS, ON_HAND, PRODUCTS, Rows};
use crate::bench::failure::{Doing, Result};
use crate::bench::load::{new_latencies, quantile_ms};
use crate::bench::schema::connect;
use crate::bench::stopwatch::Stopwatch;
use std::collections::BTreeMap;
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};

/// Tables that begin empty and grow from slice to slice, as the server's do beside them.
pub(in crate::bench) struct Raw {
    runtime: Runtime,
    writer: Writer,
    rows: Rows,
    written: u64,
}

impl Raw {
    /// In the schema that `url` leads to.
    pub(in crate::bench) fn begin(url: &str) -> Result<Self> {
        let runtime = runtime()?;
        let writer = runtime.block_on(in_schema(url))?;
        Ok(Self { runtime, writer, rows: Rows::new(), written: 0 })
    }

    /// Orders a second, over the next `orders` orders.
    pub(in crate::bench) fn orders_per_second(&mut self, orders: u64) -> Result<f64> {
        let Self { runtime, writer, rows, written } = self;
        let end = *written + orders;
        runtime.block_on(async {
            let watch = Stopwatch::start();
            while *written < end {
                let batch_end = end.min(*written + BATCH_ORDERS);
                let batch = Batch::new(rows, *written, batch_end);
                writer.write(&batch).await.doing("writing raw orders")?;
                *written = batch_end;
            }
            Ok(orders as f64 / watch.elapsed().as_secs_f64())
        })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // The schema takes them along at the latest.
        _ = self.runtime.block_on(self.writer.client.batch_execute(DROP));
    }
}

/// The median time of a transaction that holds one order, in milliseconds.
pub(in crate::bench) fn bare_commit_ms(url: &str) -> Result<f64> {
    runtime()?.block_on(async {
        let writer = in_schema(url).await?;
        let mut rows = Rows::new();
        let mut latencies = new_latencies();
        for number in 0..BARE_COMMITS {
            let batch = Batch::new(&mut rows, number, number + 1);
            let watch = Stopwatch::start();
            writer.write(&batch).await.doing("writing a raw order")?;
            latencies.saturating_record(watch.elapsed().as_nanos() as u64);
        }
        writer.client.batch_execute(DROP).await.doing("dropping the raw tables")?;
        Ok(quantile_ms(&latencies, 0.5))
    })
}

fn runtime() -> Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.doing("starting the raw writer")
}

async fn in_schema(url: &str) -> Result<Writer> {
    Writer::new(connect(url).await?).await.doing("preparing the raw tables")
}

const SCHEMA: &str = "
    CREATE TABLE raw_orders (
        id bigint PRIMARY KEY, store bigint NOT NULL, customer text NOT NULL,
        status smallint NOT NULL, payment_status smallint NOT NULL,
        shipping_status smallint NOT NULL, currency text NOT NULL, subtotal bigint NOT NULL,
        shipping_total bigint NOT NULL, total bigint NOT NULL, payment_method text NOT NULL,
        delivery_method text NOT NULL, address text NOT NULL, version bigint NOT NULL,
        created_at bigint NOT NULL, updated_at bigint NOT NULL);
    CREATE INDEX ON raw_orders (customer, id);
    CREATE INDEX ON raw_orders (status, id);
    CREATE TABLE raw_lines (
        order_id bigint NOT NULL, line smallint NOT NULL, product bigint NOT NULL,
        quantity bigint NOT NULL, price bigint NOT NULL, name text NOT NULL,
        PRIMARY KEY (order_id, line));
    CREATE TABLE raw_events (
        seq bigint PRIMARY KEY, order_id bigint NOT NULL, type smallint NOT NULL,
        at bigint NOT NULL, data text NOT NULL);
    CREATE INDEX ON raw_events (order_id);
    CREATE TABLE raw_keys (key bytea PRIMARY KEY, order_id bigint NOT NULL, at bigint NOT NULL);
    CREATE TABLE raw_stock (
        product bigint PRIMARY KEY, on_hand bigint NOT NULL, reserved bigint NOT NULL)
        WITH (fillfactor = 50);
";
const DROP: &str = "DROP TABLE raw_orders, raw_lines, raw_events, raw_keys, raw_stock";

/// The rows of one transaction, a column to a vector, as `UNNEST` takes them.
#[derive(Default)]
struct Batch {
    ids: Vec<i64>,
    customers: Vec<String>,
    addresses: Vec<String>,
    events: Vec<String>,
    keys: Vec<Vec<u8>>,
    totals: Vec<i64>,
    moments: Vec<i64>,
    line_orders: Vec<i64>,
    line_numbers: Vec<i16>,
    line_products: Vec<i64>,
    line_quantities: Vec<i64>,
    /// Netted, because an UPDATE changes a row once however often the row is named; and in one
    /// order, so that two writers would never wait for each other in a ring.
    stock_products: Vec<i64>,
    stock_quantities: Vec<i64>,
}

impl Batch {
    fn new(rows: &mut Rows, from: u64, to: u64) -> Self {
        let mut batch = Self::default();
        let mut stock: BTreeMap<i64, i64> = BTreeMap::new();
        for number in from..to {
            let order = rows.order(number as i64 + 1);
            batch.ids.push(order.id);
            batch.customers.push(order.customer.to_owned());
            batch.addresses.push(order.address.to_owned());
            batch.events.push(order.event.to_owned());
            batch.keys.push(order.key.to_vec());
            batch.totals.push(order.total);
            batch.moments.push(order.at);
            for (line, (product, quantity)) in (1..).zip(order.lines) {
                batch.line_orders.push(order.id);
                batch.line_numbers.push(line);
                batch.line_products.push(product);
                batch.line_quantities.push(quantity);
                *stock.entry(product).or_default() += quantity;
            }
        }
        (batch.stock_products, batch.stock_quantities) = stock.into_iter().unzip();
        batch
    }
}

type Parameters<'a, const COUNT: usize> = [&'a (dyn ToSql + Sync); COUNT];

struct Writer {
    client: Client,
    begin: Statement,
    orders: Statement,
    lines: Statement,
    events: Statement,
    keys: Statement,
    stock: Statement,
    commit: Statement,
}

impl Writer {
    async fn new(client: Client) -> std::result::Result<Self, Error> {
        client.batch_execute(SCHEMA).await?;
        client
            .execute(
                "INSERT INTO raw_stock SELECT n, $1, 0 FROM generate_series(0, $2::bigint - 1) n",
                &[&ON_HAND, &(PRODUCTS as i64)],
            )
            .await?;
        let orders = "INSERT INTO raw_orders \
            SELECT id, 1, customer, 1, 0, 1, 'USD', 3000, 500, total, 'cash_on_delivery', \
                   'standard', address, 1, at, at \
            FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[]) \
                 AS t (id, customer, total, address, at)";
        let lines = "INSERT INTO raw_lines SELECT order_id, line, product, quantity, 1000, \
                'USB Cable' \
            FROM UNNEST($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[]) \
                 AS t (order_id, line, product, quantity)";
        let events = "INSERT INTO raw_events SELECT id, id, 1, at, data \
            FROM UNNEST($1::bigint[], $2::bigint[], $3::text[]) AS t (id, at, data)";
        let keys = "INSERT INTO raw_keys \
            SELECT * FROM UNNEST($1::bytea[], $2::bigint[], $3::bigint[])";
        let stock = "UPDATE raw_stock SET reserved = reserved + t.quantity \
            FROM UNNEST($1::bigint[], $2::bigint[]) AS t (product, quantity) \
            WHERE raw_stock.product = t.product AND on_hand - reserved >= t.quantity";
        Ok(Self {
            begin: client.prepare("BEGIN").await?,
            orders: client.prepare(orders).await?,
            lines: client.prepare(lines).await?,
            events: client.prepare(events).await?,
            keys: client.prepare(keys).await?,
            stock: client.prepare(stock).await?,
            commit: client.prepare("COMMIT").await?,
            client,
        })
    }

    async fn write(&self, batch: &Batch) -> std::result::Result<(), Error> {
        let client = &self.client;
        let Batch { ids, customers, totals, addresses, moments, .. } = batch;
        let orders: Parameters<5> = [ids, customers, totals, addresses, moments];
        let Batch { line_orders, line_numbers, line_products, line_quantities, .. } = batch;
        let lines: Parameters<4> = [line_orders, line_numbers, line_products, line_quantities];
        let events: Parameters<3> = [ids, moments, &batch.events];
        let keys: Parameters<3> = [&batch.keys, ids, moments];
        let stock: Parameters<2> = [&batch.stock_products, &batch.stock_quantities];
        // Polled together and in this order, the statements leave in one flight.
        tokio::try_join!(
            biased;
            client.execute(&self.begin, &[]),
            client.execute(&self.orders, &orders),
            client.execute(&self.lines, &lines),
            client.execute(&self.events, &events),
            client.execute(&self.keys, &keys),
            client.execute(&self.stock, &stock),
            client.execute(&self.commit, &[]),
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_nets_its_stock_in_the_order_of_products() {
        let batch = Batch::new(&mut Rows::new(), 0, 20_000);
        assert_eq!((batch.ids.first(), batch.ids.last()), (Some(&1), Some(&20_000)));
        assert_eq!(batch.line_orders.len(), 40_000);
        assert!(batch.stock_products.is_sorted_by(|left, right| left < right));
        let sold: i64 = batch.line_quantities.iter().sum();
        assert_eq!(batch.stock_quantities.iter().sum::<i64>(), sold);
        assert!(batch.stock_products.len() < batch.line_products.len());
    }
}
