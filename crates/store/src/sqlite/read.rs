//! Answers to the questions of [`Reads`], each from one snapshot.

use domain::{
    DeliveryMethodId, Logged, Order, OrderNo, ProductId, RetrievalId,
    catalog::Product,
    counter::Counters,
    delivery::DeliveryMethod,
    stock::{Stock, StockKey},
};
use rusqlite::{Connection, ToSql};

use super::{
    failed, list,
    load::{one, prepare},
    readers::Readers,
    row::{self, signed, unsigned, variant_text},
};
use crate::{EventQuery, Events, OrderFilter, OrderQuery, ProductQuery, Read, Reads, StoreError};

impl Reads for Readers {
    fn ready(&self) -> Read<'_, ()> {
        self.look(|connection| {
            connection.query_row("SELECT 1 FROM stores", [], |_| Ok(())).map_err(failed)
        })
    }

    fn order(&self, no: OrderNo) -> Read<'_, Option<Order>> {
        self.look(move |connection| {
            let sql = "SELECT orders.document, persons.document
                FROM orders LEFT JOIN persons ON persons.order_no = orders.no WHERE no = ?1";
            one(&mut prepare(connection, sql)?, [signed(no.0)], row::order)
        })
    }

    fn order_by_retrieval(&self, id: RetrievalId) -> Read<'_, Option<OrderNo>> {
        self.look(move |connection| {
            let sql = "SELECT no FROM orders WHERE store_id = ?1 AND retrieval_no = ?2";
            one(&mut prepare(connection, sql)?, (id.store.0, signed(id.no)), |row| {
                Ok(OrderNo(unsigned(row.get(0).map_err(failed)?)))
            })
        })
    }

    fn orders(&self, query: OrderQuery) -> Read<'_, Vec<Order>> {
        let newest = self.newest(&query.filter);
        self.ask(move |connection| list::orders(connection, &query, newest))
    }

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64> {
        let newest = self.newest(&filter);
        self.ask(move |connection| list::count(connection, &filter, newest.as_deref()))
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
        self.look(move |connection| {
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
        self.look(move |connection| {
            let sql = format!("SELECT {} WHERE product_id = ?1", row::STOCK);
            all(connection, &sql, &[&product.as_str()], row::stock)
        })
    }

    fn stock_after(&self, after: Option<StockKey>, limit: u32) -> Read<'_, Vec<(StockKey, Stock)>> {
        self.ask(move |connection| {
            let sql = format!(
                "SELECT {} WHERE (product_id, variant_id, location_id) > (?1, ?2, ?3)
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
        self.look(move |connection| {
            let sql = "SELECT document FROM delivery_methods WHERE delivery_method_id = ?1";
            one(&mut prepare(connection, sql)?, [id.as_str()], |row| row::document(row, 0))
        })
    }

    fn delivery_methods(&self) -> Read<'_, Vec<DeliveryMethod>> {
        self.ask(delivery_methods)
    }

    fn counters(&self) -> Read<'_, Counters> {
        self.ask(super::load::counters)
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

pub(super) fn all<T>(
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
