//! Writes what a batch has changed, table by table, through prepared statements.

use domain::{
    OrderNo, World,
    stock::{Stock, StockKey},
    world::Change,
};
use rusqlite::{Connection, params};
use serde::Serialize;

use super::{
    Known,
    cache::Cache,
    erasure, failed,
    load::{self, prepare},
    row::{owner_text, signed, variant_text},
    state, velocities,
};
use crate::{CARTS_DROPPED_MAX, KeyChange, StoreError, codec, columns::reference_of, list::State};

pub(super) fn write(
    connection: &Connection,
    known: &mut Known,
    world: &World,
) -> Result<(), StoreError> {
    erasure::begin(connection, world)?;
    erasure::write(connection, world)?;
    write_orders(connection, world)?;
    write_events(connection, world)?;
    write_admin_events(connection, world)?;
    write_catalogue(connection, world)?;
    write_stock(connection, &mut known.cache, world)?;
    write_effects(connection, world)?;
    write_carts(connection, world)?;
    velocities::write(connection, world)?;
    known.keys.write(connection, world)?;
    known.feed.write(connection, world)?;
    write_counters(connection, world)?;
    erasure::end(connection, world)
}

fn write_orders(connection: &Connection, world: &World) -> Result<(), StoreError> {
    let mut insert = prepare(
        connection,
        "INSERT INTO orders (no, store_id, customer_id, status, payment_status, shipping_status,
            total, retrieval_no, version, created_at, updated_at, document, expires_at,
            state, reference_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    let mut update = prepare(
        connection,
        "UPDATE orders SET status = ?2, payment_status = ?3, shipping_status = ?4,
            retrieval_no = ?5, version = ?6, updated_at = ?7, document = ?8, expires_at = ?9,
            state = ?10
        WHERE no = ?1",
    )?;
    let mut person =
        prepare(connection, "INSERT INTO persons (order_no, document) VALUES (?1, ?2)")?;
    for (no, change) in world.orders.changes() {
        match change {
            Change::Insert(order) => {
                let document = codec::to_document(order)?;
                insert
                    .execute(params![
                        signed(no.0),
                        order.store.0,
                        order.customer.as_ref().map(domain::CustomerId::as_str),
                        order.status.name(),
                        order.payment_status().name(),
                        order.shipping_status.name(),
                        order.total.0,
                        order.retrieval_no.map(signed),
                        signed(order.version),
                        order.created_at.0,
                        order.updated_at.0,
                        document,
                        order.expires_at.map(|it| it.0),
                        state::code(&State::of(order)),
                        reference_of(order),
                    ])
                    .map_err(failed)?;
                if let Some(known) = &order.person {
                    person
                        .execute(params![signed(no.0), codec::to_document(known)?])
                        .map_err(failed)?;
                }
            }
            Change::Update(order) => {
                let document = codec::to_document(order)?;
                update
                    .execute(params![
                        signed(no.0),
                        order.status.name(),
                        order.payment_status().name(),
                        order.shipping_status.name(),
                        order.retrieval_no.map(signed),
                        signed(order.version),
                        order.updated_at.0,
                        document,
                        order.expires_at.map(|it| it.0),
                        state::code(&State::of(order)),
                    ])
                    .map_err(failed)?;
            }
            Change::Delete => return Err(deleted(*no)),
        }
    }
    Ok(())
}

fn write_events(connection: &Connection, world: &World) -> Result<(), StoreError> {
    let mut insert = prepare(
        connection,
        "INSERT INTO events (seq, at, store_id, order_no, type, version, actor, request_id, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for it in &world.events {
        insert
            .execute(params![
                signed(it.seq),
                it.at.0,
                it.store.0,
                it.order.map(|no| signed(no.0)),
                it.event.kind(),
                it.event.version(),
                it.actor,
                it.request_id,
                codec::event_data(&it.event)?,
            ])
            .map_err(failed)?;
    }
    Ok(())
}

fn write_admin_events(connection: &Connection, world: &World) -> Result<(), StoreError> {
    let mut insert = prepare(
        connection,
        "INSERT INTO admin_events (seq, at, type, version, actor, request_id, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for it in &world.admin_events {
        insert
            .execute(params![
                signed(it.seq),
                it.at.0,
                it.event.kind(),
                it.event.version(),
                it.actor,
                it.request_id,
                codec::admin_event_data(&it.event)?,
            ])
            .map_err(failed)?;
    }
    Ok(())
}

fn write_catalogue(connection: &Connection, world: &World) -> Result<(), StoreError> {
    let mut put = prepare(
        connection,
        "INSERT OR REPLACE INTO products (product_id, active, document) VALUES (?1, ?2, ?3)",
    )?;
    let mut delete = prepare(connection, "DELETE FROM products WHERE product_id = ?1")?;
    for (id, change) in world.products.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => {
                put.execute(params![id.as_str(), it.active, codec::to_document(it)?])
            }
            Change::Delete => delete.execute([id.as_str()]),
        }
        .map_err(failed)?;
    }
    let methods = world.delivery_methods.changes().map(|(id, it)| (id.as_str(), it));
    write_named(connection, "delivery_methods", "delivery_method_id", methods)?;
    let clients = world.clients.changes().map(|(id, it)| (id.as_str(), it));
    write_named(connection, "clients", "client_id", clients)?;
    let customers = world.customers.changes().map(|(id, it)| (id.as_str(), it));
    write_named(connection, "customers", "customer_id", customers)?;
    let sql = "INSERT OR REPLACE INTO stores (store_id, document) VALUES (?1, ?2)";
    for (id, change) in world.stores.changes() {
        let (Change::Insert(it) | Change::Update(it)) = change else {
            return Err(StoreError::Broken(format!("store {id} was deleted")));
        };
        let document = codec::to_document(it)?;
        prepare(connection, sql)?.execute(params![id.0, document]).map_err(failed)?;
    }
    Ok(())
}

/// A table of names and documents.
fn write_named<'w, T: Serialize + 'w>(
    connection: &Connection,
    table: &str,
    name: &str,
    changes: impl Iterator<Item = (&'w str, Change<'w, T>)>,
) -> Result<(), StoreError> {
    let put = format!("INSERT OR REPLACE INTO {table} ({name}, document) VALUES (?1, ?2)");
    let delete = format!("DELETE FROM {table} WHERE {name} = ?1");
    for (id, change) in changes {
        match change {
            Change::Insert(it) | Change::Update(it) => {
                prepare(connection, &put)?.execute(params![id, codec::to_document(it)?])
            }
            Change::Delete => prepare(connection, &delete)?.execute([id]),
        }
        .map_err(failed)?;
    }
    Ok(())
}

fn write_stock(
    connection: &Connection,
    cache: &mut Cache,
    world: &World,
) -> Result<(), StoreError> {
    let sql = "UPDATE stock SET on_hand = ?2, reserved = ?3, version = ?4 WHERE shelf = ?1";
    let mut update = prepare(connection, sql)?;
    for (key, change) in world.stock.changes() {
        match change {
            Change::Insert(it) => insert_stock(connection, key, it)?,
            Change::Update(it) => {
                let shelf = load::shelf(connection, cache, key)?
                    .ok_or_else(|| StoreError::Broken(format!("{key:?} has lost its shelf")))?;
                update
                    .execute(params![shelf.number, it.on_hand, it.reserved, signed(it.version)])
                    .map_err(failed)?;
            }
            Change::Delete => {
                return Err(StoreError::Broken(format!("stock of {key:?} was deleted")));
            }
        }
    }
    Ok(())
}

fn insert_stock(connection: &Connection, key: &StockKey, it: &Stock) -> Result<(), StoreError> {
    prepare(connection, "INSERT INTO stock (on_hand, reserved, version) VALUES (?1, ?2, ?3)")?
        .execute(params![it.on_hand, it.reserved, signed(it.version)])
        .map_err(failed)?;
    let shelf = connection.last_insert_rowid();
    let (product, location) = (key.product.as_str(), key.location.as_str());
    let variant = variant_text(key.variant.as_ref());
    let sql = "INSERT INTO shelves (product_id, variant_id, location_id, shelf)
        VALUES (?1, ?2, ?3, ?4)";
    prepare(connection, sql)?
        .execute(params![product, variant, location, shelf])
        .map(|_| ())
        .map_err(failed)
}

/// A wish of the name of an old one takes its place.
fn write_effects(connection: &Connection, world: &World) -> Result<(), StoreError> {
    let sql = "INSERT INTO effects (effect_id, order_no, due_at, is_open, document)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (effect_id)
        DO UPDATE SET order_no = ?2, due_at = ?3, is_open = ?4, document = ?5";
    for (id, change) in world.effects.changes() {
        let (Change::Insert(it) | Change::Update(it)) = change else {
            return Err(StoreError::Broken(format!("{id} was deleted, and effects never are")));
        };
        let (order, document) = (signed(it.order.0), codec::to_document(it)?);
        prepare(connection, sql)?
            .execute(params![id.as_str(), order, it.due_at.0, it.is_open(), document])
            .map_err(failed)?;
    }
    Ok(())
}

/// Where carts change, some that have run out go, the longest ago first.
fn write_carts(connection: &Connection, world: &World) -> Result<(), StoreError> {
    if world.carts.changes().next().is_none() {
        return Ok(());
    }
    let put = "INSERT OR REPLACE INTO carts (owner, cart_id, expires_at, document)
        VALUES (?1, ?2, ?3, ?4)";
    let delete = "DELETE FROM carts WHERE owner = ?1 AND cart_id = ?2";
    for (key, change) in world.carts.changes() {
        let (owner, id) = (owner_text(key), key.id.as_str());
        match change {
            Change::Insert(it) | Change::Update(it) => {
                let (until, document) = (it.expires_at.map(|it| it.0), codec::to_document(it)?);
                prepare(connection, put)?.execute(params![owner, id, until, document])
            }
            Change::Delete => prepare(connection, delete)?.execute([owner, id]),
        }
        .map_err(failed)?;
    }
    let drop = "DELETE FROM carts WHERE (owner, cart_id) IN (
        SELECT owner, cart_id FROM carts WHERE expires_at <= ?1
        ORDER BY expires_at, owner, cart_id LIMIT ?2)";
    let now = world.counters.moment().0;
    prepare(connection, drop)?.execute(params![now, CARTS_DROPPED_MAX]).map_err(failed)?;
    Ok(())
}

fn write_counters(connection: &Connection, world: &World) -> Result<(), StoreError> {
    let mut put = prepare(
        connection,
        "INSERT INTO counters (name, value) VALUES (?1, ?2)
        ON CONFLICT DO UPDATE SET value = ?2",
    )?;
    for (counter, value) in world.counters.changes() {
        put.execute(params![counter.to_string(), signed(value)]).map_err(failed)?;
    }
    Ok(())
}

fn deleted(no: OrderNo) -> StoreError {
    StoreError::Broken(format!("{no} was deleted, and orders never are"))
}

/// Outside of the batches: keys are no facts of the shop.
pub(super) fn change_signing_key(
    connection: &Connection,
    change: &KeyChange,
) -> Result<(), StoreError> {
    let changed = match change {
        KeyChange::Add(key) => connection.execute(
            "INSERT INTO signing_keys (key_id, seed, created_at, signs_from, withdrawn_at)
                VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![
                key.key_id,
                key.seed,
                key.created_at.0,
                key.signs_from.map(|it| it.0),
                key.withdrawn_at.map(|it| it.0),
            ],
        ),
        KeyChange::Sign { key_id, from } => connection.execute(
            "UPDATE signing_keys SET signs_from = ?2 WHERE key_id = ?1",
            params![key_id, from.0],
        ),
        KeyChange::Rewrap { key_id, from, to } => connection.execute(
            "UPDATE signing_keys SET seed = ?3 WHERE key_id = ?1 AND seed = ?2",
            params![key_id, from, to],
        ),
        KeyChange::Withdraw { key_id, at } => connection.execute(
            "UPDATE signing_keys SET withdrawn_at = ?2, seed = x'' WHERE key_id = ?1",
            params![key_id, at.0],
        ),
    };
    changed.map(|_| ()).map_err(failed)
}
