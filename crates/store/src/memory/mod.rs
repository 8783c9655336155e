//! The reference: what a store is, in sorted maps behind one mutex, and nothing on disk.
//!
//! Read it as the specification of [`Writer`] and [`Reads`]; the conformance suite holds the other
//! backends to it. It is also the store of simulations, which ask it for [`Faults`].

mod faults;
mod load;
mod read;
mod write;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    ClientId, CustomerId, DeliveryMethodId, EffectId, Keys, Logged, Order, OrderNo, ProductId,
    Recorded, RetrievalId, StoreId, World,
    address::Person,
    cart::{Cart, CartKey},
    catalog::Product,
    client::Client,
    counter::Counter,
    customer::{Customer, erasure::Erasure},
    delivery::DeliveryMethod,
    effect::Effect,
    idempotency::{KeyHash, Remembered},
    review::velocity::{Velocity, VelocityKey},
    shop::Shop,
    stock::{Stock, StockKey},
};

pub use self::faults::{Fault, Faults};
use crate::{KeptKey, KeyChange, LOAD_ROUNDS_MAX, Next, Read, Reads, Store, StoreError, Writer};

#[derive(Clone)]
pub struct Memory {
    tables: Arc<Mutex<Tables>>,
    faults: Faults,
}

impl Memory {
    /// With store 1, and nothing else.
    pub fn new() -> Memory {
        Memory::of(Shop::first())
    }

    /// With this store instead, whose currency and calendar nobody has set by a command.
    pub fn of(shop: Shop) -> Memory {
        Memory { tables: Arc::new(Mutex::new(Tables::of(shop))), faults: Faults::default() }
    }

    /// A store whose batches fail as the handle says.
    pub fn with_faults() -> (Memory, Faults) {
        let memory = Memory::new();
        let faults = memory.faults();
        (memory, faults)
    }

    /// The handle of what shall go wrong.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// A batch changes the tables only in one last step that can't fail, so they are whole even
    /// after a panic in a decision.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new()
    }
}

impl Store for Memory {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        Ok(Box::new(self.clone()))
    }

    fn reads(&self) -> Arc<dyn Reads> {
        Arc::new(self.clone())
    }

    /// Its writers are all of this process.
    fn is_shared(&self) -> bool {
        false
    }

    /// It has none: its lists look at the orders themselves.
    fn forget_entries(&self) -> Read<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn secret(&self, name: &'static str, offered: Vec<u8>) -> Read<'_, Vec<u8>> {
        let kept = self.tables().secrets.entry(name).or_insert(offered).clone();
        Box::pin(std::future::ready(Ok(kept)))
    }

    fn rewrap_secret(&self, name: &'static str, from: Vec<u8>, to: Vec<u8>) -> Read<'_, ()> {
        if let Some(kept) = self.tables().secrets.get_mut(name).filter(|kept| **kept == from) {
            *kept = to;
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn change_signing_keys(&self, changes: Vec<KeyChange>) -> Read<'_, ()> {
        let keys = &mut self.tables().signing_keys;
        for change in changes {
            match change {
                KeyChange::Add(key) if keys.iter().any(|it| it.key_id == key.key_id) => {}
                KeyChange::Add(key) => keys.push(key),
                KeyChange::Sign { key_id, from } => {
                    let named = keys.iter_mut().filter(|it| it.key_id == key_id);
                    named.for_each(|it| it.signs_from = Some(from));
                }
                KeyChange::Rewrap { key_id, from, to } => {
                    let read = |it: &&mut KeptKey| it.key_id == key_id && it.seed == from;
                    if let Some(key) = keys.iter_mut().find(read) {
                        key.seed = to;
                    }
                }
                KeyChange::Withdraw { key_id, at } => {
                    for key in keys.iter_mut().filter(|it| it.key_id == key_id) {
                        key.withdrawn_at = Some(at);
                        key.seed.clear();
                    }
                }
            }
        }
        keys.sort_by(|a, b| (a.created_at, &a.key_id).cmp(&(b.created_at, &b.key_id)));
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Writer for Memory {
    fn run_batch(
        &mut self,
        keys: &Keys,
        step: &mut dyn FnMut(&mut World) -> Next,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let mut world = World::default();
        load::load(&tables, keys, &mut world);
        for _ in 0..=LOAD_ROUNDS_MAX {
            match step(&mut world) {
                Next::LoadMore(more) => load::load(&tables, &more, &mut world),
                Next::Abandon => return Ok(()),
                Next::Write => {
                    write::check(&tables, &world)?;
                    let fault = self.faults.take();
                    if fault == Some(Fault::BeforeCommit) {
                        return Err(Fault::BeforeCommit.error());
                    }
                    write::write(&mut tables, &world);
                    return fault.map_or(Ok(()), |fault| Err(fault.error()));
                }
            }
        }
        Err(StoreError::Broken("a batch wants to load for ever".into()))
    }
}

struct Tables {
    counters: BTreeMap<Counter, u64>,
    stores: BTreeMap<StoreId, Shop>,
    /// Without their persons.
    orders: BTreeMap<OrderNo, Order>,
    persons: BTreeMap<OrderNo, Person>,
    retrievals: BTreeMap<RetrievalId, OrderNo>,
    events: BTreeMap<u64, Recorded>,
    admin_events: BTreeMap<u64, Logged>,
    products: BTreeMap<ProductId, Product>,
    stock: BTreeMap<StockKey, Stock>,
    delivery_methods: BTreeMap<DeliveryMethodId, DeliveryMethod>,
    customers: BTreeMap<CustomerId, Customer>,
    erasures: BTreeMap<CustomerId, Erasure>,
    idempotency: BTreeMap<KeyHash, Remembered>,
    effects: BTreeMap<EffectId, Effect>,
    carts: BTreeMap<CartKey, Cart>,
    clients: BTreeMap<ClientId, Client>,
    velocities: BTreeMap<VelocityKey, Velocity>,
    signing_keys: Vec<KeptKey>,
    secrets: BTreeMap<&'static str, Vec<u8>>,
}

impl Tables {
    fn of(shop: Shop) -> Tables {
        Tables {
            counters: BTreeMap::new(),
            stores: BTreeMap::from([(shop.id, shop)]),
            orders: BTreeMap::new(),
            persons: BTreeMap::new(),
            retrievals: BTreeMap::new(),
            events: BTreeMap::new(),
            admin_events: BTreeMap::new(),
            products: BTreeMap::new(),
            stock: BTreeMap::new(),
            delivery_methods: BTreeMap::new(),
            customers: BTreeMap::new(),
            erasures: BTreeMap::new(),
            idempotency: BTreeMap::new(),
            effects: BTreeMap::new(),
            carts: BTreeMap::new(),
            clients: BTreeMap::new(),
            velocities: BTreeMap::new(),
            signing_keys: Vec::new(),
            secrets: BTreeMap::new(),
        }
    }

    /// An order with its person beside it.
    fn whole_order(&self, no: OrderNo) -> Option<Order> {
        let mut order = self.orders.get(&no)?.clone();
        order.person = self.persons.get(&no).cloned().map(Box::new);
        Some(order)
    }
}
