//! Loads the rows that a batch names. Point reads through prepared statements: in an embedded
//! database they cost as little as a set-based one.

use std::sync::Arc;

use domain::{
    Keys, World, client::Client, counter::Counters, shop::Shop, stock::StockKey, world::InUse,
};
use rusqlite::{CachedStatement, Connection, Params, Row};

use super::{
    Known,
    cache::{Cache, Shelf},
    failed,
    row::{self, mistyped, signed, variant_text},
    state, velocities,
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
    let sql = "SELECT document FROM clients WHERE client_id = ?1";
    for id in &keys.clients {
        let client = one(&mut prepare(connection, sql)?, [id.as_str()], row::shared::<Client>)?;
        world.clients.load(id.clone(), client);
    }
    let sql = "SELECT document FROM erasures WHERE customer_id = ?1";
    for id in &keys.erasures {
        let erasure = one(&mut prepare(connection, sql)?, [id.as_str()], row::shared)?;
        world.erasures.load(id.clone(), erasure);
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
    load_used_stores(connection, keys, world)?;
    if keys.every_store && !world.has_every_store {
        let sql = "SELECT document FROM stores";
        for shop in super::read::all(connection, sql, &[], row::shared::<Shop>)? {
            if !world.stores.is_loaded(&shop.id) {
                world.stores.load(shop.id, Some(shop));
            }
        }
        world.has_every_store = true;
    }
    for hash in &keys.idempotency {
        world.idempotency.load(*hash, idempotency.find(connection, *hash)?);
    }
    load_carts(connection, keys, world)?;
    velocities::load(connection, keys, world)?;
    let sql = "SELECT document FROM effects WHERE effect_id = ?1";
    for id in &keys.effects {
        let effect = one(&mut prepare(connection, sql)?, [id.as_str()], row::shared)?;
        world.effects.load(id.clone(), effect);
    }
    Ok(())
}

fn load_used_stores(
    connection: &Connection,
    keys: &Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM orders WHERE state BETWEEN ?1 AND ?2 LIMIT 1";
    for id in &keys.used_stores {
        let codes = state::codes_of(*id);
        let mut statement = prepare(connection, sql)?;
        let found = one(&mut statement, [codes.start(), codes.end()], |_| Ok(InUse))?;
        world.used_stores.load(*id, found);
    }
    Ok(())
}

pub(super) fn load_carts(
    connection: &Connection,
    keys: &Keys,
    world: &mut World,
) -> Result<(), StoreError> {
    let sql = "SELECT document FROM carts WHERE owner = ?1 AND cart_id = ?2";
    for key in &keys.carts {
        let named = (row::owner_text(key), key.id.as_str());
        world.carts.load(key.clone(), one(&mut prepare(connection, sql)?, named, row::shared)?);
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
    let mut orders = prepare(connection, row::ORDER_WITH_PERSON)?;
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
        load_stock(connection, cache, key, world)?;
    }
    load_delivery_methods(connection, cache, keys, world)
}

/// A main shelf that is known says where else its goods lie; one that is not is read together with
/// those, which costs no more where there are none.
fn load_stock(
    connection: &Connection,
    cache: &mut Cache,
    key: &StockKey,
    world: &mut World,
) -> Result<(), StoreError> {
    if !key.is_main() {
        world.stock.load(key.clone(), shelf(connection, cache, key)?.map(|it| it.stock));
        return Ok(());
    }
    let Some(main) = cache.stock.get(key) else { return load_goods(connection, cache, key, world) };
    world.stock.load(key.clone(), Some(main.stock));
    let Some(elsewhere) = main.elsewhere.clone() else { return Ok(()) };
    for location in elsewhere.iter() {
        let other = StockKey { location: location.clone(), ..key.clone() };
        let found = shelf(connection, cache, &other)?;
        world.stock.load(other, found.map(|it| it.stock));
    }
    world.elsewhere.insert(key.clone(), elsewhere);
    Ok(())
}

/// All shelves of the goods of a main shelf, to be remembered.
fn load_goods(
    connection: &Connection,
    cache: &mut Cache,
    main: &StockKey,
    world: &mut World,
) -> Result<(), StoreError> {
    let Goods { main_shelf, others } = read_goods(connection, main, world)?;
    if let Some(found) = main_shelf {
        let elsewhere = world.elsewhere.get(main).cloned();
        cache.stock.insert(main.clone(), Shelf { elsewhere, ..found });
    }
    others.into_iter().for_each(|(key, found)| cache.stock.insert(key, found));
    Ok(())
}

/// The shelves of the same goods.
pub(super) struct Goods {
    main_shelf: Option<Shelf>,
    /// In the order of their locations.
    others: Vec<(StockKey, Shelf)>,
}

/// The same from the file alone.
pub(super) fn read_goods(
    connection: &Connection,
    main: &StockKey,
    world: &mut World,
) -> Result<Goods, StoreError> {
    let sql = "SELECT location_id, shelf, on_hand, reserved, version
        FROM shelves JOIN stock USING (shelf)
        WHERE product_id = ?1 AND variant_id = ?2 ORDER BY location_id";
    let mut statement = prepare(connection, sql)?;
    let goods = (main.product.as_str(), variant_text(main.variant.as_ref()));
    let mut rows = statement.query(goods).map_err(failed)?;
    let mut main_shelf = None;
    let mut others = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let (number, stock) = (row.get(1).map_err(failed)?, row::stock_counts(row, 2)?);
        let found = Shelf { number, stock, elsewhere: None };
        let key = StockKey { location: row::location(row, 0)?, ..main.clone() };
        if key.is_main() {
            main_shelf = Some(found);
        } else {
            world.stock.load(key.clone(), Some(stock));
            others.push((key, found));
        }
    }
    world.stock.load(main.clone(), main_shelf.as_ref().map(|it| it.stock));
    if !others.is_empty() {
        let elsewhere = others.iter().map(|(key, _)| key.location.clone()).collect();
        world.elsewhere.insert(main.clone(), elsewhere);
    }
    Ok(Goods { main_shelf, others })
}

/// The shelf of a key and what lies on it.
pub(super) fn shelf(
    connection: &Connection,
    cache: &mut Cache,
    key: &StockKey,
) -> Result<Option<Shelf>, StoreError> {
    if let Some(known) = cache.stock.get(key) {
        return Ok(Some(known.clone()));
    }
    let sql = "SELECT shelf, on_hand, reserved, version FROM shelves JOIN stock USING (shelf)
        WHERE product_id = ?1 AND variant_id = ?2 AND location_id = ?3";
    let named = (key.product.as_str(), variant_text(key.variant.as_ref()), key.location.as_str());
    let found = one(&mut prepare(connection, sql)?, named, |row| {
        let (number, stock) = (row.get(0).map_err(failed)?, row::stock_counts(row, 1)?);
        Ok(Shelf { number, stock, elsewhere: None })
    })?;
    // The entry of a main shelf would have to say where else its goods lie, which nobody asked.
    if let Some(found) = found.as_ref().filter(|_| !key.is_main()) {
        cache.stock.insert(key.clone(), found.clone());
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
