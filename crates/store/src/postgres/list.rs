//! The indexes that lists are read from, as the database has them. A page is a few statements in
//! one snapshot.

use std::{ops::RangeInclusive, sync::Arc};

use deadpool_postgres::{ClientWrapper, Transaction};
use domain::{
    CustomerId, Moment, Order, OrderNo, ProductId, RetrievalId, StoreId,
    order::{PaymentStatus, ReviewStatus, ShippingStatus, Status},
};
use tokio_postgres::{IsolationLevel, Row, types::ToSql};

use super::{
    failed, projections,
    row::{self, get, signed, unsigned},
};
use crate::{
    OrderFilter, OrderPage, OrderQuery, Position, StoreError,
    list::{self, Index, Listed, STATES_MAX, State, WORDS_WALKED, Window},
    search,
};

pub(super) async fn orders(
    client: &mut ClientWrapper,
    query: &OrderQuery,
) -> Result<OrderPage, StoreError> {
    list::orders(&mut Lists::begin(client).await?, query).await
}

pub(super) async fn count(
    client: &mut ClientWrapper,
    filter: &OrderFilter,
) -> Result<u64, StoreError> {
    list::count(&mut Lists::begin(client).await?, filter).await
}

/// Ends with its transaction when it is dropped.
struct Lists<'c> {
    transaction: Transaction<'c>,
}

impl Lists<'_> {
    async fn begin(client: &mut ClientWrapper) -> Result<Lists<'_>, StoreError> {
        let snapshot = client.build_transaction();
        let snapshot = snapshot.isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        Ok(Lists { transaction: snapshot.start().await.map_err(failed)? })
    }

    async fn all<T>(
        &mut self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let statement = self.transaction.prepare_cached(sql).await.map_err(failed)?;
        let rows = self.transaction.query(&statement, params).await.map_err(failed)?;
        rows.iter().map(read).collect()
    }

    async fn numbers(
        &mut self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<u64>, StoreError> {
        self.all(sql, params, |row| Ok(unsigned(get(row, 0)?))).await
    }
}

impl Index for Lists<'_> {
    async fn last(&mut self) -> Result<u64, StoreError> {
        Ok(self.numbers(LAST, &[]).await?.pop().unwrap_or(0))
    }

    async fn first_since(&mut self, at: Moment) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT coalesce(
                (SELECT no FROM orders WHERE partition = 0 AND created_at >= $1
                    ORDER BY created_at, no LIMIT 1),
                ({LAST}) + 1, 1)"
        );
        Ok(self.numbers(&sql, &[&at.0]).await?.pop().unwrap_or(1))
    }

    async fn every(&mut self, window: Window, most: usize) -> Result<Vec<u64>, StoreError> {
        let sql = format!(
            "SELECT no FROM orders WHERE partition = 0 AND no >= $1 AND no < $2
            ORDER BY no {} LIMIT $3",
            direction(window)
        );
        self.numbers(&sql, &[&signed(window.from), &signed(window.to), &limit(most)]).await
    }

    async fn states(&mut self, stores: &[StoreId]) -> Result<Option<Vec<State>>, StoreError> {
        let most = limit(STATES_MAX + 1);
        let states = if stores.is_empty() {
            self.all(EVERY_STATE, &[&most], state).await?
        } else {
            let mut stores: Vec<i64> = stores.iter().map(|it| i64::from(it.0)).collect();
            stores.sort_unstable();
            stores.dedup();
            self.all(STATES_OF_STORES, &[&stores, &most], state).await?
        };
        let is_few = states.len() <= STATES_MAX;
        Ok(is_few.then(|| states.into_iter().flatten().collect()))
    }

    async fn in_states(
        &mut self,
        states: &[State],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let order = direction(window);
        let sql = format!(
            "SELECT found.no FROM {STATES} CROSS JOIN LATERAL (
                SELECT no FROM orders WHERE {IN_STATE} ORDER BY no {order} LIMIT $9
            ) AS found ORDER BY found.no {order} LIMIT $9"
        );
        let columns = Columns::of(states);
        let (from, to, most) = (signed(window.from), signed(window.to), limit(most));
        let mut params = columns.params();
        params.extend([&from as &(dyn ToSql + Sync), &to, &most]);
        self.numbers(&sql, &params).await
    }

    async fn count_in_states(
        &mut self,
        states: &[State],
        window: Window,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT coalesce(sum(found.count), 0)::bigint FROM {STATES} CROSS JOIN LATERAL (
                SELECT count(*) FROM orders WHERE {IN_STATE}
            ) AS found"
        );
        let columns = Columns::of(states);
        let (from, to) = (signed(window.from), signed(window.to));
        let mut params = columns.params();
        params.extend([&from as &(dyn ToSql + Sync), &to]);
        Ok(self.numbers(&sql, &params).await?.pop().unwrap_or(0))
    }

    async fn of_customers(
        &mut self,
        customers: &[CustomerId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let order = direction(window);
        let sql = format!(
            "SELECT found.no FROM unnest($1::text[]) AS wanted(customer) CROSS JOIN LATERAL (
                SELECT no FROM orders WHERE partition = 0 AND customer_id = wanted.customer
                    AND no >= $2 AND no < $3 ORDER BY no {order} LIMIT $4
            ) AS found ORDER BY found.no {order} LIMIT $4"
        );
        let mut customers: Vec<&str> = customers.iter().map(CustomerId::as_str).collect();
        customers.sort_unstable();
        customers.dedup();
        let (from, to, most) = (signed(window.from), signed(window.to), limit(most));
        self.numbers(&sql, &[&customers, &from, &to, &most]).await
    }

    async fn of_products(
        &mut self,
        products: &[ProductId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let order = direction(window);
        let sql = format!(
            "SELECT DISTINCT found.no FROM unnest($1::bigint[]) AS these(segment)
            CROSS JOIN unnest($2::text[]) AS wanted(product) CROSS JOIN LATERAL (
                SELECT no FROM order_products WHERE partition = 0
                    AND segment = these.segment AND product_id = wanted.product
                    AND no >= $3 AND no < $4 ORDER BY no {order} LIMIT $5
            ) AS found ORDER BY found.no {order} LIMIT $5"
        );
        let products: Vec<&str> = products.iter().map(ProductId::as_str).collect();
        let segments: Vec<i64> = window.segments().into_iter().map(signed).collect();
        let (from, to) = (signed(window.from), signed(window.to));
        self.numbers(&sql, &[&segments, &products, &from, &to, &limit(most)]).await
    }

    /// Of the first few words that begin so each is a run of numbers, read as far as it is wanted.
    /// Of more words there are few orders each, and they are read whole.
    async fn of_word(
        &mut self,
        begin: &str,
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let order = direction(window);
        let sql = format!(
            "SELECT DISTINCT found.no FROM unnest($1::bigint[]) AS these(segment)
            CROSS JOIN LATERAL (
                WITH RECURSIVE known AS (
                    (SELECT word, 1 AS place FROM order_words WHERE partition = 0
                        AND segment = these.segment AND word >= $2 AND word < $3
                    ORDER BY word LIMIT 1)
                UNION ALL
                    SELECT next.word, known.place + 1 FROM known CROSS JOIN LATERAL (
                        SELECT word FROM order_words WHERE partition = 0
                            AND segment = these.segment AND word > known.word AND word < $3
                        ORDER BY word LIMIT 1
                    ) AS next WHERE known.place < {WORDS_WALKED}
                )
                SELECT of_one.no FROM known CROSS JOIN LATERAL (
                    SELECT no FROM order_words WHERE partition = 0
                        AND segment = these.segment AND word = known.word
                        AND no >= $4 AND no < $5 ORDER BY no {order} LIMIT $6
                ) AS of_one
                UNION ALL
                SELECT of_more.no FROM known CROSS JOIN LATERAL (
                    SELECT no FROM order_words WHERE partition = 0
                        AND segment = these.segment AND word > known.word AND word < $3
                        AND no >= $4 AND no < $5 LIMIT {ROWS_MAX}
                ) AS of_more WHERE known.place = {WORDS_WALKED}
            ) AS found ORDER BY found.no {order} LIMIT $6"
        );
        let segments: Vec<i64> = window.segments().into_iter().map(signed).collect();
        let (from, to) = (signed(window.from), signed(window.to));
        let end = search::end_of(begin);
        self.numbers(&sql, &[&segments, &begin, &end, &from, &to, &limit(most)]).await
    }

    async fn by_retrieval(&mut self, id: RetrievalId) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT no FROM orders
            WHERE partition = 0 AND store_id = $1 AND retrieval_no = $2";
        Ok(self.numbers(sql, &[&i64::from(id.store.0), &signed(id.no)]).await?.pop())
    }

    async fn changed_since(&mut self, at: Moment, most: usize) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT no FROM orders WHERE partition = 0 AND updated_at >= $1
            ORDER BY updated_at DESC, no DESC LIMIT $2";
        self.numbers(sql, &[&at.0, &limit(most)]).await
    }

    async fn by_total(
        &mut self,
        after: Option<Position>,
        segments: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let sql =
            "SELECT found.total, found.no FROM generate_series($1::bigint, $2) AS these(segment)
            CROSS JOIN LATERAL (
                SELECT total, no FROM order_totals WHERE partition = 0
                    AND segment = these.segment AND (total, no) < ($3, $4)
                ORDER BY total DESC, no DESC LIMIT $5
            ) AS found ORDER BY found.total DESC, found.no DESC LIMIT $5";
        let (first, last) = (signed(*segments.start()), signed(*segments.end()));
        let after = after.unwrap_or(Position { value: i64::MAX, no: OrderNo(u64::MAX) });
        let params: [&(dyn ToSql + Sync); 5] =
            [&first, &last, &after.value, &signed(after.no.0), &limit(most)];
        self.all(sql, &params, position).await
    }

    async fn by_change(
        &mut self,
        after: Option<Position>,
        since: Option<Moment>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let first = Position { value: since.map_or(i64::MIN, |it| it.0), no: OrderNo(0) };
        let after = after.unwrap_or(first).max(first);
        let sql = "SELECT updated_at, no FROM orders
            WHERE partition = 0 AND (updated_at, no) > ($1, $2)
            ORDER BY updated_at, no LIMIT $3";
        self.all(sql, &[&after.value, &signed(after.no.0), &limit(most)], position).await
    }

    async fn rows(&mut self, numbers: &[u64]) -> Result<Vec<Listed>, StoreError> {
        let sql =
            "SELECT store_id, status, payment_status, shipping_status, review_status, on_hold,
                found.no, customer_id, total, updated_at
            FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted(no, place) CROSS JOIN LATERAL (
                SELECT * FROM orders WHERE partition = 0 AND orders.no = wanted.no LIMIT 1
            ) AS found ORDER BY place";
        let numbers: Vec<i64> = numbers.iter().copied().map(signed).collect();
        Ok(self.all(sql, &[&numbers], listed).await?.into_iter().flatten().collect())
    }

    async fn orders(
        &mut self,
        numbers: &[u64],
        with_persons: bool,
    ) -> Result<Vec<Arc<Order>>, StoreError> {
        let person = match with_persons {
            true => {
                "(SELECT document FROM persons
                    WHERE partition = 0 AND order_no = wanted.no LIMIT 1)"
            }
            false => "NULL",
        };
        let sql = format!(
            "SELECT found.document, {person}
            FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted(no, place) CROSS JOIN LATERAL (
                SELECT document FROM orders WHERE partition = 0 AND orders.no = wanted.no LIMIT 1
            ) AS found ORDER BY place"
        );
        let numbers: Vec<i64> = numbers.iter().copied().map(signed).collect();
        self.all(&sql, &[&numbers], |it| row::order(it, 0).map(Arc::new)).await
    }

    async fn fed_to(&mut self) -> Result<u64, StoreError> {
        Ok(self.numbers(projections::POSITION, &[&projections::NAME]).await?.pop().unwrap_or(0))
    }
}

/// Not `max(no)`: planned while there are no orders, that reads all of them once there are many.
const LAST: &str = "SELECT no FROM orders WHERE partition = 0 ORDER BY no DESC LIMIT 1";

/// Keeps the planner at the keys: what is limited is looked up for each of them. More than a
/// segment has of anything.
const ROWS_MAX: u64 = 1 << 24;

/// From one state to the next, past all orders that are in it.
const EVERY_STATE: &str = "WITH RECURSIVE known AS (
        (SELECT store_id, status, payment_status, shipping_status, review_status, on_hold
        FROM orders WHERE partition = 0
        ORDER BY store_id, status, payment_status, shipping_status, review_status, on_hold LIMIT 1)
    UNION ALL
        SELECT next.* FROM known CROSS JOIN LATERAL (
            SELECT store_id, status, payment_status, shipping_status, review_status, on_hold
            FROM orders WHERE partition = 0
                AND (store_id, status, payment_status, shipping_status, review_status, on_hold)
                    > (known.store_id, known.status, known.payment_status, known.shipping_status,
                        known.review_status, known.on_hold)
            ORDER BY store_id, status, payment_status, shipping_status, review_status, on_hold
            LIMIT 1
        ) AS next
    ) SELECT * FROM known LIMIT $1";

const STATES_OF_STORES: &str = "WITH RECURSIVE known AS (
        SELECT first.* FROM unnest($1::bigint[]) AS wanted(store) CROSS JOIN LATERAL (
            SELECT store_id, status, payment_status, shipping_status, review_status, on_hold
            FROM orders WHERE partition = 0 AND store_id = wanted.store
            ORDER BY status, payment_status, shipping_status, review_status, on_hold LIMIT 1
        ) AS first
    UNION ALL
        SELECT next.* FROM known CROSS JOIN LATERAL (
            SELECT store_id, status, payment_status, shipping_status, review_status, on_hold
            FROM orders WHERE partition = 0 AND store_id = known.store_id
                AND (status, payment_status, shipping_status, review_status, on_hold)
                    > (known.status, known.payment_status, known.shipping_status,
                        known.review_status, known.on_hold)
            ORDER BY status, payment_status, shipping_status, review_status, on_hold LIMIT 1
        ) AS next
    ) SELECT * FROM known LIMIT $2";

const STATES: &str = "unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::boolean[]) AS state(store_id, status, payment_status, shipping_status, review_status,
        on_hold)";

const IN_STATE: &str = "partition = 0 AND orders.store_id = state.store_id
    AND orders.status = state.status AND orders.payment_status = state.payment_status
    AND orders.shipping_status = state.shipping_status
    AND orders.review_status = state.review_status AND orders.on_hold = state.on_hold
    AND no >= $7 AND no < $8";

/// States as `unnest` wants them.
struct Columns {
    stores: Vec<i64>,
    texts: [Vec<&'static str>; 4],
    on_hold: Vec<bool>,
}

impl Columns {
    fn of(states: &[State]) -> Columns {
        Columns {
            stores: states.iter().map(|it| i64::from(it.store.0)).collect(),
            texts: [
                states.iter().map(|it| it.status.name()).collect(),
                states.iter().map(|it| it.payment_status.name()).collect(),
                states.iter().map(|it| it.shipping_status.name()).collect(),
                states.iter().map(|it| it.review_status.name()).collect(),
            ],
            on_hold: states.iter().map(|it| it.on_hold).collect(),
        }
    }

    fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        let mut params: Vec<&(dyn ToSql + Sync)> = vec![&self.stores];
        params.extend(self.texts.iter().map(|it| it as &(dyn ToSql + Sync)));
        params.push(&self.on_hold);
        params
    }
}

fn direction(window: Window) -> &'static str {
    if window.newest_first { "DESC" } else { "ASC" }
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

/// Nothing for a state that is none.
fn state(row: &Row) -> Result<Option<State>, StoreError> {
    let status = named(row, 1, Status::ALL, Status::name)?;
    let payment_status = named(row, 2, PaymentStatus::ALL, PaymentStatus::name)?;
    let shipping_status = named(row, 3, ShippingStatus::ALL, ShippingStatus::name)?;
    let review_status = named(row, 4, ReviewStatus::ALL, ReviewStatus::name)?;
    let (store, on_hold) = (row::store(get(row, 0)?)?, get(row, 5)?);
    let state = || {
        Some(State {
            store,
            status: status?,
            payment_status: payment_status?,
            shipping_status: shipping_status?,
            review_status: review_status?,
            on_hold,
        })
    };
    Ok(state())
}

fn named<T: Copy, const N: usize>(
    row: &Row,
    column: usize,
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, StoreError> {
    let text: &str = get(row, column)?;
    Ok(all.into_iter().find(|it| name(*it) == text))
}

fn listed(row: &Row) -> Result<Option<Listed>, StoreError> {
    let Some(state) = state(row)? else { return Ok(None) };
    Ok(Some(Listed {
        no: unsigned(get(row, 6)?),
        state,
        customer: get(row, 7)?,
        total: get(row, 8)?,
        updated_at: get(row, 9)?,
    }))
}

fn position(row: &Row) -> Result<Position, StoreError> {
    Ok(Position { value: get(row, 0)?, no: OrderNo(unsigned(get(row, 1)?)) })
}
