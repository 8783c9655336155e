//! Answers to the questions of [`Reads`], each from one snapshot.

use std::{collections::BTreeSet, fmt::Write as _};

use domain::{
    DeliveryMethodId, Logged, Order, OrderNo, ProductId, RetrievalId,
    catalog::Product,
    counter::Counters,
    delivery::DeliveryMethod,
    stock::{Stock, StockKey},
};
use rusqlite::{Connection, ToSql, types::Value};

use super::{
    failed,
    load::{one, prepare},
    readers::Readers,
    row::{self, signed, unsigned, variant_text},
};
use crate::{
    EventQuery, Events, OrderFilter, OrderQuery, OrderSort, ProductQuery, Read, Reads, StoreError,
};

impl Reads for Readers {
    fn ready(&self) -> Read<'_, ()> {
        self.ask(|connection| {
            connection.query_row("SELECT 1 FROM stores", [], |_| Ok(())).map_err(failed)
        })
    }

    fn order(&self, no: OrderNo) -> Read<'_, Option<Order>> {
        self.ask(move |connection| {
            let sql = "SELECT orders.document, persons.document
                FROM orders LEFT JOIN persons ON persons.order_no = orders.no WHERE no = ?1";
            one(&mut prepare(connection, sql)?, [signed(no.0)], row::order)
        })
    }

    fn order_by_retrieval(&self, id: RetrievalId) -> Read<'_, Option<OrderNo>> {
        self.ask(move |connection| {
            let sql = "SELECT no FROM orders WHERE store_id = ?1 AND retrieval_no = ?2";
            one(&mut prepare(connection, sql)?, (id.store.0, signed(id.no)), |row| {
                Ok(OrderNo(unsigned(row.get(0).map_err(failed)?)))
            })
        })
    }

    fn orders(&self, query: OrderQuery) -> Read<'_, Vec<Order>> {
        self.ask(move |connection| orders(connection, &query))
    }

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64> {
        self.ask(move |connection| {
            let mut conditions = Conditions::of(connection, &filter)?;
            let sql = format!("SELECT count(*) FROM orders WHERE {}", conditions.text(None));
            let mut statement = prepare(connection, &sql)?;
            let count = one(&mut statement, &conditions.params()[..], |row| {
                Ok(unsigned(row.get(0).map_err(failed)?))
            })?;
            Ok(count.unwrap_or(0))
        })
    }

    fn events(&self, query: EventQuery) -> Read<'_, Events> {
        self.ask(move |connection| events(connection, &query))
    }

    fn admin_events(&self, after: u64, limit: u32) -> Read<'_, Vec<Logged>> {
        self.ask(move |connection| {
            let sql = format!(
                "SELECT {} FROM admin_events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                row::ADMIN_EVENT
            );
            all(connection, &sql, &[&signed(after), &limit], row::admin_event)
        })
    }

    fn product(&self, id: ProductId) -> Read<'_, Option<Product>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM products WHERE product_id = ?1";
            one(&mut prepare(connection, sql)?, [id.as_str()], |row| row::document(row, 0))
        })
    }

    fn products(&self, query: ProductQuery) -> Read<'_, Vec<Product>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM products
                WHERE product_id > ?1 AND active >= ?2 ORDER BY product_id LIMIT ?3";
            let after = query.after.as_ref().map_or("", ProductId::as_str);
            let params: [&dyn ToSql; 3] = [&after, &query.active_only, &query.limit];
            all(connection, sql, &params, |row| row::document(row, 0))
        })
    }

    fn stock(&self, product: ProductId) -> Read<'_, Vec<(StockKey, Stock)>> {
        self.ask(move |connection| {
            let sql = format!("SELECT {} FROM stock WHERE product_id = ?1", row::STOCK);
            all(connection, &sql, &[&product.as_str()], row::stock)
        })
    }

    fn stock_after(&self, after: Option<StockKey>, limit: u32) -> Read<'_, Vec<(StockKey, Stock)>> {
        self.ask(move |connection| {
            let sql = format!(
                "SELECT {} FROM stock WHERE (product_id, variant_id, location_id) > (?1, ?2, ?3)
                ORDER BY product_id, variant_id, location_id LIMIT ?4",
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
            all(connection, &sql, &[&product, &variant, &location, &limit], row::stock)
        })
    }

    fn delivery_method(&self, id: DeliveryMethodId) -> Read<'_, Option<DeliveryMethod>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM delivery_methods WHERE delivery_method_id = ?1";
            one(&mut prepare(connection, sql)?, [id.as_str()], |row| row::document(row, 0))
        })
    }

    fn delivery_methods(&self) -> Read<'_, Vec<DeliveryMethod>> {
        self.ask(delivery_methods)
    }

    fn counters(&self) -> Read<'_, Counters> {
        self.ask(|connection| {
            let mut world = domain::World::default();
            super::load::load_counters(connection, &mut world)?;
            Ok(world.counters)
        })
    }
}

pub(super) fn delivery_methods(connection: &Connection) -> Result<Vec<DeliveryMethod>, StoreError> {
    let sql = "SELECT document FROM delivery_methods ORDER BY delivery_method_id";
    all(connection, sql, &[], |row| row::document(row, 0))
}

fn events(connection: &Connection, query: &EventQuery) -> Result<Events, StoreError> {
    let order = query.order.map(|no| signed(no.0));
    let sql = match order {
        Some(_) => format!(
            "SELECT {} FROM events WHERE order_no = ?3 AND seq > ?1 ORDER BY seq LIMIT ?2",
            row::EVENT
        ),
        None => format!(
            "SELECT {} FROM events WHERE seq > ?1 AND ?3 IS NULL ORDER BY seq LIMIT ?2",
            row::EVENT
        ),
    };
    let params: [&dyn ToSql; 3] = [&signed(query.after), &query.limit, &order];
    let mut events = all(connection, &sql, &params, row::event)?;
    let last_seq = events.last().map_or(query.after, |it| it.seq);
    events.retain(|it| query.wants_type(it.event.kind()));
    events.retain(|it| query.stores.is_empty() || query.stores.contains(&it.store));
    Ok(Events { events, last_seq })
}

fn orders(connection: &Connection, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
    let (order, beyond) = match query.sort {
        OrderSort::NewestFirst => ("DESC", "<"),
        OrderSort::OldestFirst => ("ASC", ">"),
    };
    let mut conditions = Conditions::of(connection, &query.filter)?;
    if let Some(after) = query.after {
        conditions.add(format!("no {beyond} ?"), Value::Integer(signed(after.0)));
    }
    // One ordered run per status, merged: an index has the orders of one status in order, but not
    // those of several.
    let statuses: BTreeSet<_> = query.filter.statuses.iter().collect();
    let mut runs: Vec<String> = Vec::new();
    let mut params = Vec::new();
    let each: Vec<Option<&str>> = match statuses.len() {
        0 => vec![None],
        _ => statuses.iter().map(|it| Some(it.name())).collect(),
    };
    for status in each {
        let condition = conditions.text(status);
        runs.push(format!(
            "SELECT * FROM (SELECT no FROM orders WHERE {condition} ORDER BY no {order} LIMIT {})",
            query.limit
        ));
        params.extend(conditions.values.iter().cloned());
    }
    let sql = format!(
        "SELECT document, NULL FROM orders WHERE no IN
            (SELECT no FROM ({}) ORDER BY no {order} LIMIT {}) ORDER BY no {order}",
        runs.join(" UNION ALL "),
        query.limit
    );
    let params: Vec<&dyn ToSql> = params.iter().map(|it| it as &dyn ToSql).collect();
    all(connection, &sql, &params, row::order)
}

/// The `WHERE` of a list: texts with a `?` each, and what stands in for it.
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
    statuses: Vec<&'static str>,
}

impl Conditions {
    fn of(connection: &Connection, filter: &OrderFilter) -> Result<Conditions, StoreError> {
        let statuses = filter.statuses.iter().map(|it| it.name()).collect();
        let mut conditions = Conditions { texts: Vec::new(), values: Vec::new(), statuses };
        if let Some(customer) = &filter.customer {
            conditions.add("customer_id = ?".into(), Value::Text(customer.as_str().into()));
        }
        if !filter.stores.is_empty() {
            let mut text = String::from("store_id IN (");
            for (index, store) in filter.stores.iter().enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                _ = write!(text, "{comma}{store}");
            }
            conditions.texts.push(text + ")");
        }
        conditions.time_as_numbers(connection, filter)?;
        Ok(conditions)
    }

    /// Time never runs backwards along the numbers, so a range of time is a range of numbers, and
    /// every index that ends in the number serves it.
    fn time_as_numbers(
        &mut self,
        connection: &Connection,
        filter: &OrderFilter,
    ) -> Result<(), StoreError> {
        let find = |sql: &str, at: i64| {
            let found = one(&mut prepare(connection, sql)?, [at], |row| {
                row.get::<_, Option<i64>>(0).map_err(failed)
            })?;
            Ok::<_, StoreError>(found.flatten())
        };
        if let Some(from) = filter.created_from {
            let first = find("SELECT min(no) FROM orders WHERE created_at >= ?1", from.0)?;
            self.add("no >= ?".into(), Value::Integer(first.unwrap_or(i64::MAX)));
        }
        if let Some(to) = filter.created_to {
            let next = find("SELECT min(no) FROM orders WHERE created_at > ?1", to.0)?;
            self.add("no < ?".into(), Value::Integer(next.unwrap_or(i64::MAX)));
        }
        Ok(())
    }

    fn add(&mut self, text: String, value: Value) {
        self.texts.push(text);
        self.values.push(value);
    }

    /// All conditions as one, for the orders of one status or of all that were asked for.
    fn text(&self, status: Option<&str>) -> String {
        let mut texts = self.texts.clone();
        match status {
            Some(status) => texts.push(format!("status = '{status}'")),
            None if self.statuses.is_empty() => {}
            None => texts.push(format!("status IN ('{}')", self.statuses.join("', '"))),
        }
        if texts.is_empty() { "true".into() } else { texts.join(" AND ") }
    }

    fn params(&mut self) -> Vec<&dyn ToSql> {
        self.values.iter().map(|it| it as &dyn ToSql).collect()
    }
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    params: &[&dyn ToSql],
    read: impl Fn(&rusqlite::Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = prepare(connection, sql)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(row)?);
    }
    Ok(found)
}
