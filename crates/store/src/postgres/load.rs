//! Loads the rows that a batch names: one statement per table, all in one flight. A statement gives
//! back the place of a key among those that were asked for, and what it has no row for is absent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    hash::Hash,
    sync::Arc,
};

use domain::{
    ClientId, CustomerId, DeliveryMethodId, EffectId, Keys, LocationId, Moment, Order, OrderNo,
    ProductId, StoreId, World,
    cart::{Cart, CartKey},
    counter::Counters,
    delivery::DeliveryMethod,
    idempotency::{Fingerprint, KeyHash, Remembered},
    shop::Shop,
    stock::{Stock, StockKey},
    world::{Facts, InUse},
};
use serde::de::DeserializeOwned;
use tokio_postgres::{Row, types::ToSql};

use super::{
    read::DELIVERY_METHODS,
    row::{self, get, owner_text, signed, variant_text},
    session::{Failure, Flight, Session},
    velocities,
};
use crate::StoreError;

pub(super) const STATEMENTS: &[&str] = &[
    LOCK,
    COUNTERS,
    ORDERS,
    PRODUCTS,
    STOCK,
    NAMED_DELIVERY_METHODS,
    DELIVERY_METHODS,
    CUSTOMERS,
    CLIENTS,
    STORES,
    IDEMPOTENCY,
    EFFECTS,
    CARTS,
    EVERY_STORE,
    USED_STORES,
    ERASURES,
];

/// Begins a transaction, takes the write lock and then loads. Every statement sees what was
/// committed before it began, so all that comes after the lock sees the batch before this one.
pub(super) async fn begin(
    session: &Session,
    keys: &Keys,
    world: &mut World,
) -> Result<(), Failure> {
    let mut counters = Counters::default();
    let mut flight = Flight::default();
    flight.send(session.command("START TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"));
    flight.send(lock(session));
    flight.send(load_counters(session, &mut counters));
    send_loads(&mut flight, session, keys, world);
    flight.land().await?;
    world.counters = counters;
    Ok(())
}

pub(super) async fn load(session: &Session, keys: &Keys, world: &mut World) -> Result<(), Failure> {
    let mut flight = Flight::default();
    send_loads(&mut flight, session, keys, world);
    flight.land().await
}

fn send_loads<'a>(
    flight: &mut Flight<'a>,
    session: &'a Session,
    keys: &'a Keys,
    world: &'a mut World,
) {
    flight.send(load_orders(session, &keys.orders, &mut world.orders));
    let ids = keys.products.iter().map(ProductId::as_str);
    flight.send(load_documents(session, PRODUCTS, &keys.products, ids, &mut world.products));
    flight.send(load_stock(session, &keys.stock, &mut world.stock, &mut world.elsewhere));
    let methods = &mut world.delivery_methods;
    if keys.every_delivery_method && !world.has_every_delivery_method {
        flight.send(load_every_delivery_method(session, &keys.delivery_methods, methods));
        world.has_every_delivery_method = true;
    } else {
        let ids = keys.delivery_methods.iter().map(DeliveryMethodId::as_str);
        let sql = NAMED_DELIVERY_METHODS;
        flight.send(load_documents(session, sql, &keys.delivery_methods, ids, methods));
    }
    let ids = keys.customers.iter().map(CustomerId::as_str);
    flight.send(load_documents(session, CUSTOMERS, &keys.customers, ids, &mut world.customers));
    let ids = keys.clients.iter().map(ClientId::as_str);
    flight.send(load_documents(session, CLIENTS, &keys.clients, ids, &mut world.clients));
    let ids = keys.erasures.iter().map(CustomerId::as_str);
    flight.send(load_documents(session, ERASURES, &keys.erasures, ids, &mut world.erasures));
    let ids = keys.stores.iter().map(|it| i64::from(it.0));
    let stores = &mut world.stores;
    if keys.every_store && !world.has_every_store {
        flight.send(load_every_store(session, &keys.stores, stores));
        world.has_every_store = true;
    } else {
        flight.send(load_documents(session, STORES, &keys.stores, ids, stores));
    }
    flight.send(load_used_stores(session, &keys.used_stores, &mut world.used_stores));
    flight.send(load_idempotency(session, &keys.idempotency, &mut world.idempotency));
    let ids = keys.effects.iter().map(EffectId::as_str);
    flight.send(load_documents(session, EFFECTS, &keys.effects, ids, &mut world.effects));
    flight.send(load_carts(session, &keys.carts, &mut world.carts));
    flight.send(velocities::load(session, &keys.velocities, &mut world.velocities));
}

const LOCK: &str = "SELECT value FROM counters WHERE partition = 0 AND name = 'event' FOR UPDATE";

/// Held to the end of the transaction, this row makes all batches of the database go one at a time.
async fn lock(session: &Session) -> Result<(), Failure> {
    match session.query(LOCK, &[]).await?.len() {
        1 => Ok(()),
        _ => Err(StoreError::Broken("the counter of events is gone".into()).into()),
    }
}

pub(super) const COUNTERS: &str = "SELECT name, value FROM counters WHERE partition = 0";

async fn load_counters(session: &Session, counters: &mut Counters) -> Result<(), Failure> {
    *counters = row::counters(&session.query(COUNTERS, &[]).await?)?;
    Ok(())
}

// The limit in each of these keeps the planner from turning the join round: on a table that it has
// no statistics of yet it would rather read all of it once than look up what was asked for.
const ORDERS: &str = "SELECT asked.place, found.document, found.person
    FROM unnest($1::bigint[]) WITH ORDINALITY AS asked(no, place)
    CROSS JOIN LATERAL (
        SELECT orders.document, persons.document AS person FROM orders
        LEFT JOIN persons ON persons.partition = 0 AND persons.order_no = orders.no
        WHERE orders.partition = 0 AND orders.no = asked.no LIMIT 1
    ) AS found";

async fn load_orders(
    session: &Session,
    asked: &BTreeSet<OrderNo>,
    orders: &mut Facts<OrderNo, Order>,
) -> Result<(), Failure> {
    let numbers: Vec<i64> = asked.iter().map(|it| signed(it.0)).collect();
    load_rows(session, ORDERS, asked, &[&numbers], orders, |row| row::order(row, 1)).await
}

// The offset does what the limit does in the others: a main shelf is asked for with those of the
// same goods elsewhere.
pub(super) const STOCK: &str =
    "SELECT asked.place, found.on_hand, found.reserved, found.version, found.location_id
    FROM unnest($1::text[], $2::text[], $3::text[])
        WITH ORDINALITY AS asked(product, variant, location, place)
    CROSS JOIN LATERAL (
        SELECT on_hand, reserved, version, location_id FROM stock
        WHERE partition = 0 AND product_id = asked.product AND variant_id = asked.variant
            AND (location_id = asked.location OR asked.location = 'main') OFFSET 0
    ) AS found";

async fn load_stock(
    session: &Session,
    asked: &BTreeSet<StockKey>,
    stock: &mut Facts<StockKey, Stock>,
    elsewhere: &mut BTreeMap<StockKey, Arc<[LocationId]>>,
) -> Result<(), Failure> {
    if asked.is_empty() {
        return Ok(());
    }
    let Shelves { products, variants, locations } = Shelves::of(asked);
    let params: [&(dyn ToSql + Sync); 3] = [&products, &variants, &locations];
    Ok(fill_stock(&session.query(STOCK, &params).await?, asked, stock, elsewhere)?)
}

/// The parameters of [`STOCK`].
pub(super) struct Shelves<'a> {
    pub(super) products: Vec<&'a str>,
    pub(super) variants: Vec<&'a str>,
    pub(super) locations: Vec<&'a str>,
}

impl Shelves<'_> {
    pub(super) fn of(asked: &BTreeSet<StockKey>) -> Shelves<'_> {
        Shelves {
            products: asked.iter().map(|it| it.product.as_str()).collect(),
            variants: asked.iter().map(|it| variant_text(it.variant.as_ref())).collect(),
            locations: asked.iter().map(|it| it.location.as_str()).collect(),
        }
    }
}

/// From the rows of [`STOCK`]: the shelves that were asked for, and those elsewhere.
pub(super) fn fill_stock(
    rows: &[Row],
    asked: &BTreeSet<StockKey>,
    stock: &mut Facts<StockKey, Stock>,
    elsewhere: &mut BTreeMap<StockKey, Arc<[LocationId]>>,
) -> Result<(), StoreError> {
    let mut absent: BTreeMap<i64, &StockKey> = (1..).zip(asked).collect();
    let places: Vec<&StockKey> = asked.iter().collect();
    let mut others: BTreeMap<StockKey, Vec<LocationId>> = BTreeMap::new();
    for row in rows {
        let place = get(row, 0)?;
        let Some(key) = usize::try_from(place - 1).ok().and_then(|it| places.get(it)) else {
            continue;
        };
        let (location, counts) = (row::location(row, 4)?, row::stock_counts(row, 1)?);
        if location == key.location {
            absent.remove(&place);
        } else {
            others.entry((*key).clone()).or_default().push(location.clone());
        }
        stock.load(StockKey { location, ..(*key).clone() }, Some(counts));
    }
    for key in absent.into_values() {
        stock.load(key.clone(), None::<Stock>);
    }
    for (main, mut locations) in others {
        locations.sort();
        elsewhere.insert(main, locations.into());
    }
    Ok(())
}

async fn load_every_delivery_method(
    session: &Session,
    named: &BTreeSet<DeliveryMethodId>,
    methods: &mut Facts<DeliveryMethodId, DeliveryMethod>,
) -> Result<(), Failure> {
    for row in session.query(DELIVERY_METHODS, &[]).await? {
        let method: DeliveryMethod = row::document(&row, 0)?;
        if !methods.is_loaded(&method.id) {
            methods.load(method.id.clone(), Some(method));
        }
    }
    for absent in named {
        if !methods.is_loaded(absent) {
            methods.load(absent.clone(), None::<DeliveryMethod>);
        }
    }
    Ok(())
}

const EVERY_STORE: &str = "SELECT document FROM stores WHERE partition = 0";

async fn load_every_store(
    session: &Session,
    named: &BTreeSet<StoreId>,
    stores: &mut Facts<StoreId, Shop>,
) -> Result<(), Failure> {
    for row in session.query(EVERY_STORE, &[]).await? {
        let shop: Shop = row::document(&row, 0)?;
        if !stores.is_loaded(&shop.id) {
            stores.load(shop.id, Some(shop));
        }
    }
    for absent in named {
        if !stores.is_loaded(absent) {
            stores.load(*absent, None::<Shop>);
        }
    }
    Ok(())
}

const USED_STORES: &str = "SELECT asked.place FROM unnest($1::bigint[])
    WITH ORDINALITY AS asked(id, place)
    WHERE EXISTS (SELECT FROM orders WHERE partition = 0 AND store_id = asked.id)";

async fn load_used_stores(
    session: &Session,
    asked: &BTreeSet<StoreId>,
    used: &mut Facts<StoreId, InUse>,
) -> Result<(), Failure> {
    let ids: Vec<i64> = asked.iter().map(|it| i64::from(it.0)).collect();
    load_rows(session, USED_STORES, asked, &[&ids], used, |_| Ok(InUse)).await
}

const IDEMPOTENCY: &str = "SELECT asked.place, found.fingerprint, found.at, found.answer,
        found.shows
    FROM unnest($1::bytea[]) WITH ORDINALITY AS asked(hash, place)
    CROSS JOIN LATERAL (
        SELECT fingerprint, at, answer, shows FROM idempotency
        WHERE partition = 0 AND idempotency.hash = asked.hash LIMIT 1
    ) AS found";

async fn load_idempotency(
    session: &Session,
    asked: &BTreeSet<KeyHash>,
    idempotency: &mut Facts<KeyHash, Remembered>,
) -> Result<(), Failure> {
    let hashes: Vec<&[u8]> = asked.iter().map(|it| &it.0[..]).collect();
    load_rows(session, IDEMPOTENCY, asked, &[&hashes], idempotency, remembered).await
}

fn remembered(row: &Row) -> Result<Remembered, StoreError> {
    let fingerprint = get::<&[u8]>(row, 1)?.try_into();
    Ok(Remembered {
        fingerprint: fingerprint
            .map(Fingerprint)
            .map_err(|_| StoreError::Broken("a fingerprint is not of 16 bytes".into()))?,
        at: Moment(get(row, 2)?),
        answer: get(row, 3)?,
        shows: row::customer(row, 4)?,
    })
}

/// The documents of a table by their ids, in no order; each with the place of its id.
macro_rules! documents {
    ($table:literal, $id:literal, $type:literal) => {
        concat!(
            "SELECT asked.place, found.document
            FROM unnest($1::",
            $type,
            "[]) WITH ORDINALITY AS asked(id, place)
            CROSS JOIN LATERAL (SELECT document FROM ",
            $table,
            " WHERE partition = 0 AND ",
            $id,
            " = asked.id LIMIT 1) AS found"
        )
    };
}

pub(super) const PRODUCTS: &str = documents!("products", "product_id", "text");
const NAMED_DELIVERY_METHODS: &str = documents!("delivery_methods", "delivery_method_id", "text");
const CUSTOMERS: &str = documents!("customers", "customer_id", "text");
const CLIENTS: &str = documents!("clients", "client_id", "text");
const ERASURES: &str = documents!("erasures", "customer_id", "text");
pub(super) const STORES: &str = documents!("stores", "store_id", "bigint");
const EFFECTS: &str = documents!("effects", "effect_id", "text");

pub(super) const CARTS: &str = "SELECT asked.place, found.document
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked(owner, id, place)
    CROSS JOIN LATERAL (
        SELECT document FROM carts
        WHERE partition = 0 AND carts.owner = asked.owner AND cart_id = asked.id LIMIT 1
    ) AS found";

async fn load_carts(
    session: &Session,
    asked: &BTreeSet<CartKey>,
    carts: &mut Facts<CartKey, Cart>,
) -> Result<(), Failure> {
    let owners: Vec<&str> = asked.iter().map(owner_text).collect();
    let ids: Vec<&str> = asked.iter().map(|it| it.id.as_str()).collect();
    let params: [&(dyn ToSql + Sync); 2] = [&owners, &ids];
    load_rows(session, CARTS, asked, &params, carts, |row| row::document(row, 1)).await
}

async fn load_documents<K, V, I>(
    session: &Session,
    sql: &'static str,
    asked: &BTreeSet<K>,
    ids: impl Iterator<Item = I>,
    facts: &mut Facts<K, V>,
) -> Result<(), Failure>
where
    K: Clone + Debug + Eq + Hash + Ord,
    V: DeserializeOwned,
    I: ToSql + Sync,
{
    let ids: Vec<I> = ids.collect();
    load_rows(session, sql, asked, &[&ids], facts, |row| row::document(row, 1)).await
}

/// Loads what was asked for: its row where there is one, at its place in the set, or its absence.
pub(super) async fn load_rows<K, V>(
    session: &Session,
    sql: &'static str,
    asked: &BTreeSet<K>,
    params: &[&(dyn ToSql + Sync)],
    facts: &mut Facts<K, V>,
    read: impl Fn(&Row) -> Result<V, StoreError>,
) -> Result<(), Failure>
where
    K: Clone + Debug + Eq + Hash + Ord,
{
    if asked.is_empty() {
        return Ok(());
    }
    let rows = session.query(sql, params).await?;
    Ok(fill(&rows, asked, facts, read)?)
}

/// Each row at the place that its key has among those that were asked for.
pub(super) fn fill<K, V>(
    rows: &[Row],
    asked: &BTreeSet<K>,
    facts: &mut Facts<K, V>,
    read: impl Fn(&Row) -> Result<V, StoreError>,
) -> Result<(), StoreError>
where
    K: Clone + Debug + Eq + Hash + Ord,
{
    let mut found: BTreeMap<i64, V> = BTreeMap::new();
    for row in rows {
        found.insert(get(row, 0)?, read(row)?);
    }
    for (place, key) in (1..).zip(asked) {
        facts.load(key.clone(), found.remove(&place));
    }
    Ok(())
}
