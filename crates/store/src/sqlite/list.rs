//! Lists of orders: which rows a filter means, as one ordered run for each index that serves it.

use std::collections::BTreeSet;

use domain::{CustomerId, Moment, Order, OrderNo, order::Status};
use rusqlite::{Connection, ToSql, types::Value};

use super::{
    failed,
    load::{one, prepare},
    read::all,
    row::{self, signed, unsigned},
    tail,
};
use crate::{OrderFilter, OrderQuery, OrderSort, StoreError};

/// `newest` are the orders of the filter's customer that the index may not have yet; without them
/// the file is asked.
pub(super) fn orders(
    connection: &Connection,
    query: &OrderQuery,
    newest: Option<Vec<u64>>,
) -> Result<Vec<Order>, StoreError> {
    let newest = newest.map(|it| within_page(query, it));
    let (direction, beyond) = match query.sort {
        OrderSort::NewestFirst => ("DESC", "<"),
        OrderSort::OldestFirst => ("ASC", ">"),
    };
    let mut conditions = Conditions::of(connection, &query.filter)?;
    if let Some(after) = query.after {
        conditions.add(format!("@no {beyond} ?"), Value::Integer(signed(after.0)));
    }
    let limit = query.limit;
    let mut runs = Vec::new();
    let mut params = Vec::new();
    for run in runs_of(&query.filter, newest.as_deref()) {
        let (sql, values) = run.select(&conditions);
        runs.push(format!("SELECT no FROM ({sql} ORDER BY no {direction} LIMIT {limit})"));
        params.extend(values);
    }
    // UNION, not UNION ALL: an order on its way from memory into the index is in both.
    let sql = format!(
        "SELECT document, NULL FROM orders WHERE no IN
            (SELECT no FROM ({}) ORDER BY no {direction} LIMIT {limit}) ORDER BY no {direction}",
        runs.join(" UNION ")
    );
    let params: Vec<&dyn ToSql> = params.iter().map(|it| it as &dyn ToSql).collect();
    all(connection, &sql, &params, row::order)
}

pub(super) fn count(
    connection: &Connection,
    filter: &OrderFilter,
    newest: Option<&[u64]>,
) -> Result<u64, StoreError> {
    let conditions = Conditions::of(connection, filter)?;
    let mut runs = Vec::new();
    let mut params = Vec::new();
    for run in runs_of(filter, newest) {
        let (sql, values) = run.select(&conditions);
        runs.push(sql);
        params.extend(values);
    }
    let sql = format!("SELECT count(*) FROM ({})", runs.join(" UNION "));
    let params: Vec<&dyn ToSql> = params.iter().map(|it| it as &dyn ToSql).collect();
    let count = one(&mut prepare(connection, &sql)?, &params[..], |row| {
        Ok(unsigned(row.get(0).map_err(failed)?))
    })?;
    Ok(count.unwrap_or(0))
}

/// Leaves out what can't be on the page, for one customer may have thousands of them.
fn within_page(query: &OrderQuery, mut newest: Vec<u64>) -> Vec<u64> {
    let OrderQuery { filter, sort, after, limit } = query;
    if let Some(OrderNo(after)) = after {
        newest.retain(|no| match sort {
            OrderSort::NewestFirst => no < after,
            OrderSort::OldestFirst => no > after,
        });
    }
    let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
    let customer_only = OrderFilter { customer: filter.customer.clone(), ..OrderFilter::default() };
    if *filter == customer_only && newest.len() > limit {
        match sort {
            OrderSort::NewestFirst => _ = newest.drain(..newest.len() - limit),
            OrderSort::OldestFirst => newest.truncate(limit),
        }
    }
    newest
}

/// Orders of one status, of one index or of the memory: an ordered run, to be merged with others.
struct Run<'a> {
    source: Source<'a>,
    status: Option<Status>,
}

enum Source<'a> {
    /// The orders themselves, or their index by status.
    Orders,
    Customer(&'a CustomerId),
    Newest(&'a [u64]),
    /// What the index does not have yet, as the file knows it.
    Unfed(&'a CustomerId),
}

fn runs_of<'a>(filter: &'a OrderFilter, newest: Option<&'a [u64]>) -> Vec<Run<'a>> {
    let statuses: BTreeSet<Status> = filter.statuses.iter().copied().collect();
    let statuses: Vec<Option<Status>> = match statuses.is_empty() {
        true => vec![None],
        false => statuses.into_iter().map(Some).collect(),
    };
    let runs = statuses.into_iter().flat_map(|status| {
        let sources = match &filter.customer {
            None => vec![Source::Orders],
            Some(customer) => {
                let newest = newest.map_or(Source::Unfed(customer), Source::Newest);
                vec![Source::Customer(customer), newest]
            }
        };
        sources.into_iter().map(move |source| Run { source, status })
    });
    runs.collect()
}

impl Run<'_> {
    fn select(&self, conditions: &Conditions) -> (String, Vec<Value>) {
        let (from, no, mut values) = match self.source {
            Source::Orders => ("orders WHERE true", "orders.no", Vec::new()),
            Source::Customer(customer) => (
                "orders_by_customer AS known CROSS JOIN orders ON orders.no = known.no
                    WHERE known.customer_id = ?",
                "known.no",
                vec![Value::Text(customer.as_str().into())],
            ),
            Source::Newest(newest) => {
                let numbers: Vec<String> = newest.iter().map(u64::to_string).collect();
                (
                    "json_each(?) AS newest CROSS JOIN orders ON orders.no = newest.value
                        WHERE true",
                    "orders.no",
                    vec![Value::Text(format!("[{}]", numbers.join(",")))],
                )
            }
            Source::Unfed(customer) => (
                "orders WHERE orders.no >
                    coalesce((SELECT position FROM projections WHERE name = ?), 0)
                    AND orders.customer_id = ?",
                "orders.no",
                vec![Value::Text(tail::NAME.into()), Value::Text(customer.as_str().into())],
            ),
        };
        let mut sql = format!("SELECT {no} AS no FROM {from}");
        for condition in &conditions.texts {
            sql.push_str(" AND ");
            sql.push_str(&condition.replace("@no", no));
        }
        if let Some(status) = self.status {
            sql.push_str(&format!(" AND orders.status = '{}'", status.name()));
        }
        values.extend(conditions.values.iter().cloned());
        (sql, values)
    }
}

/// What every run has to hold to: texts with a `?` each, and what stands in for it. `@no` is the
/// order's number, under the name it has in the run.
#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Time never runs backwards along the numbers, so a range of time is a range of numbers, and
    /// every index that ends in the number serves it.
    fn of(connection: &Connection, filter: &OrderFilter) -> Result<Conditions, StoreError> {
        let mut conditions = Conditions::default();
        if !filter.stores.is_empty() {
            let stores: Vec<String> = filter.stores.iter().map(ToString::to_string).collect();
            conditions.texts.push(format!("orders.store_id IN ({})", stores.join(", ")));
        }
        if let Some(from) = filter.created_from {
            conditions.add("@no >= ?".into(), Value::Integer(first_since(connection, from)?));
        }
        if let Some(to) = filter.created_to {
            let next = first_since(connection, Moment(to.0.saturating_add(1)))?;
            conditions.add("@no < ?".into(), Value::Integer(next));
        }
        Ok(conditions)
    }

    fn add(&mut self, text: String, value: Value) {
        self.texts.push(text);
        self.values.push(value);
    }
}

/// The number of the first order that was placed at a moment or later, found by halving: the
/// numbers have no gaps.
fn first_since(connection: &Connection, at: Moment) -> Result<i64, StoreError> {
    let last = one(&mut prepare(connection, "SELECT max(no) FROM orders")?, [], |row| {
        row.get::<_, Option<i64>>(0).map_err(failed)
    })?;
    let mut statement = prepare(connection, "SELECT created_at FROM orders WHERE no = ?1")?;
    let mut before = 0;
    let mut since = last.flatten().unwrap_or(0) + 1;
    while since - before > 1 {
        let middle = before + (since - before) / 2;
        let created_at = one(&mut statement, [middle], |row| row.get::<_, i64>(0).map_err(failed))?;
        match created_at {
            Some(created_at) if created_at < at.0 => before = middle,
            Some(_) | None => since = middle,
        }
    }
    Ok(since)
}
