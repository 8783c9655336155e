//! Loads the rows that a batch names. Point reads through prepared statements: in an embedded
//! database they cost as little as a set-based one.

use std::sync::Arc;

use domain::{
    Keys, World,
    counter::Counters,
    stock::{Stock, StockKey},
};
use rusqlite::{CachedStatement, Connection, Params, Row};

use super::{
    Known,
    cache::Cache,
    failed,
    row::{self, mistyped, signed, variant_text},
};
use crate::StoreError;

pub(super) fn load(
    connection: &Connection,
    known: &mut Known,
    keys: &Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    let Known { cache, keys: idempotency, .. } = known;
    if world.counters == Counters::default() {
        world.counters = match cache.counters.take() {
            Some(counters) => counters,
            None => counters(connection)?,
        };
        cache.counters = Some(world.counters.clone());
    }
    load_orders(connection, keys, world)?;
    load_catalogue(connection, cache, keys, world)?;
    let sql = "SELECT document FROM customers WHERE customer_id = ?1";
    for id in &keys.customers {
        let customer = match cache.customers.get(id) {
            Some(customer) => Some(customer.clone()),
            None => one(&mut prepare(connection, sql)?, [id.as_str()], row::shared)?,
        };
        if let Some(customer) = &customer {
            cache.customers.insert(id.clone(), customer.clone());
        }
        world.customers.load(id.clone(), customer);
    }
    let sql = "SELECT document FROM stores WHERE store_id = ?1";
    for id in &keys.stores {
        let shop = match cache.stores.get(id) {
            Some(shop) => Some(shop.clone()),
            None => one(&mut prepare(connection, sql)?, [id.0], row::shared)?,
        };
        if let Some(shop) = &shop {
            cache.stores.insert(*id, shop.clone());
        }
        world.stores.load(*id, shop);
    }
    for hash in &keys.idempotency {
        world.idempotency.load(*hash, idempotency.find(connection, *hash)?);
    }
    Ok(())
}

pub(super) fn counters(connection: &Connection) -> Result<Counters, StoreError> {
    let mut found = Counters::default();
    let mut statement = prepare(connection, "SELECT name, value FROM counters")?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let name = row.get_ref(0).map_err(failed)?.as_str().map_err(mistyped)?;
        let counter = name
            .parse()
            .map_err(|_| StoreError::Broken(format!("a counter is called {name:?}")))?;
        found.load(counter, row::unsigned(row.get(1).map_err(failed)?));
    }
    Ok(found)
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
    cache: &mut Cache,
    keys: &Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    let sql = "SELECT document FROM products WHERE product_id = ?1";
    for id in &keys.products {
        let product = match cache.products.get(id) {
            Some(product) => Some(product.clone()),
            None => one(&mut prepare(connection, sql)?, [id.as_str()], row::shared)?,
        };
        if let Some(product) = &product {
            cache.products.insert(id.clone(), product.clone());
        }
        world.products.load(id.clone(), product);
    }
    for key in &keys.stock {
        world.stock.load(key.clone(), shelf(connection, cache, key)?.map(|(_, counts)| counts));
    }
    load_delivery_methods(connection, cache, keys, world)
}

/// The shelf of a key and what lies on it.
pub(super) fn shelf(
    connection: &Connection,
    cache: &mut Cache,
    key: &StockKey,
) -> Result<Option<(i64, Stock)>, StoreError> {
    if let Some(known) = cache.stock.get(key) {
        return Ok(Some(*known));
    }
    let sql = "SELECT shelf, on_hand, reserved, version FROM shelves JOIN stock USING (shelf)
        WHERE product_id = ?1 AND variant_id = ?2 AND location_id = ?3";
    let named = (key.product.as_str(), variant_text(key.variant.as_ref()), key.location.as_str());
    let found = one(&mut prepare(connection, sql)?, named, |row| {
        Ok((row.get(0).map_err(failed)?, row::stock_counts(row, 1)?))
    })?;
    if let Some(found) = found {
        cache.stock.insert(key.clone(), found);
    }
    Ok(found)
}

/// A shop has a handful of them, so all are kept.
fn load_delivery_methods(
    connection: &Connection,
    cache: &mut Cache,
    keys: &Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    if keys.delivery_methods.is_empty() && !keys.every_delivery_method {
        return Ok(());
    }
    let methods = match &mut cache.delivery_methods {
        Some(methods) => methods,
        none => {
            let found = super::read::delivery_methods(connection)?.into_iter();
            none.insert(found.map(|it| (it.id.clone(), Arc::new(it))).collect())
        }
    };
    for id in &keys.delivery_methods {
        world.delivery_methods.load(id.clone(), methods.get(id).cloned());
    }
    if keys.every_delivery_method && !world.has_every_delivery_method {
        for (id, method) in methods.iter() {
            if !world.delivery_methods.is_loaded(id) {
                world.delivery_methods.load(id.clone(), Some(method.clone()));
            }
        }
        world.has_every_delivery_method = true;
    }
    Ok(())
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
