//! Loads the rows that a batch names. Point reads through prepared statements: in an embedded
//! database they cost as little as a set-based one.

use domain::{
    Keys, Moment, World,
    counter::Counter,
    idempotency::{Fingerprint, Remembered},
};
use rusqlite::{CachedStatement, Connection, Params, Row};

use super::{
    failed,
    row::{self, mistyped, signed, variant_text},
};
use crate::StoreError;

pub(super) fn load(
    connection: &Connection,
    keys: &Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    load_counters(connection, world)?;
    load_orders(connection, keys, world)?;
    load_catalogue(connection, keys, world)?;
    let mut customers =
        prepare(connection, "SELECT document FROM customers WHERE customer_id = ?1")?;
    for id in &keys.customers {
        let customer = one(&mut customers, [id.as_str()], |row| row::document(row, 0))?;
        world.customers.load(id.clone(), customer);
    }
    let mut stores = prepare(connection, "SELECT document FROM stores WHERE store_id = ?1")?;
    for id in &keys.stores {
        world.stores.load(*id, one(&mut stores, [id.0], |row| row::document(row, 0))?);
    }
    let sql = "SELECT fingerprint, at, answer FROM idempotency WHERE hash = ?1";
    let mut idempotency = prepare(connection, sql)?;
    for hash in &keys.idempotency {
        world.idempotency.load(*hash, one(&mut idempotency, [hash.0], remembered)?);
    }
    Ok(())
}

pub(super) fn load_counters(connection: &Connection, world: &mut World) -> Result<(), StoreError> {
    if world.counters.value(Counter::Moment) > 0 {
        return Ok(());
    }
    let mut counters = prepare(connection, "SELECT name, value FROM counters")?;
    let mut rows = counters.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let name = row.get_ref(0).map_err(failed)?.as_str().map_err(mistyped)?;
        let counter = name
            .parse()
            .map_err(|_| StoreError::Broken(format!("a counter is called {name:?}")))?;
        world.counters.load(counter, row::unsigned(row.get(1).map_err(failed)?));
    }
    Ok(())
}

fn load_orders(connection: &Connection, keys: &Keys, world: &mut World) -> Result<(), StoreError> {
    let sql = "SELECT orders.document, persons.document
        FROM orders LEFT JOIN persons ON persons.order_no = orders.no WHERE no = ?1";
    let mut orders = prepare(connection, sql)?;
    for no in &keys.orders {
        world.orders.load(*no, one(&mut orders, [signed(no.0)], row::order)?);
    }
    Ok(())
}

fn load_catalogue(
    connection: &Connection,
    keys: &Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    let mut products = prepare(connection, "SELECT document FROM products WHERE product_id = ?1")?;
    for id in &keys.products {
        let product = one(&mut products, [id.as_str()], |row| row::document(row, 0))?;
        world.products.load(id.clone(), product);
    }
    let sql = "SELECT on_hand, reserved, version FROM stock
        WHERE product_id = ?1 AND variant_id = ?2 AND location_id = ?3";
    let mut stock = prepare(connection, sql)?;
    for key in &keys.stock {
        let variant = variant_text(key.variant.as_ref());
        let named = (key.product.as_str(), variant, key.location.as_str());
        let counts = one(&mut stock, named, |row| row::stock_counts(row, 0))?;
        world.stock.load(key.clone(), counts);
    }
    let sql = "SELECT document FROM delivery_methods WHERE delivery_method_id = ?1";
    let mut methods = prepare(connection, sql)?;
    for id in &keys.delivery_methods {
        let method = one(&mut methods, [id.as_str()], |row| row::document(row, 0))?;
        world.delivery_methods.load(id.clone(), method);
    }
    if keys.every_delivery_method && !world.has_every_delivery_method {
        for method in super::read::delivery_methods(connection)? {
            if !world.delivery_methods.is_loaded(&method.id) {
                world.delivery_methods.load(method.id.clone(), Some(method));
            }
        }
        world.has_every_delivery_method = true;
    }
    Ok(())
}

fn remembered(row: &Row<'_>) -> Result<Remembered, StoreError> {
    Ok(Remembered {
        fingerprint: Fingerprint(row.get(0).map_err(failed)?),
        at: Moment(row.get(1).map_err(failed)?),
        answer: row.get(2).map_err(failed)?,
    })
}

pub(super) fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
) -> Result<CachedStatement<'c>, StoreError> {
    connection.prepare_cached(sql).map_err(failed)
}

/// The row of a key, if it is there.
pub(super) fn one<T>(
    statement: &mut CachedStatement<'_>,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut rows = statement.query(params).map_err(failed)?;
    rows.next().map_err(failed)?.map(read).transpose()
}
