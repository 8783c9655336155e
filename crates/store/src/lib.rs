//! Remembers: the facts, the log and the numbers, on disk before anyone is told.
//!
//! A [`Store`] has one [`Writer`], which runs batches, and many [`Reads`]. It never decides: there
//! is no business condition in any SQL, and a constraint that is hit is a bug. Three backends give
//! the same answers to one conformance suite: `memory` is the specification, `sqlite` is what a
//! server starts with, `postgres` is for when one machine is not enough.

mod codec;
mod columns;
mod list;
pub mod memory;
mod open;
pub mod postgres;
mod projection;
mod query;
mod search;
mod signing_key;
pub mod sqlite;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use domain::{
    ClientId, CustomerId, DeliveryMethodId, EffectId, Keys, Logged, Moment, Order, OrderNo,
    ProductId, RetrievalId, StoreId, World,
    cart::CartKey,
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

pub use columns::Columns;
pub use open::{Copied, OpenError, Purpose, backup, check, open};
pub use projection::{Entries, Segment};
pub use query::{
    EventQuery, Events, OrderFilter, OrderPage, OrderQuery, OrderSort, Position, ProductQuery,
    ShopQuery,
};
pub use search::Search;
pub use signing_key::{KeptKey, KeyChange};

/// A database of orders.
pub trait Store: Send + Sync {
    /// The write side. Several may exist, in several processes too: their batches go one at a time.
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError>;

    fn reads(&self) -> Arc<dyn Reads>;

    /// Whether other processes may write to the same database.
    fn is_shared(&self) -> bool;

    /// Lets go of the indexes of lists that are fed behind the writers: whoever serves feeds them
    /// again from the log's beginning.
    fn forget_entries(&self) -> Read<'_, ()>;

    /// The secret of this name; the one offered is kept if there was none.
    fn secret(&self, name: &'static str, offered: Vec<u8>) -> Read<'_, Vec<u8>>;

    /// Keeps the secret of this name in another wrapping. One that is not as it was read is left as
    /// it is.
    fn rewrap_secret(&self, name: &'static str, from: Vec<u8>, to: Vec<u8>) -> Read<'_, ()>;

    /// Makes all of these changes, or none.
    fn change_signing_keys(&self, changes: Vec<KeyChange>) -> Read<'_, ()>;
}

pub trait Writer: Send {
    /// Loads what `keys` name, lets `step` decide, and writes what it has changed in the world, all
    /// in one transaction that is on disk when this returns. `step` may be run again from the
    /// start.
    fn run_batch(
        &mut self,
        keys: &Keys,
        step: &mut dyn FnMut(&mut World) -> Next,
    ) -> Result<(), StoreError>;
}

/// What a batch wants after a look at the world.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one is made a round, and none is kept")]
pub enum Next {
    /// Something that was loaded has shown that more is needed; at most [`LOAD_ROUNDS_MAX`] times.
    LoadMore(Keys),
    Write,
    /// The step has failed halfway: nothing of this world may be written.
    Abandon,
}

pub const LOAD_ROUNDS_MAX: usize = 2;

/// Carts that have run out and are let go of with a batch that changes some: more than such a batch
/// adds, so that the table does not grow for ever.
pub const CARTS_DROPPED_MAX: u32 = 1024;

/// The same of the rows by which orders are counted: an order changes three of them at most.
pub const VELOCITIES_DROPPED_MAX: u32 = 2048;

/// How long the answer to a key is kept at least.
pub const IDEMPOTENCY_KEPT_MS: i64 = 24 * 3600 * 1000;

/// One method per question that is asked of committed state.
pub trait Reads: Send + Sync {
    /// That the database can be reached.
    fn ready(&self) -> Read<'_, ()>;

    fn order(&self, no: OrderNo) -> Read<'_, Option<Order>>;

    /// An order that is read after its stamp is as it was read for as long as it has this stamp.
    /// `None` where others write too.
    fn order_stamp(&self, _no: OrderNo) -> Option<Stamp> {
        None
    }

    /// The complete order of this id.
    fn order_by_retrieval(&self, id: RetrievalId) -> Read<'_, Option<OrderNo>>;

    /// The complete order that the shop knows by this reference; of several, the last that became
    /// so.
    fn order_by_reference(&self, store: StoreId, reference: String) -> Read<'_, Option<Order>>;

    /// Complete orders of a store after a retrieval number, a page at a time, without persons.
    fn completed_orders(&self, store: StoreId, after: u64, limit: u32) -> Read<'_, Vec<Order>>;

    /// A page of a list of orders.
    fn orders(&self, query: OrderQuery) -> Read<'_, OrderPage>;

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64>;

    /// What the indexes that are fed behind the writers have of a run of orders.
    fn segment(&self, number: u64) -> Read<'_, Segment>;

    /// What the rows of orders say beside their documents, in the order of their numbers.
    fn columns(&self, after: OrderNo, limit: u32) -> Read<'_, Vec<Columns>>;

    fn events(&self, query: EventQuery) -> Read<'_, Events>;

    /// The number of the last event; whoever waits for the next one asks again and again.
    fn last_seq(&self) -> Read<'_, u64>;

    /// A page of the admin log, after a number.
    fn admin_events(&self, after: u64, limit: u32) -> Read<'_, Vec<Logged>>;

    fn product(&self, id: ProductId) -> Read<'_, Option<Product>>;

    fn products(&self, query: ProductQuery) -> Read<'_, Vec<Product>>;

    /// Every shelf of a product.
    fn stock(&self, product: ProductId) -> Read<'_, Vec<(StockKey, Stock)>>;

    /// Every shelf there is, a page at a time in the order of the keys.
    fn stock_after(&self, after: Option<StockKey>, limit: u32) -> Read<'_, Vec<(StockKey, Stock)>>;

    fn delivery_method(&self, id: DeliveryMethodId) -> Read<'_, Option<DeliveryMethod>>;

    /// All of them, in the order of their ids.
    fn delivery_methods(&self) -> Read<'_, Vec<DeliveryMethod>>;

    fn customer(&self, id: CustomerId) -> Read<'_, Option<Customer>>;

    /// A page of customers, in the order of their ids.
    fn customers(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Customer>>;

    /// The erasure of this customer, while it is under way.
    fn erasure(&self, customer: CustomerId) -> Read<'_, Option<Erasure>>;

    /// A page of those that are under way, in the order of the customers' ids.
    fn erasures(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Erasure>>;

    /// Keys whose stored answers show this customer's person.
    fn answers_showing(&self, customer: CustomerId, limit: u32) -> Read<'_, Vec<KeyHash>>;

    /// A page of the rows by which new orders are counted, in the order of their keys.
    fn velocities(
        &self,
        after: Option<VelocityKey>,
        limit: u32,
    ) -> Read<'_, Vec<(VelocityKey, Velocity)>>;

    fn shop(&self, id: StoreId) -> Read<'_, Option<Shop>>;

    fn shops(&self, query: ShopQuery) -> Read<'_, Vec<Shop>>;

    /// Carts, and what they are priced by: products, stock, delivery methods and stores, as `keys`
    /// name them. Nothing else of them is looked at.
    fn cart_facts(&self, keys: Keys) -> Read<'_, World>;

    /// The names of a customer's carts, those that have run out too; what erasure has to reach.
    fn carts_of(&self, customer: CustomerId) -> Read<'_, Vec<CartKey>>;

    fn client(&self, id: ClientId) -> Read<'_, Option<Client>>;

    /// All of them, in the order of their ids, those that were removed too.
    fn clients(&self) -> Read<'_, Vec<Client>>;

    /// All of them, the oldest first.
    fn signing_keys(&self) -> Read<'_, Vec<KeptKey>>;

    fn effect(&self, id: EffectId) -> Read<'_, Option<Effect>>;

    /// Open effects that are due, the longest due first.
    fn due_effects(&self, now: Moment, limit: u32) -> Read<'_, Vec<Effect>>;

    /// Open effects, in the order in which they fall due, a page at a time.
    fn open_effects(&self, after: Option<(Moment, EffectId)>, limit: u32) -> Read<'_, Vec<Effect>>;

    /// Orders whose stock was kept until now for a payment, the longest overdue first.
    fn expired_orders(&self, now: Moment, limit: u32) -> Read<'_, Vec<OrderNo>>;

    fn counters(&self) -> Read<'_, Counters>;

    /// What the connections for these questions do at this moment.
    fn pool(&self) -> Pool;
}

/// Changes whenever its order does; to be compared with others of the same order, in one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(pub(crate) u64);

/// Connections for reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    pub size: usize,
    pub busy: usize,
    /// Questions that wait for one.
    pub waiting: usize,
}

pub type Read<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The database is away, full, locked or read-only. Nothing is known to be written; the same
    /// request may be made again.
    Unavailable(String),
    /// The database refused what should have been right, or holds what can't be read: a bug.
    Broken(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Unavailable(why) => write!(f, "the store is unavailable: {why}"),
            StoreError::Broken(why) => write!(f, "the store is broken: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}
