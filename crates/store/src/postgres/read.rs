//! Answers to the questions of [`Reads`], each one statement and so of one snapshot; only what a
//! cart is priced by is asked table by table.

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, Object, Pool as Connections, PoolError, Runtime, Status,
};
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
use tokio_postgres::{Config, NoTls, Row, types::ToSql};

use super::{
    failed, in_words, list,
    load::{self, COUNTERS, Shelves},
    projections,
    row::{self, get, owner_text, signed, unsigned, variant_text},
    velocities,
};
use crate::{
    Columns, EventQuery, Events, KeptKey, OrderFilter, OrderPage, OrderQuery, Pool, ProductQuery,
    Purpose, Read, Reads, Segment, ShopQuery, StoreError, list::long_segment_of,
};

const READERS: usize = 4;

/// A caller who has waited this long for a connection is told to come again.
const WAIT_TIMEOUT: Duration = Duration::from_secs(2);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The same for both in a process that serves nobody: whoever started it would rather wait.
const PATIENCE: Duration = Duration::from_secs(60);

const SETTINGS: &str = "SET statement_timeout = '10s';
    SET default_transaction_read_only = on;
    SET jit = off";

pub(super) struct Readers {
    pool: Connections,
}

impl Readers {
    pub(super) fn start(config: &Config, purpose: Purpose) -> Result<Readers, StoreError> {
        let (wait, connect) = match purpose {
            Purpose::Serve => (WAIT_TIMEOUT, CONNECT_TIMEOUT),
            Purpose::Write | Purpose::Beside | Purpose::Inspect => (PATIENCE, PATIENCE),
        };
        let settle = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
            Box::pin(async { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
        });
        let pool = Connections::builder(Manager::new(config.clone(), NoTls))
            .max_size(READERS)
            .wait_timeout(Some(wait))
            .create_timeout(Some(connect))
            .recycle_timeout(Some(connect))
            .runtime(Runtime::Tokio1)
            .post_create(settle)
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(Readers { pool })
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                StoreError::Unavailable(in_words(&error))
            }
            PoolError::Timeout(_) => StoreError::Unavailable("too many reads are waiting".into()),
            PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(HookError::Message(_)) => {
                StoreError::Broken(error.to_string())
            }
        })
    }

    async fn all<T>(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let client = self.client().await?;
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        let rows = client.query(&statement, params).await.map_err(failed)?;
        drop(client);
        rows.iter().map(read).collect()
    }

    /// The row of a key, if it is there.
    async fn one<T>(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, params, read).await?.pop())
    }
}

impl Reads for Readers {
    fn ready(&self) -> Read<'_, ()> {
        Box::pin(async {
            let sql = "SELECT 1 FROM stores LIMIT 1";
            match self.one(sql, &[], |_| Ok(())).await? {
                Some(()) => Ok(()),
                None => Err(StoreError::Broken("there is no store".into())),
            }
        })
    }

    fn order(&self, no: OrderNo) -> Read<'_, Option<Order>> {
        Box::pin(async move {
            let sql = "SELECT orders.document, persons.document
                FROM orders LEFT JOIN persons ON persons.partition = 0 AND persons.order_no = no
                WHERE orders.partition = 0 AND no = $1";
            self.one(sql, &[&signed(no.0)], |it| row::order(it, 0)).await
        })
    }

    fn order_by_retrieval(&self, id: RetrievalId) -> Read<'_, Option<OrderNo>> {
        Box::pin(async move {
            let sql = "SELECT no FROM orders
                WHERE partition = 0 AND store_id = $1 AND retrieval_no = $2";
            let params: [&(dyn ToSql + Sync); 2] = [&i64::from(id.store.0), &signed(id.no)];
            self.one(sql, &params, row::order_no).await
        })
    }

    fn order_by_reference(&self, store: StoreId, reference: String) -> Read<'_, Option<Order>> {
        Box::pin(async move {
            let sql = "SELECT orders.document, persons.document
                FROM orders LEFT JOIN persons ON persons.partition = 0 AND persons.order_no = no
                WHERE orders.partition = 0 AND store_id = $1 AND reference_id = $2
                    AND retrieval_no IS NOT NULL
                ORDER BY retrieval_no DESC LIMIT 1";
            let params: [&(dyn ToSql + Sync); 2] = [&i64::from(store.0), &reference];
            self.one(sql, &params, |it| row::order(it, 0)).await
        })
    }

    fn completed_orders(&self, store: StoreId, after: u64, limit: u32) -> Read<'_, Vec<Order>> {
        Box::pin(async move {
            let sql = "SELECT document FROM orders
                WHERE partition = 0 AND store_id = $1 AND retrieval_no > $2
                ORDER BY retrieval_no LIMIT $3";
            let params: [&(dyn ToSql + Sync); 3] =
                [&i64::from(store.0), &signed(after), &i64::from(limit)];
            self.all(sql, &params, |it| row::document(it, 0)).await
        })
    }

    fn orders(&self, query: OrderQuery) -> Read<'_, OrderPage> {
        Box::pin(async move { list::orders(&mut *self.client().await?, &query).await })
    }

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64> {
        Box::pin(async move { list::count(&mut *self.client().await?, &filter).await })
    }

    fn segment(&self, number: u64) -> Read<'_, Segment> {
        Box::pin(async move {
            let client = self.client().await?;
            let statement = client.prepare_cached(projections::SEGMENT).await.map_err(failed)?;
            let (first, last) = Segment::orders(number).into_inner();
            let (long_segment, first, last) =
                (signed(long_segment_of(first.0)), signed(first.0), signed(last.0));
            let named: [&(dyn ToSql + Sync); 5] =
                [&projections::NAME, &signed(number), &long_segment, &first, &last];
            projections::segment(&client.query(&statement, &named).await.map_err(failed)?)
        })
    }

    fn columns(&self, after: OrderNo, limit: u32) -> Read<'_, Vec<Columns>> {
        Box::pin(async move {
            let sql = "SELECT no, total, created_at, expires_at, reference_id FROM orders
                WHERE partition = 0 AND no > $1 ORDER BY no LIMIT $2";
            self.all(sql, &[&signed(after.0), &i64::from(limit)], row::columns).await
        })
    }

    fn events(&self, query: EventQuery) -> Read<'_, Events> {
        Box::pin(async move { events(self, &query).await })
    }

    fn last_seq(&self) -> Read<'_, u64> {
        Box::pin(async {
            let sql = "SELECT value FROM counters WHERE partition = 0 AND name = 'event'";
            Ok(self.one(sql, &[], |it| Ok(unsigned(get(it, 0)?))).await?.unwrap_or(0))
        })
    }

    fn admin_events(&self, after: u64, limit: u32) -> Read<'_, Vec<Logged>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM admin_events
                WHERE partition = 0 AND seq > $1 ORDER BY seq LIMIT $2",
                row::ADMIN_EVENT
            );
            self.all(&sql, &[&signed(after), &i64::from(limit)], row::admin_event).await
        })
    }

    fn product(&self, id: ProductId) -> Read<'_, Option<Product>> {
        Box::pin(async move {
            let sql = "SELECT document FROM products WHERE partition = 0 AND product_id = $1";
            self.one(sql, &[&id.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn products(&self, query: ProductQuery) -> Read<'_, Vec<Product>> {
        Box::pin(async move {
            let sql = "SELECT document FROM products
                WHERE partition = 0 AND product_id > $1 AND active >= $2
                ORDER BY product_id LIMIT $3";
            let after = query.after.as_ref().map_or("", ProductId::as_str);
            let params: [&(dyn ToSql + Sync); 3] =
                [&after, &query.active_only, &i64::from(query.limit)];
            self.all(sql, &params, |it| row::document(it, 0)).await
        })
    }

    fn stock(&self, product: ProductId) -> Read<'_, Vec<(StockKey, Stock)>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM stock WHERE partition = 0 AND product_id = $1
                ORDER BY variant_id, location_id",
                row::STOCK
            );
            self.all(&sql, &[&product.as_str()], row::stock).await
        })
    }

    fn stock_after(&self, after: Option<StockKey>, limit: u32) -> Read<'_, Vec<(StockKey, Stock)>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM stock WHERE partition = 0
                    AND (product_id, variant_id, location_id) > ($1, $2, $3)
                ORDER BY product_id, variant_id, location_id LIMIT $4",
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
            let params: [&(dyn ToSql + Sync); 4] =
                [&product, &variant, &location, &i64::from(limit)];
            self.all(&sql, &params, row::stock).await
        })
    }

    fn delivery_method(&self, id: DeliveryMethodId) -> Read<'_, Option<DeliveryMethod>> {
        Box::pin(async move {
            let sql = "SELECT document FROM delivery_methods
                WHERE partition = 0 AND delivery_method_id = $1";
            self.one(sql, &[&id.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn delivery_methods(&self) -> Read<'_, Vec<DeliveryMethod>> {
        Box::pin(self.all(DELIVERY_METHODS, &[], |it| row::document(it, 0)))
    }

    fn client(&self, id: ClientId) -> Read<'_, Option<Client>> {
        Box::pin(async move {
            let sql = "SELECT document FROM clients WHERE partition = 0 AND client_id = $1";
            self.one(sql, &[&id.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn customer(&self, id: CustomerId) -> Read<'_, Option<Customer>> {
        Box::pin(async move {
            let sql = "SELECT document FROM customers WHERE partition = 0 AND customer_id = $1";
            self.one(sql, &[&id.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn clients(&self) -> Read<'_, Vec<Client>> {
        let sql = "SELECT document FROM clients WHERE partition = 0 ORDER BY client_id";
        Box::pin(self.all(sql, &[], |it| row::document(it, 0)))
    }

    fn signing_keys(&self) -> Read<'_, Vec<KeptKey>> {
        let sql = "SELECT key_id, seed, created_at, signs_from, withdrawn_at
            FROM signing_keys ORDER BY created_at, key_id";
        Box::pin(self.all(sql, &[], row::signing_key))
    }

    fn customers(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Customer>> {
        Box::pin(async move {
            let sql = "SELECT document FROM customers
                WHERE partition = 0 AND customer_id > $1 ORDER BY customer_id LIMIT $2";
            let after = after.as_ref().map_or("", CustomerId::as_str);
            self.all(sql, &[&after, &i64::from(limit)], |it| row::document(it, 0)).await
        })
    }

    fn erasure(&self, customer: CustomerId) -> Read<'_, Option<Erasure>> {
        Box::pin(async move {
            let sql = "SELECT document FROM erasures WHERE partition = 0 AND customer_id = $1";
            self.one(sql, &[&customer.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn erasures(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Erasure>> {
        Box::pin(async move {
            let sql = "SELECT document FROM erasures
                WHERE partition = 0 AND customer_id > $1 ORDER BY customer_id LIMIT $2";
            let after = after.as_ref().map_or("", CustomerId::as_str);
            self.all(sql, &[&after, &i64::from(limit)], |it| row::document(it, 0)).await
        })
    }

    fn answers_showing(&self, customer: CustomerId, limit: u32) -> Read<'_, Vec<KeyHash>> {
        Box::pin(async move {
            let sql = "SELECT hash FROM idempotency WHERE partition = 0 AND shows = $1 LIMIT $2";
            let hash = |row: &Row| {
                let hash = get::<&[u8]>(row, 0)?.try_into();
                hash.map(KeyHash)
                    .map_err(|_| StoreError::Broken("a hash is not of 16 bytes".into()))
            };
            self.all(sql, &[&customer.as_str(), &i64::from(limit)], hash).await
        })
    }

    fn velocities(
        &self,
        after: Option<VelocityKey>,
        limit: u32,
    ) -> Read<'_, Vec<(VelocityKey, Velocity)>> {
        Box::pin(async move {
            let after = after.as_ref().map_or(&[][..], |it| &it.0[..]);
            let params: [&(dyn ToSql + Sync); 2] = [&after, &i64::from(limit)];
            self.all(velocities::PAGE, &params, velocities::read).await
        })
    }

    fn shop(&self, id: StoreId) -> Read<'_, Option<Shop>> {
        Box::pin(async move {
            let sql = "SELECT document FROM stores WHERE partition = 0 AND store_id = $1";
            self.one(sql, &[&i64::from(id.0)], |it| row::document(it, 0)).await
        })
    }

    fn shops(&self, query: ShopQuery) -> Read<'_, Vec<Shop>> {
        Box::pin(async move {
            let sql = "SELECT document FROM stores
                WHERE partition = 0 AND store_id > $1
                    AND ($2::bigint[] IS NULL OR store_id = ANY($2))
                ORDER BY store_id LIMIT $3";
            let after = query.after.map_or(0, |it| i64::from(it.0));
            let among = query.stores.as_ref();
            let among: Option<Vec<i64>> = among.map(|of| of.iter().map(|it| it.0.into()).collect());
            self.all(sql, &[&after, &among, &i64::from(query.limit)], |it| row::document(it, 0))
                .await
        })
    }

    fn cart_facts(&self, keys: Keys) -> Read<'_, World> {
        Box::pin(async move { cart_facts(self, &keys).await })
    }

    fn carts_of(&self, customer: CustomerId) -> Read<'_, Vec<CartKey>> {
        Box::pin(async move {
            let sql = "SELECT document FROM carts
                WHERE partition = 0 AND owner = $1 ORDER BY cart_id";
            let key = |row: &Row| Ok(row::document::<Cart>(row, 0)?.key);
            self.all(sql, &[&customer.as_str()], key).await
        })
    }

    fn effect(&self, id: EffectId) -> Read<'_, Option<Effect>> {
        Box::pin(async move {
            let sql = "SELECT document FROM effects WHERE partition = 0 AND effect_id = $1";
            self.one(sql, &[&id.as_str()], |it| row::document(it, 0)).await
        })
    }

    fn due_effects(&self, now: Moment, limit: u32) -> Read<'_, Vec<Effect>> {
        Box::pin(async move {
            let sql = "SELECT document FROM effects
                WHERE partition = 0 AND is_open AND due_at <= $1
                ORDER BY due_at, effect_id LIMIT $2";
            self.all(sql, &[&now.0, &i64::from(limit)], |it| row::document(it, 0)).await
        })
    }

    fn open_effects(&self, after: Option<(Moment, EffectId)>, limit: u32) -> Read<'_, Vec<Effect>> {
        Box::pin(async move {
            let sql = "SELECT document FROM effects
                WHERE partition = 0 AND is_open AND (due_at, effect_id) > ($1, $2)
                ORDER BY due_at, effect_id LIMIT $3";
            let (due_at, id) = match &after {
                Some((due_at, id)) => (due_at.0, id.as_str()),
                None => (i64::MIN, ""),
            };
            let params: [&(dyn ToSql + Sync); 3] = [&due_at, &id, &i64::from(limit)];
            self.all(sql, &params, |it| row::document(it, 0)).await
        })
    }

    fn expired_orders(&self, now: Moment, limit: u32) -> Read<'_, Vec<OrderNo>> {
        Box::pin(async move {
            let sql = "SELECT no FROM orders
                WHERE partition = 0 AND expires_at <= $1 ORDER BY expires_at, no LIMIT $2";
            self.all(sql, &[&now.0, &i64::from(limit)], row::order_no).await
        })
    }

    fn counters(&self) -> Read<'_, Counters> {
        Box::pin(async {
            let client = self.client().await?;
            let statement = client.prepare_cached(COUNTERS).await.map_err(failed)?;
            row::counters(&client.query(&statement, &[]).await.map_err(failed)?)
        })
    }

    fn pool(&self) -> Pool {
        let Status { max_size, size, available, waiting } = self.pool.status();
        Pool { size: max_size, busy: size.saturating_sub(available), waiting }
    }
}

pub(super) const DELIVERY_METHODS: &str =
    "SELECT document FROM delivery_methods WHERE partition = 0 ORDER BY delivery_method_id";

/// As a batch loads them, table by table.
async fn cart_facts(readers: &Readers, keys: &Keys) -> Result<World, StoreError> {
    let mut world = World::default();
    let client = readers.client().await?;
    let ask = async |sql: &str, params: &[&(dyn ToSql + Sync)]| {
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        client.query(&statement, params).await.map_err(failed)
    };
    if !keys.carts.is_empty() {
        let owners: Vec<&str> = keys.carts.iter().map(owner_text).collect();
        let ids: Vec<&str> = keys.carts.iter().map(|it| it.id.as_str()).collect();
        let rows = ask(load::CARTS, &[&owners, &ids]).await?;
        load::fill(&rows, &keys.carts, &mut world.carts, |row| row::document(row, 1))?;
    }
    if !keys.products.is_empty() {
        let ids: Vec<&str> = keys.products.iter().map(ProductId::as_str).collect();
        let rows = ask(load::PRODUCTS, &[&ids]).await?;
        load::fill(&rows, &keys.products, &mut world.products, |row| row::document(row, 1))?;
    }
    if !keys.stock.is_empty() {
        let Shelves { products, variants, locations } = Shelves::of(&keys.stock);
        let rows = ask(load::STOCK, &[&products, &variants, &locations]).await?;
        load::fill_stock(&rows, &keys.stock, &mut world.stock, &mut world.elsewhere)?;
    }
    if !keys.stores.is_empty() {
        let ids: Vec<i64> = keys.stores.iter().map(|it| i64::from(it.0)).collect();
        let rows = ask(load::STORES, &[&ids]).await?;
        load::fill(&rows, &keys.stores, &mut world.stores, |row| row::document(row, 1))?;
    }
    if keys.every_delivery_method || !keys.delivery_methods.is_empty() {
        let rows = ask(DELIVERY_METHODS, &[]).await?;
        let methods = rows.iter().map(|row| row::document::<DeliveryMethod>(row, 0));
        let methods: Vec<_> = methods.collect::<Result<_, _>>()?;
        for id in &keys.delivery_methods {
            let named = methods.iter().find(|it| it.id == *id).cloned();
            world.delivery_methods.load(id.clone(), named);
        }
        if keys.every_delivery_method {
            for method in methods {
                world.delivery_methods.load(method.id.clone(), Some(method));
            }
            world.has_every_delivery_method = true;
        }
    }
    Ok(world)
}

async fn events(readers: &Readers, query: &EventQuery) -> Result<Events, StoreError> {
    let (after, limit) = (signed(query.after), i64::from(query.limit));
    let mut events = match query.order {
        Some(no) => {
            let sql = format!(
                "SELECT {} FROM events WHERE partition = 0 AND order_no = $3 AND seq > $1
                ORDER BY seq LIMIT $2",
                row::EVENT
            );
            readers.all(&sql, &[&after, &limit, &signed(no.0)], row::event).await?
        }
        None => {
            let sql = format!(
                "SELECT {} FROM events WHERE partition = 0 AND seq > $1 ORDER BY seq LIMIT $2",
                row::EVENT
            );
            readers.all(&sql, &[&after, &limit], row::event).await?
        }
    };
    let last_seq = events.last().map_or(query.after, |it| it.seq);
    events.retain(|it| query.wants_type(it.event.kind()));
    events.retain(|it| query.stores.is_empty() || query.stores.contains(&it.store));
    Ok(Events { events, last_seq })
}
