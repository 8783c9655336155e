//! Answers to the questions of [`Reads`], each one statement and so of one snapshot.

use std::{fmt::Write as _, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, Object, Pool, PoolError, Runtime};
use domain::{
    DeliveryMethodId, Logged, Order, OrderNo, ProductId, RetrievalId,
    catalog::Product,
    counter::Counters,
    delivery::DeliveryMethod,
    order::Status,
    stock::{Stock, StockKey},
};
use tokio_postgres::{Config, NoTls, Row, types::ToSql};

use super::{
    failed, in_words,
    load::COUNTERS,
    row::{self, get, signed, unsigned, variant_text},
};
use crate::{
    EventQuery, Events, OrderFilter, OrderQuery, OrderSort, ProductQuery, Read, Reads, StoreError,
};

const READERS: usize = 4;

/// A caller who has waited this long for a connection is told to come again.
const WAIT_TIMEOUT: Duration = Duration::from_secs(2);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

const SETTINGS: &str = "SET statement_timeout = '10s';
    SET default_transaction_read_only = on;
    SET jit = off";

pub(super) struct Readers {
    pool: Pool,
}

impl Readers {
    pub(super) fn start(config: &Config) -> Result<Readers, StoreError> {
        let settle = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
            Box::pin(async { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(Manager::new(config.clone(), NoTls))
            .max_size(READERS)
            .wait_timeout(Some(WAIT_TIMEOUT))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .recycle_timeout(Some(CONNECT_TIMEOUT))
            .runtime(Runtime::Tokio1)
            .post_create(settle)
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(Readers { pool })
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                StoreError::Unavailable(in_words(&error))
            }
            PoolError::Timeout(_) => StoreError::Unavailable("too many reads are waiting".into()),
            PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(HookError::Message(_)) => {
                StoreError::Broken(error.to_string())
            }
        })
    }

    async fn all<T>(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let client = self.client().await?;
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        let rows = client.query(&statement, params).await.map_err(failed)?;
        drop(client);
        rows.iter().map(read).collect()
    }

    /// The row of a key, if it is there.
    async fn one<T>(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, params, read).await?.pop())
    }
}

impl Reads for Readers {
    fn ready(&self) -> Read<'_, ()> {
        Box::pin(async {
            let sql = "SELECT 1 FROM stores LIMIT 1";
            match self.one(sql, &[], |_| Ok(())).await? {
                Some(()) => Ok(()),
                None => Err(StoreError::Broken("there is no store".into())),
            }
        })
    }

    fn order(&self, no: OrderNo) -> Read<'_, Option<Order>> {
        Box::pin(async move {
            let sql = "SELECT orders.document, persons.document
                FROM orders LEFT JOIN persons ON persons.partition = 0 AND persons.order_no = no
                WHERE orders.partition = 0 AND no = $1";
            self.one(sql, &[&signed(no.0)], |it| row::order(it, 0)).await
        })
    }

    fn order_by_retrieval(&self, id: RetrievalId) -> Read<'_, Option<OrderNo>> {
        Box::pin(async move {
            let sql = "SELECT no FROM orders
                WHERE partition = 0 AND store_id = $1 AND retrieval_no = $2";
            let params: [&(dyn ToSql + Sync); 2] = [&i64::from(id.store.0), &signed(id.no)];
            self.one(sql, &params, |it| Ok(OrderNo(unsigned(get(it, 0)?)))).await
        })
    }

    fn orders(&self, query: OrderQuery) -> Read<'_, Vec<Order>> {
        Box::pin(async move { orders(self, &query).await })
    }

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64> {
        Box::pin(async move {
            let mut conditions = Conditions::of(&filter);
            conditions.any_status(&filter);
            let sql = format!("SELECT count(*) FROM orders WHERE {}", conditions.text);
            let count = self.one(&sql, &conditions.params(), |it| Ok(unsigned(get(it, 0)?))).await;
            Ok(count?.unwrap_or(0))
        })
    }

    fn events(&self, query: EventQuery) -> Read<'_, Events> {
        Box::pin(async move { events(self, &query).await })
    }

    fn admin_events(&self, after: u64, limit: u32) -> Read<'_, Vec<Logged>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM admin_events
                WHERE partition = 0 AND seq > $1 ORDER BY seq LIMIT $2",
                row::ADMIN_EVENT
            );
            self.all(&sql, &[&signed(after), &i64::from(limit)], row::admin_event).await
        })
    }

    fn product(&self, id: ProductId) -> Read<'_, Option<Product>> {
        Box::pin(async move {
            let sql = "SELECT document FROM products WHERE partition = 0 AND product_id = $1";
            self.one(sql, &[&id.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn products(&self, query: ProductQuery) -> Read<'_, Vec<Product>> {
        Box::pin(async move {
            let sql = "SELECT document FROM products
                WHERE partition = 0 AND product_id > $1 AND active >= $2
                ORDER BY product_id LIMIT $3";
            let after = query.after.as_ref().map_or("", ProductId::as_str);
            let params: [&(dyn ToSql + Sync); 3] =
                [&after, &query.active_only, &i64::from(query.limit)];
            self.all(sql, &params, |it| row::document(it, 0)).await
        })
    }

    fn stock(&self, product: ProductId) -> Read<'_, Vec<(StockKey, Stock)>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM stock WHERE partition = 0 AND product_id = $1
                ORDER BY variant_id, location_id",
                row::STOCK
            );
            self.all(&sql, &[&product.as_str()], row::stock).await
        })
    }

    fn stock_after(&self, after: Option<StockKey>, limit: u32) -> Read<'_, Vec<(StockKey, Stock)>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM stock WHERE partition = 0
                    AND (product_id, variant_id, location_id) > ($1, $2, $3)
                ORDER BY product_id, variant_id, location_id LIMIT $4",
                row::STOCK
            );
            let (product, variant, location) = match &after {
                Some(key) => (
                    key.product.as_str(),
                    variant_text(key.variant.as_ref()),
                    key.location.as_str(),
                ),
                None => ("", "", ""),
            };
            let params: [&(dyn ToSql + Sync); 4] =
                [&product, &variant, &location, &i64::from(limit)];
            self.all(&sql, &params, row::stock).await
        })
    }

    fn delivery_method(&self, id: DeliveryMethodId) -> Read<'_, Option<DeliveryMethod>> {
        Box::pin(async move {
            let sql = "SELECT document FROM delivery_methods
                WHERE partition = 0 AND delivery_method_id = $1";
            self.one(sql, &[&id.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn delivery_methods(&self) -> Read<'_, Vec<DeliveryMethod>> {
        Box::pin(self.all(DELIVERY_METHODS, &[], |it| row::document(it, 0)))
    }

    fn counters(&self) -> Read<'_, Counters> {
        Box::pin(async {
            let client = self.client().await?;
            let statement = client.prepare_cached(COUNTERS).await.map_err(failed)?;
            row::counters(&client.query(&statement, &[]).await.map_err(failed)?)
        })
    }
}

pub(super) const DELIVERY_METHODS: &str =
    "SELECT document FROM delivery_methods WHERE partition = 0 ORDER BY delivery_method_id";

async fn events(readers: &Readers, query: &EventQuery) -> Result<Events, StoreError> {
    let (after, limit) = (signed(query.after), i64::from(query.limit));
    let mut events = match query.order {
        Some(no) => {
            let sql = format!(
                "SELECT {} FROM events WHERE partition = 0 AND order_no = $3 AND seq > $1
                ORDER BY seq LIMIT $2",
                row::EVENT
            );
            readers.all(&sql, &[&after, &limit, &signed(no.0)], row::event).await?
        }
        None => {
            let sql = format!(
                "SELECT {} FROM events WHERE partition = 0 AND seq > $1 ORDER BY seq LIMIT $2",
                row::EVENT
            );
            readers.all(&sql, &[&after, &limit], row::event).await?
        }
    };
    let last_seq = events.last().map_or(query.after, |it| it.seq);
    events.retain(|it| query.wants_type(it.event.kind()));
    events.retain(|it| query.stores.is_empty() || query.stores.contains(&it.store));
    Ok(Events { events, last_seq })
}

async fn orders(readers: &Readers, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
    let (order, beyond) = match query.sort {
        OrderSort::NewestFirst => ("DESC", "<"),
        OrderSort::OldestFirst => ("ASC", ">"),
    };
    let filter = &query.filter;
    let mut conditions = Conditions::of(filter);
    if let Some(after) = query.after {
        conditions.add(&format!("no {beyond} "), signed(after.0), "");
    }
    // One ordered run per status, merged: an index has the orders of one status in order, but not
    // those of several. Those of a customer are few, and one index has them all in order.
    let is_in_runs = filter.customer.is_none() && !filter.statuses.is_empty();
    let statuses = if is_in_runs { Some(conditions.value(statuses(filter))) } else { None };
    if statuses.is_none() {
        conditions.any_status(filter);
    }
    let limit = conditions.value(i64::from(query.limit));
    let text = &conditions.text;
    let sql = match statuses {
        Some(statuses) => format!(
            "SELECT document, NULL FROM orders JOIN (
                SELECT found.no FROM unnest({statuses}::text[]) AS run(status)
                CROSS JOIN LATERAL (
                    SELECT no FROM orders WHERE {text} AND orders.status = run.status
                    ORDER BY no {order} LIMIT {limit}
                ) AS found ORDER BY found.no {order} LIMIT {limit}
            ) AS page USING (no) WHERE partition = 0 ORDER BY no {order}"
        ),
        None => format!(
            "SELECT document, NULL FROM orders WHERE {text} ORDER BY no {order} LIMIT {limit}"
        ),
    };
    readers.all(&sql, &conditions.params(), |it| row::order(it, 0)).await
}

/// Each status once, however often it was asked for.
fn statuses(filter: &OrderFilter) -> Vec<&'static str> {
    let mut statuses = filter.statuses.clone();
    statuses.sort_unstable();
    statuses.dedup();
    statuses.into_iter().map(Status::name).collect()
}

/// The `WHERE` of a list, and what its numbered parameters stand for. A list of values is one
/// parameter, so that there are few texts and each connection keeps them prepared.
struct Conditions {
    text: String,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Conditions {
    fn of(filter: &OrderFilter) -> Conditions {
        let mut conditions = Conditions { text: "partition = 0".into(), values: Vec::new() };
        if let Some(customer) = &filter.customer {
            conditions.add("customer_id = ", customer.as_str().to_owned(), "");
        }
        if !filter.stores.is_empty() {
            let stores: Vec<i64> = filter.stores.iter().map(|it| i64::from(it.0)).collect();
            conditions.add("store_id = ANY(", stores, ")");
        }
        conditions.time_as_numbers(filter);
        conditions
    }

    fn any_status(&mut self, filter: &OrderFilter) {
        if !filter.statuses.is_empty() {
            self.add("status = ANY(", statuses(filter), ")");
        }
    }

    /// Time never runs backwards along the numbers, so a range of time is a range of numbers, and
    /// every index that ends in the number serves it.
    fn time_as_numbers(&mut self, filter: &OrderFilter) {
        let first = "(SELECT no FROM orders WHERE partition = 0 AND created_at";
        let end = format!("ORDER BY created_at, no LIMIT 1), {})", i64::MAX);
        if let Some(from) = filter.created_from {
            self.add(&format!("no >= coalesce({first} >= "), from.0, &end);
        }
        if let Some(to) = filter.created_to {
            self.add(&format!("no < coalesce({first} > "), to.0, &end);
        }
    }

    fn add(&mut self, before: &str, value: impl ToSql + Sync + Send + 'static, after: &str) {
        let number = self.value(value);
        _ = write!(self.text, " AND {before}{number} {after}");
    }

    /// The number under which a statement finds the value.
    fn value(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|it| &**it as &(dyn ToSql + Sync)).collect()
    }
}
