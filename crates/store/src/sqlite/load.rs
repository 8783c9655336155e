//! Loads the rows that a batch names. Point reads through prepared statements: in an embedded
//! database they cost as little as a set-based one.

use std::sync::Arc;

use domain::{Keys, World, counter::Counters};
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
    let sql = "SELECT on_hand, reserved, version FROM stock
        WHERE product_id = ?1 AND variant_id = ?2 AND location_id = ?3";
    for key in &keys.stock {
        let counts = match cache.stock.get(key) {
            Some(counts) => Some(*counts),
            None => {
                let variant = variant_text(key.variant.as_ref());
                let named = (key.product.as_str(), variant, key.location.as_str());
                one(&mut prepare(connection, sql)?, named, |row| row::stock_counts(row, 0))?
            }
        };
        if let Some(counts) = counts {
            cache.stock.insert(key.clone(), counts);
        }
        world.stock.load(key.clone(), counts);
    }
    load_delivery_methods(connection, cache, keys, world)
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
