//! Answers to the questions of [`Reads`], each from one snapshot.

use domain::{
    ClientId, CustomerId, DeliveryMethodId, EffectId, Keys, Logged, Moment, Order, OrderNo,
    ProductId, RetrievalId, StoreId, World,
    cart::{Cart, CartKey},
    catalog::Product,
    client::Client,
    counter::Counters,
    customer::{Customer, erasure::Erasure},
    delivery::DeliveryMethod,
    effect::Effect,
    idempotency::KeyHash,
    review::velocity::{Velocity, VelocityKey},
    shop::Shop,
    stock::{Stock, StockKey},
};
use rusqlite::{Connection, ToSql};

use super::{
    failed, list,
    load::{self, one, prepare},
    projections,
    readers::Readers,
    row::{self, signed, unsigned, variant_text},
    velocities,
};
use crate::{
    Columns, EventQuery, Events, KeptKey, OrderFilter, OrderPage, OrderQuery, Pool, ProductQuery,
    Read, Reads, Segment, ShopQuery, Stamp, StoreError, codec,
};

impl Reads for Readers {
    fn ready(&self) -> Read<'_, ()> {
        self.look(|connection| {
            connection.query_row("SELECT 1 FROM stores", [], |_| Ok(())).map_err(failed)
        })
    }

    fn order(&self, no: OrderNo) -> Read<'_, Option<Order>> {
        self.look(move |connection| {
            one(&mut prepare(connection, row::ORDER_WITH_PERSON)?, [signed(no.0)], row::order)
        })
    }

    fn order_stamp(&self, no: OrderNo) -> Option<Stamp> {
        self.stamp(no)
    }

    fn order_by_retrieval(&self, id: RetrievalId) -> Read<'_, Option<OrderNo>> {
        self.look(move |connection| {
            let sql = "SELECT no FROM orders WHERE store_id = ?1 AND retrieval_no = ?2";
            one(&mut prepare(connection, sql)?, (id.store.0, signed(id.no)), row::order_no)
        })
    }

    fn order_by_reference(&self, store: StoreId, reference: String) -> Read<'_, Option<Order>> {
        self.look(move |connection| {
            let sql = "SELECT orders.document, persons.document
                FROM orders LEFT JOIN persons ON persons.order_no = orders.no
                WHERE orders.store_id = ?1 AND orders.reference_id = ?2
                    AND orders.retrieval_no IS NOT NULL
                ORDER BY orders.retrieval_no DESC LIMIT 1";
            one(&mut prepare(connection, sql)?, (store.0, reference), row::order)
        })
    }

    fn completed_orders(&self, store: StoreId, after: u64, limit: u32) -> Read<'_, Vec<Order>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM orders
                WHERE store_id = ?1 AND retrieval_no > ?2 ORDER BY retrieval_no LIMIT ?3";
            let params: [&dyn ToSql; 3] = [&store.0, &signed(after), &limit];
            all(connection, sql, &params, |row| row::document(row, 0))
        })
    }

    fn orders(&self, query: OrderQuery) -> Read<'_, OrderPage> {
        let (newest, kept) = (self.newest(&query.filter), self.kept());
        self.ask(move |connection| list::orders(connection, &query, newest, kept))
    }

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64> {
        let newest = self.newest(&filter);
        self.ask(move |connection| list::count(connection, &filter, newest))
    }

    fn segment(&self, number: u64) -> Read<'_, Segment> {
        self.ask(move |connection| projections::segment(connection, number))
    }

    fn columns(&self, after: OrderNo, limit: u32) -> Read<'_, Vec<Columns>> {
        self.ask(move |connection| {
            let sql = "SELECT no, total, created_at, expires_at, reference_id FROM orders
                WHERE no > ?1 ORDER BY no LIMIT ?2";
            all(connection, sql, &[&signed(after.0), &limit], row::columns)
        })
    }

    fn events(&self, query: EventQuery) -> Read<'_, Events> {
        self.ask(move |connection| events(connection, &query))
    }

    fn last_seq(&self) -> Read<'_, u64> {
        self.look(|connection| {
            let sql = "SELECT value FROM counters WHERE name = 'event'";
            let value = one(&mut prepare(connection, sql)?, [], |row| row.get(0).map_err(failed))?;
            Ok(value.map_or(0, unsigned))
        })
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

    fn client(&self, id: ClientId) -> Read<'_, Option<Client>> {
        self.look(move |connection| {
            let sql = "SELECT document FROM clients WHERE client_id = ?1";
            one(&mut prepare(connection, sql)?, [id.as_str()], |row| row::document(row, 0))
        })
    }

    fn customer(&self, id: CustomerId) -> Read<'_, Option<Customer>> {
        self.look(move |connection| {
            let sql = "SELECT document FROM customers WHERE customer_id = ?1";
            one(&mut prepare(connection, sql)?, [id.as_str()], |row| row::document(row, 0))
        })
    }

    fn clients(&self) -> Read<'_, Vec<Client>> {
        self.ask(|connection| {
            let sql = "SELECT document FROM clients ORDER BY client_id";
            all(connection, sql, &[], |row| row::document(row, 0))
        })
    }

    fn signing_keys(&self) -> Read<'_, Vec<KeptKey>> {
        self.ask(|connection| {
            let sql = "SELECT key_id, seed, created_at, signs_from, withdrawn_at
                FROM signing_keys ORDER BY created_at, key_id";
            all(connection, sql, &[], row::signing_key)
        })
    }

    fn customers(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Customer>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM customers
                WHERE customer_id > ?1 ORDER BY customer_id LIMIT ?2";
            let after = after.as_ref().map_or("", CustomerId::as_str);
            all(connection, sql, &[&after, &limit], |row| row::document(row, 0))
        })
    }

    fn erasure(&self, customer: CustomerId) -> Read<'_, Option<Erasure>> {
        self.look(move |connection| {
            let sql = "SELECT document FROM erasures WHERE customer_id = ?1";
            one(&mut prepare(connection, sql)?, [customer.as_str()], |row| row::document(row, 0))
        })
    }

    fn erasures(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Erasure>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM erasures
                WHERE customer_id > ?1 ORDER BY customer_id LIMIT ?2";
            let after = after.as_ref().map_or("", CustomerId::as_str);
            all(connection, sql, &[&after, &limit], |row| row::document(row, 0))
        })
    }

    fn answers_showing(&self, customer: CustomerId, limit: u32) -> Read<'_, Vec<KeyHash>> {
        self.ask(move |connection| {
            let sql = "SELECT hash FROM idempotency WHERE shows = ?1 LIMIT ?2";
            let hash = |row: &rusqlite::Row<'_>| Ok(KeyHash(row.get(0).map_err(failed)?));
            all(connection, sql, &[&customer.as_str(), &limit], hash)
        })
    }

    fn velocities(
        &self,
        after: Option<VelocityKey>,
        limit: u32,
    ) -> Read<'_, Vec<(VelocityKey, Velocity)>> {
        self.ask(move |connection| {
            let after = after.as_ref().map_or(&[][..], |it| &it.0[..]);
            all(connection, velocities::PAGE, &[&after, &limit], velocities::read)
        })
    }

    fn shop(&self, id: StoreId) -> Read<'_, Option<Shop>> {
        self.look(move |connection| {
            let sql = "SELECT document FROM stores WHERE store_id = ?1";
            one(&mut prepare(connection, sql)?, [id.0], |row| row::document(row, 0))
        })
    }

    fn shops(&self, query: ShopQuery) -> Read<'_, Vec<Shop>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM stores WHERE store_id > ?1
                AND (?2 IS NULL OR store_id IN (SELECT value FROM json_each(?2)))
                ORDER BY store_id LIMIT ?3";
            let after = query.after.map_or(0, |it| it.0);
            let among = query.stores.as_ref().map(codec::to_document).transpose()?;
            all(connection, sql, &[&after, &among, &query.limit], |row| row::document(row, 0))
        })
    }

    fn cart_facts(&self, keys: Keys) -> Read<'_, World> {
        self.ask(move |connection| cart_facts(connection, &keys))
    }

    fn carts_of(&self, customer: CustomerId) -> Read<'_, Vec<CartKey>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM carts WHERE owner = ?1 ORDER BY cart_id";
            let key = |row: &rusqlite::Row<'_>| Ok(row::document::<Cart>(row, 0)?.key);
            all(connection, sql, &[&customer.as_str()], key)
        })
    }

    fn effect(&self, id: EffectId) -> Read<'_, Option<Effect>> {
        self.look(move |connection| {
            let sql = "SELECT document FROM effects WHERE effect_id = ?1";
            one(&mut prepare(connection, sql)?, [id.as_str()], |row| row::document(row, 0))
        })
    }

    fn due_effects(&self, now: Moment, limit: u32) -> Read<'_, Vec<Effect>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM effects
                WHERE is_open AND due_at <= ?1 ORDER BY due_at, effect_id LIMIT ?2";
            all(connection, sql, &[&now.0, &limit], |row| row::document(row, 0))
        })
    }

    fn open_effects(&self, after: Option<(Moment, EffectId)>, limit: u32) -> Read<'_, Vec<Effect>> {
        self.ask(move |connection| {
            let sql = "SELECT document FROM effects
                WHERE is_open AND (due_at, effect_id) > (?1, ?2)
                ORDER BY due_at, effect_id LIMIT ?3";
            let (due_at, id) = match &after {
                Some((due_at, id)) => (due_at.0, id.as_str()),
                None => (i64::MIN, ""),
            };
            all(connection, sql, &[&due_at, &id, &limit], |row| row::document(row, 0))
        })
    }

    fn expired_orders(&self, now: Moment, limit: u32) -> Read<'_, Vec<OrderNo>> {
        self.ask(move |connection| {
            let sql = "SELECT no FROM orders
                WHERE expires_at <= ?1 ORDER BY expires_at, no LIMIT ?2";
            all(connection, sql, &[&now.0, &limit], row::order_no)
        })
    }

    fn counters(&self) -> Read<'_, Counters> {
        self.ask(load::counters)
    }

    fn pool(&self) -> Pool {
        self.load()
    }
}

pub(super) fn delivery_methods(connection: &Connection) -> Result<Vec<DeliveryMethod>, StoreError> {
    let sql = "SELECT document FROM delivery_methods ORDER BY delivery_method_id";
    all(connection, sql, &[], |row| row::document(row, 0))
}

/// As a batch loads them, but from the file alone.
fn cart_facts(connection: &Connection, keys: &Keys) -> Result<World, StoreError> {
    let mut world = World::default();
    load::load_carts(connection, keys, &mut world)?;
    let sql = "SELECT document FROM products WHERE product_id = ?1";
    for id in &keys.products {
        let found = one(&mut prepare(connection, sql)?, [id.as_str()], row::shared)?;
        world.products.load(id.clone(), found);
    }
    let sql = format!(
        "SELECT {} WHERE product_id = ?1 AND variant_id = ?2 AND location_id = ?3",
        row::STOCK
    );
    for key in &keys.stock {
        if key.is_main() {
            _ = load::read_goods(connection, key, &mut world)?;
            continue;
        }
        let variant = variant_text(key.variant.as_ref());
        let named = (key.product.as_str(), variant, key.location.as_str());
        let found = one(&mut prepare(connection, &sql)?, named, row::stock)?;
        world.stock.load(key.clone(), found.map(|(_, counts)| counts));
    }
    let sql = "SELECT document FROM stores WHERE store_id = ?1";
    for id in &keys.stores {
        world.stores.load(*id, one(&mut prepare(connection, sql)?, [id.0], row::shared)?);
    }
    let methods = delivery_methods(connection)?;
    for id in &keys.delivery_methods {
        world.delivery_methods.load(id.clone(), methods.iter().find(|it| it.id == *id).cloned());
    }
    if keys.every_delivery_method {
        for method in methods {
            world.delivery_methods.load(method.id.clone(), Some(method));
        }
        world.has_every_delivery_method = true;
    }
    Ok(world)
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
