//! Writes what a batch has changed: one statement per table, and the commit, all in one flight.

use domain::{
    ClientId, CustomerId, DeliveryMethodId, Order, OrderNo, ProductId, World,
    cart::{Cart, CartKey},
    effect::Effect,
    idempotency::{KeyHash, Remembered},
    stock::{Stock, StockKey},
    world::{Change, Facts},
};
use serde::Serialize;
use tokio_postgres::{Transaction, types::ToSql};

use super::{
    erasure, failed,
    row::{owner_text, signed, variant_text},
    session::{Failure, Flight, Session},
    velocities,
};
use crate::{
    CARTS_DROPPED_MAX, IDEMPOTENCY_KEPT_MS, KeyChange, StoreError, codec, columns::reference_of,
};

pub(super) const STATEMENTS: &[&str] = &[
    INSERT_ORDERS,
    INSERT_PERSONS,
    UPDATE_ORDERS,
    INSERT_EVENTS,
    INSERT_ADMIN_EVENTS,
    PUT_PRODUCTS,
    DELETE_PRODUCTS,
    PUT_DELIVERY_METHODS,
    DELETE_DELIVERY_METHODS,
    PUT_CLIENTS,
    DELETE_CLIENTS,
    PUT_CUSTOMERS,
    DELETE_CUSTOMERS,
    PUT_STORES,
    PUT_STOCK,
    PUT_EFFECTS,
    PUT_CARTS,
    DELETE_CARTS,
    DROP_CARTS,
    FREE_IDEMPOTENCY,
    INSERT_IDEMPOTENCY,
    DROP_IDEMPOTENCY,
    PUT_COUNTERS,
];

pub(super) async fn write(session: &Session, world: &World) -> Result<(), Failure> {
    let mut flight = Flight::default();
    erasure::write(&mut flight, session, world)?;
    write_orders(&mut flight, session, world)?;
    flight.send(write_events(session, world));
    flight.send(write_admin_events(session, world));
    write_catalogue(&mut flight, session, world);
    flight.send(write_stock(session, world));
    flight.send(write_effects(session, world));
    write_carts(&mut flight, session, world);
    velocities::write(&mut flight, session, world);
    write_idempotency(&mut flight, session, world);
    flight.send(write_counters(session, world));
    // Where nothing was changed there is nothing to make durable.
    let end = if flight.is_empty() { "ROLLBACK" } else { "COMMIT" };
    flight.send(session.command(end));
    flight.land().await
}

fn write_orders<'a>(
    flight: &mut Flight<'a>,
    session: &'a Session,
    world: &'a World,
) -> Result<(), StoreError> {
    let (mut inserted, mut updated) = (Vec::new(), Vec::new());
    for (no, change) in world.orders.changes() {
        match change {
            Change::Insert(order) => inserted.push(order),
            Change::Update(order) => updated.push(order),
            Change::Delete => return Err(deleted(*no)),
        }
    }
    let persons: Vec<&Order> = inserted.iter().copied().filter(|it| it.person.is_some()).collect();
    flight.send(put_orders(session, INSERT_ORDERS, inserted));
    flight.send(insert_persons(session, persons));
    flight.send(put_orders(session, UPDATE_ORDERS, updated));
    Ok(())
}

const INSERT_ORDERS: &str = "INSERT INTO orders (no, store_id, customer_id, status, payment_status,
        shipping_status, total, retrieval_no, version, created_at, updated_at, document,
        expires_at, review_status, on_hold, reference_id)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[],
        $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
        $12::text[], $13::bigint[], $14::text[], $15::boolean[], $16::text[])";

// The rows are there, so each of them conflicts. That way they are found by their keys whatever the
// planner knows of the table; it could read all of it for a join.
const UPDATE_ORDERS: &str = "INSERT INTO orders (no, store_id, customer_id, status, payment_status,
        shipping_status, total, retrieval_no, version, created_at, updated_at, document,
        expires_at, review_status, on_hold, reference_id)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[],
        $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
        $12::text[], $13::bigint[], $14::text[], $15::boolean[], $16::text[])
    ON CONFLICT (partition, no) DO UPDATE SET status = excluded.status,
        payment_status = excluded.payment_status, shipping_status = excluded.shipping_status,
        retrieval_no = excluded.retrieval_no, version = excluded.version,
        updated_at = excluded.updated_at, document = excluded.document,
        expires_at = excluded.expires_at, review_status = excluded.review_status,
        on_hold = excluded.on_hold";

async fn put_orders(
    session: &Session,
    sql: &'static str,
    orders: Vec<&Order>,
) -> Result<(), Failure> {
    if orders.is_empty() {
        return Ok(());
    }
    let documents = documents(&orders)?;
    let params: [&(dyn ToSql + Sync); 16] = [
        &column(&orders, |it| signed(it.no.0)),
        &column(&orders, |it| i64::from(it.store.0)),
        &column(&orders, |it| it.customer.as_ref().map(CustomerId::as_str)),
        &column(&orders, |it| it.status.name()),
        &column(&orders, |it| it.payment_status().name()),
        &column(&orders, |it| it.shipping_status.name()),
        &column(&orders, |it| it.total.0),
        &column(&orders, |it| it.retrieval_no.map(signed)),
        &column(&orders, |it| signed(it.version)),
        &column(&orders, |it| it.created_at.0),
        &column(&orders, |it| it.updated_at.0),
        &documents,
        &column(&orders, |it| it.expires_at.map(|it| it.0)),
        &column(&orders, |it| it.review_status.name()),
        &column(&orders, |it| it.on_hold),
        &column(&orders, |it| reference_of(it)),
    ];
    session.execute(sql, &params).await
}

const INSERT_PERSONS: &str = "INSERT INTO persons (order_no, document)
    SELECT * FROM unnest($1::bigint[], $2::text[])";

async fn insert_persons(session: &Session, orders: Vec<&Order>) -> Result<(), Failure> {
    if orders.is_empty() {
        return Ok(());
    }
    let numbers = column(&orders, |it| signed(it.no.0));
    let persons: Vec<_> = orders.iter().filter_map(|it| it.person.as_ref()).collect();
    session.execute(INSERT_PERSONS, &[&numbers, &documents(&persons)?]).await
}

const INSERT_EVENTS: &str = "INSERT INTO events (seq, at, store_id, order_no, type, version, actor,
        request_id, data)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[],
        $6::integer[], $7::text[], $8::text[], $9::text[])";

async fn write_events(session: &Session, world: &World) -> Result<(), Failure> {
    let events = &world.events;
    if events.is_empty() {
        return Ok(());
    }
    let data: Result<Vec<String>, StoreError> =
        events.iter().map(|it| codec::event_data(&it.event)).collect();
    let params: [&(dyn ToSql + Sync); 9] = [
        &column(events, |it| signed(it.seq)),
        &column(events, |it| it.at.0),
        &column(events, |it| i64::from(it.store.0)),
        &column(events, |it| it.order.map(|no| signed(no.0))),
        &column(events, |it| it.event.kind()),
        &column(events, |it| i32::from(it.event.version())),
        &column(events, |it| it.actor.as_str()),
        &column(events, |it| it.request_id.as_str()),
        &data?,
    ];
    session.execute(INSERT_EVENTS, &params).await
}

const INSERT_ADMIN_EVENTS: &str = "INSERT INTO admin_events (seq, at, type, version, actor,
        request_id, data)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::text[],
        $6::text[], $7::text[])";

async fn write_admin_events(session: &Session, world: &World) -> Result<(), Failure> {
    let events = &world.admin_events;
    if events.is_empty() {
        return Ok(());
    }
    let data: Result<Vec<String>, StoreError> =
        events.iter().map(|it| codec::admin_event_data(&it.event)).collect();
    let params: [&(dyn ToSql + Sync); 7] = [
        &column(events, |it| signed(it.seq)),
        &column(events, |it| it.at.0),
        &column(events, |it| it.event.kind()),
        &column(events, |it| i32::from(it.event.version())),
        &column(events, |it| it.actor.as_str()),
        &column(events, |it| it.request_id.as_str()),
        &data?,
    ];
    session.execute(INSERT_ADMIN_EVENTS, &params).await
}

fn write_catalogue<'a>(flight: &mut Flight<'a>, session: &'a Session, world: &'a World) {
    let (put, deleted) = put_and_deleted(&world.products, ProductId::as_str);
    flight.send(async move {
        if put.is_empty() {
            return Ok(());
        }
        let active = column(&put, |(_, it)| it.active);
        let documents = documents(&column(&put, |(_, it)| *it))?;
        session.execute(PUT_PRODUCTS, &[&column(&put, |(id, _)| *id), &active, &documents]).await
    });
    flight.send(delete(session, DELETE_PRODUCTS, deleted));
    let (put, deleted) = put_and_deleted(&world.delivery_methods, DeliveryMethodId::as_str);
    flight.send(put_documents(session, PUT_DELIVERY_METHODS, put));
    flight.send(delete(session, DELETE_DELIVERY_METHODS, deleted));
    let (put, deleted) = put_and_deleted(&world.clients, ClientId::as_str);
    flight.send(put_documents(session, PUT_CLIENTS, put));
    flight.send(delete(session, DELETE_CLIENTS, deleted));
    let (put, deleted) = put_and_deleted(&world.customers, CustomerId::as_str);
    flight.send(put_documents(session, PUT_CUSTOMERS, put));
    flight.send(delete(session, DELETE_CUSTOMERS, deleted));
    flight.send(put_stores(session, world));
}

const PUT_PRODUCTS: &str = "INSERT INTO products (product_id, active, document)
    SELECT * FROM unnest($1::text[], $2::boolean[], $3::text[])
    ON CONFLICT (partition, product_id)
    DO UPDATE SET active = excluded.active, document = excluded.document";

const PUT_DELIVERY_METHODS: &str = "INSERT INTO delivery_methods (delivery_method_id, document)
    SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (partition, delivery_method_id) DO UPDATE SET document = excluded.document";

const PUT_CLIENTS: &str = "INSERT INTO clients (client_id, document)
    SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (partition, client_id) DO UPDATE SET document = excluded.document";

const PUT_CUSTOMERS: &str = "INSERT INTO customers (customer_id, document)
    SELECT * FROM unnest($1::text[], $2::text[])
    ON CONFLICT (partition, customer_id) DO UPDATE SET document = excluded.document";

const PUT_STORES: &str = "INSERT INTO stores (store_id, document)
    SELECT * FROM unnest($1::bigint[], $2::text[])
    ON CONFLICT (partition, store_id) DO UPDATE SET document = excluded.document";

async fn put_stores(session: &Session, world: &World) -> Result<(), Failure> {
    let mut put = Vec::new();
    for (id, change) in world.stores.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => put.push((i64::from(id.0), it)),
            Change::Delete => {
                return Err(StoreError::Broken(format!("store {id} was deleted")).into());
            }
        }
    }
    if put.is_empty() {
        return Ok(());
    }
    let documents = documents(&column(&put, |(_, it)| *it))?;
    session.execute(PUT_STORES, &[&column(&put, |(id, _)| *id), &documents]).await
}

async fn put_documents<V: Serialize>(
    session: &Session,
    sql: &'static str,
    put: Vec<(&str, &V)>,
) -> Result<(), Failure> {
    if put.is_empty() {
        return Ok(());
    }
    let documents = documents(&column(&put, |(_, it)| *it))?;
    session.execute(sql, &[&column(&put, |(id, _)| *id), &documents]).await
}

const DELETE_PRODUCTS: &str =
    "DELETE FROM products WHERE partition = 0 AND product_id = ANY($1::text[])";

const DELETE_DELIVERY_METHODS: &str =
    "DELETE FROM delivery_methods WHERE partition = 0 AND delivery_method_id = ANY($1::text[])";

const DELETE_CLIENTS: &str =
    "DELETE FROM clients WHERE partition = 0 AND client_id = ANY($1::text[])";

const DELETE_CUSTOMERS: &str =
    "DELETE FROM customers WHERE partition = 0 AND customer_id = ANY($1::text[])";

async fn delete(session: &Session, sql: &'static str, ids: Vec<&str>) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    session.execute(sql, &[&ids]).await
}

const PUT_STOCK: &str = "INSERT INTO stock (product_id, variant_id, location_id, on_hand, reserved,
        version)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
        $6::bigint[])
    ON CONFLICT (partition, product_id, variant_id, location_id)
    DO UPDATE SET on_hand = excluded.on_hand, reserved = excluded.reserved,
        version = excluded.version";

async fn write_stock(session: &Session, world: &World) -> Result<(), Failure> {
    let mut put: Vec<(&StockKey, &Stock)> = Vec::new();
    for (key, change) in world.stock.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => put.push((key, it)),
            Change::Delete => {
                let why = format!("stock of {key:?} was deleted");
                return Err(StoreError::Broken(why).into());
            }
        }
    }
    if put.is_empty() {
        return Ok(());
    }
    let params: [&(dyn ToSql + Sync); 6] = [
        &column(&put, |(key, _)| key.product.as_str()),
        &column(&put, |(key, _)| variant_text(key.variant.as_ref())),
        &column(&put, |(key, _)| key.location.as_str()),
        &column(&put, |(_, it)| it.on_hand),
        &column(&put, |(_, it)| it.reserved),
        &column(&put, |(_, it)| signed(it.version)),
    ];
    session.execute(PUT_STOCK, &params).await
}

// A wish of the name of an old one takes its place.
const PUT_EFFECTS: &str = "INSERT INTO effects (effect_id, order_no, due_at, is_open, document)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::boolean[], $5::text[])
    ON CONFLICT (partition, effect_id) DO UPDATE SET order_no = excluded.order_no,
        due_at = excluded.due_at, is_open = excluded.is_open, document = excluded.document";

async fn write_effects(session: &Session, world: &World) -> Result<(), Failure> {
    let mut put: Vec<&Effect> = Vec::new();
    for (id, change) in world.effects.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => put.push(it),
            Change::Delete => {
                let why = format!("{id} was deleted, and effects never are");
                return Err(StoreError::Broken(why).into());
            }
        }
    }
    if put.is_empty() {
        return Ok(());
    }
    let params: [&(dyn ToSql + Sync); 5] = [
        &column(&put, |it| it.id.as_str()),
        &column(&put, |it| signed(it.order.0)),
        &column(&put, |it| it.due_at.0),
        &column(&put, |it| it.is_open()),
        &documents(&put)?,
    ];
    session.execute(PUT_EFFECTS, &params).await
}

/// Where carts change, some that have run out go, the longest ago first.
fn write_carts<'a>(flight: &mut Flight<'a>, session: &'a Session, world: &'a World) {
    let (mut put, mut deleted) = (Vec::new(), Vec::new());
    for (key, change) in world.carts.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => put.push(it),
            Change::Delete => deleted.push(key),
        }
    }
    if put.is_empty() && deleted.is_empty() {
        return;
    }
    flight.send(put_carts(session, put));
    flight.send(delete_carts(session, deleted));
    flight.send(async move {
        let now = world.counters.moment().0;
        session.execute(DROP_CARTS, &[&now, &i64::from(CARTS_DROPPED_MAX)]).await
    });
}

const PUT_CARTS: &str = "INSERT INTO carts (owner, cart_id, expires_at, document)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
    ON CONFLICT (partition, owner, cart_id)
    DO UPDATE SET expires_at = excluded.expires_at, document = excluded.document";

async fn put_carts(session: &Session, put: Vec<&Cart>) -> Result<(), Failure> {
    if put.is_empty() {
        return Ok(());
    }
    let params: [&(dyn ToSql + Sync); 4] = [
        &column(&put, |it| owner_text(&it.key)),
        &column(&put, |it| it.key.id.as_str()),
        &column(&put, |it| it.expires_at.map(|it| it.0)),
        &documents(&put)?,
    ];
    session.execute(PUT_CARTS, &params).await
}

const DELETE_CARTS: &str = "DELETE FROM carts WHERE ctid = ANY(ARRAY(
    SELECT found.ctid FROM unnest($1::text[], $2::text[]) AS gone(owner, id)
    CROSS JOIN LATERAL (
        SELECT ctid FROM carts
        WHERE partition = 0 AND carts.owner = gone.owner AND cart_id = gone.id LIMIT 1
    ) AS found))";

async fn delete_carts(session: &Session, deleted: Vec<&CartKey>) -> Result<(), Failure> {
    if deleted.is_empty() {
        return Ok(());
    }
    let owners = column(&deleted, |it| owner_text(it));
    session.execute(DELETE_CARTS, &[&owners, &column(&deleted, |it| it.id.as_str())]).await
}

const DROP_CARTS: &str = "DELETE FROM carts WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM carts WHERE partition = 0 AND expires_at <= $1
    ORDER BY expires_at, owner, cart_id LIMIT $2))";

/// One that was freed and used again in the same batch is another row.
fn write_idempotency<'a>(flight: &mut Flight<'a>, session: &'a Session, world: &'a World) {
    let (mut freed, mut inserted) = (Vec::new(), Vec::new());
    for (hash, change) in world.idempotency.changes() {
        if let Change::Update(_) | Change::Delete = change {
            freed.push(&hash.0[..]);
        }
        if let Change::Insert(it) | Change::Update(it) = change {
            inserted.push((hash, it));
        }
    }
    let adds_keys = !inserted.is_empty();
    flight.send(free_idempotency(session, freed));
    flight.send(insert_idempotency(session, inserted));
    if adds_keys {
        flight.send(drop_idempotency(session, world));
    }
}

const FREE_IDEMPOTENCY: &str =
    "DELETE FROM idempotency WHERE partition = 0 AND hash = ANY($1::bytea[])";

async fn free_idempotency(session: &Session, freed: Vec<&[u8]>) -> Result<(), Failure> {
    if freed.is_empty() {
        return Ok(());
    }
    session.execute(FREE_IDEMPOTENCY, &[&freed]).await
}

const INSERT_IDEMPOTENCY: &str = "INSERT INTO idempotency (hash, fingerprint, at, answer, shows)
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bytea[], $5::text[])";

async fn insert_idempotency(
    session: &Session,
    inserted: Vec<(&KeyHash, &Remembered)>,
) -> Result<(), Failure> {
    if inserted.is_empty() {
        return Ok(());
    }
    let params: [&(dyn ToSql + Sync); 5] = [
        &column(&inserted, |(hash, _)| &hash.0[..]),
        &column(&inserted, |(_, it)| &it.fingerprint.0[..]),
        &column(&inserted, |(_, it)| it.at.0),
        &column(&inserted, |(_, it)| it.answer.as_slice()),
        &column(&inserted, |(_, it)| it.shows.as_ref().map(CustomerId::as_str)),
    ];
    session.execute(INSERT_IDEMPOTENCY, &params).await
}

const DROP_IDEMPOTENCY: &str = "DELETE FROM idempotency WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM idempotency WHERE partition = 0 AND at < $1 ORDER BY at LIMIT $2))";

/// More than a batch adds on average, so that the table does not grow for ever.
const DROPPED_MAX: i64 = 1024;

/// Lets go of keys that are older than promised, a few with each batch that brings new ones. By
/// their place on the page: whatever the planner thinks of the table, no plan of it can be slow.
async fn drop_idempotency(session: &Session, world: &World) -> Result<(), Failure> {
    let kept_from = world.counters.moment().0 - IDEMPOTENCY_KEPT_MS;
    session.execute(DROP_IDEMPOTENCY, &[&kept_from, &DROPPED_MAX]).await
}

const PUT_COUNTERS: &str = "INSERT INTO counters (name, value)
    SELECT * FROM unnest($1::text[], $2::bigint[])
    ON CONFLICT (partition, name) DO UPDATE SET value = excluded.value";

async fn write_counters(session: &Session, world: &World) -> Result<(), Failure> {
    let changed: Vec<_> = world.counters.changes().collect();
    if changed.is_empty() {
        return Ok(());
    }
    let names = column(&changed, |(counter, _)| counter.to_string());
    let values = column(&changed, |(_, value)| signed(*value));
    session.execute(PUT_COUNTERS, &[&names, &values]).await
}

/// One field of many rows, as `unnest` wants it.
pub(super) fn column<'r, R, T>(rows: &'r [R], field: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(field).collect()
}

pub(super) fn documents<T: Serialize>(rows: &[&T]) -> Result<Vec<String>, StoreError> {
    rows.iter().map(codec::to_document).collect()
}

/// What is to stand in a table, and the ids of what is to go from it.
fn put_and_deleted<'a, K, V>(
    facts: &'a Facts<K, V>,
    id: impl Fn(&'a K) -> &'a str,
) -> (Vec<(&'a str, &'a V)>, Vec<&'a str>)
where
    K: Clone + std::fmt::Debug + Eq + std::hash::Hash + Ord,
{
    let (mut put, mut deleted) = (Vec::new(), Vec::new());
    for (key, change) in facts.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => put.push((id(key), it)),
            Change::Delete => deleted.push(id(key)),
        }
    }
    (put, deleted)
}

fn deleted(no: OrderNo) -> StoreError {
    StoreError::Broken(format!("{no} was deleted, and orders never are"))
}

/// Outside of the batches: keys are no facts of the shop.
pub(super) async fn change_signing_key(
    transaction: &Transaction<'_>,
    change: &KeyChange,
) -> Result<(), StoreError> {
    let changed = match change {
        KeyChange::Add(key) => {
            let sql =
                "INSERT INTO signing_keys (key_id, seed, created_at, signs_from, withdrawn_at)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
            let (signs_from, withdrawn_at) =
                (key.signs_from.map(|it| it.0), key.withdrawn_at.map(|it| it.0));
            let params: [&(dyn ToSql + Sync); 5] =
                [&key.key_id, &key.seed, &key.created_at.0, &signs_from, &withdrawn_at];
            transaction.execute(sql, &params).await
        }
        KeyChange::Sign { key_id, from } => {
            let sql = "UPDATE signing_keys SET signs_from = $2 WHERE key_id = $1";
            transaction.execute(sql, &[key_id, &from.0]).await
        }
        KeyChange::Rewrap { key_id, from, to } => {
            let sql = "UPDATE signing_keys SET seed = $3 WHERE key_id = $1 AND seed = $2";
            transaction.execute(sql, &[key_id, from, to]).await
        }
        KeyChange::Withdraw { key_id, at } => {
            let sql = "UPDATE signing_keys SET withdrawn_at = $2, seed = '' WHERE key_id = $1";
            transaction.execute(sql, &[key_id, &at.0]).await
        }
    };
    changed.map(|_| ()).map_err(failed)
}
