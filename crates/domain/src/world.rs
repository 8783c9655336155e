//! The facts that a batch has loaded, and the one place where an event changes them.
//!
//! A store fills a world with the rows that [`Keys`] name and, after the decisions, writes what has
//! changed in it. Within the batch each command sees what the one before it left.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Debug,
    hash::Hash,
    sync::Arc,
};

use crate::{
    address::Person,
    cart::{Cart, CartChange, CartKey},
    catalog::Product,
    client::Client,
    command::{Decision, Outcome},
    counter::{Counter, Counters},
    customer::{Customer, PersonalChange, erasure::Erasure},
    delivery::DeliveryMethod,
    effect::{Effect, EffectChange, EffectId, EffectState, LEASE_MS, Lease, ProcessId, Wish},
    event::{AdminEvent, Event, Logged, Recorded},
    id::{ClientId, CustomerId, DeliveryMethodId, LocationId, OrderNo, ProductId, StoreId},
    idempotency::{KeyHash, Remembered},
    moment::Moment,
    money::{Currency, Money},
    order::Order,
    payment::Capture,
    refund::Refund,
    review::velocity::{Velocity, VelocityKey},
    shop::Shop,
    stock::{Stock, StockKey},
};

/// Names of the rows to load; sorted, so that every batch locks them in one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    pub orders: BTreeSet<OrderNo>,
    pub products: BTreeSet<ProductId>,
    /// The shelf in the main location brings those of the same goods elsewhere with it: who finds
    /// too little there looks on.
    pub stock: BTreeSet<StockKey>,
    pub delivery_methods: BTreeSet<DeliveryMethodId>,
    /// All of them: somebody wants the cheapest.
    pub every_delivery_method: bool,
    pub customers: BTreeSet<CustomerId>,
    pub erasures: BTreeSet<CustomerId>,
    /// With their counters.
    pub stores: BTreeSet<StoreId>,
    /// All of them: somebody wants what none of them has.
    pub every_store: bool,
    /// Of which it must be known whether they have orders.
    pub used_stores: BTreeSet<StoreId>,
    pub idempotency: BTreeSet<KeyHash>,
    pub effects: BTreeSet<EffectId>,
    pub carts: BTreeSet<CartKey>,
    pub clients: BTreeSet<ClientId>,
    pub velocities: BTreeSet<VelocityKey>,
}

impl Keys {
    pub(crate) fn order(&mut self, no: OrderNo) {
        self.orders.insert(no);
    }

    pub(crate) fn order_and_effect(&mut self, no: OrderNo, effect: Option<&EffectId>) {
        self.orders.insert(no);
        self.effects.extend(effect.cloned());
    }

    /// Takes away what the world has already; `true` if something is left to load.
    pub fn retain_unloaded(&mut self, world: &World) -> bool {
        self.orders.retain(|it| !world.orders.is_loaded(it));
        self.products.retain(|it| !world.products.is_loaded(it));
        self.stock.retain(|it| !world.stock.is_loaded(it));
        self.delivery_methods.retain(|it| !world.delivery_methods.is_loaded(it));
        self.every_delivery_method &= !world.has_every_delivery_method;
        self.customers.retain(|it| !world.customers.is_loaded(it));
        self.erasures.retain(|it| !world.erasures.is_loaded(it));
        self.stores.retain(|it| !world.stores.is_loaded(it));
        self.every_store &= !world.has_every_store;
        self.used_stores.retain(|it| !world.used_stores.is_loaded(it));
        self.idempotency.retain(|it| !world.idempotency.is_loaded(it));
        self.effects.retain(|it| !world.effects.is_loaded(it));
        self.carts.retain(|it| !world.carts.is_loaded(it));
        self.clients.retain(|it| !world.clients.is_loaded(it));
        self.velocities.retain(|it| !world.velocities.is_loaded(it));
        *self != Keys::default()
    }
}

/// What the operator has set for the whole server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A customer exists from the first accepted order that names it.
    pub auto_register: bool,
    /// How long the stock of an order that is not paid yet is kept.
    pub reservation_ms: i64,
    pub capture: Capture,
    /// How long a cart is kept after its last change.
    pub cart_kept_ms: i64,
    /// The least that the payment provider takes, by currency; nothing: any amount.
    pub minimums: Arc<BTreeMap<&'static str, Money>>,
    /// The run of the server that decides: it works on the effects that it writes.
    pub process: ProcessId,
    /// No other process can write to this database, so leases of others are of dead ones.
    pub sole_process: bool,
}

impl Policy {
    pub fn minimum(&self, currency: Currency) -> Money {
        self.minimums.get(currency.code()).copied().unwrap_or(Money::ZERO)
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            auto_register: true,
            reservation_ms: 30 * 60 * 1000,
            capture: Capture::AtOnce,
            cart_kept_ms: 30 * 24 * 3600 * 1000,
            minimums: Arc::default(),
            process: ProcessId::default(),
            sole_process: false,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct World {
    pub policy: Policy,
    pub counters: Counters,
    pub orders: Facts<OrderNo, Order>,
    pub products: Facts<ProductId, Product>,
    pub stock: Facts<StockKey, Stock>,
    /// Where else goods lie whose main shelf was loaded, by that shelf and in the order of the ids.
    /// What lies in the main location alone has no entry.
    pub elsewhere: BTreeMap<StockKey, Arc<[LocationId]>>,
    pub delivery_methods: Facts<DeliveryMethodId, DeliveryMethod>,
    pub has_every_delivery_method: bool,
    pub customers: Facts<CustomerId, Customer>,
    pub erasures: Facts<CustomerId, Erasure>,
    /// What orders knew of people whom they forget with this batch.
    pub erased: BTreeMap<OrderNo, Box<Person>>,
    pub stores: Facts<StoreId, Shop>,
    pub has_every_store: bool,
    pub used_stores: Facts<StoreId, InUse>,
    pub idempotency: Facts<KeyHash, Remembered>,
    pub effects: Facts<EffectId, Effect>,
    pub carts: Facts<CartKey, Cart>,
    pub clients: Facts<ClientId, Client>,
    pub velocities: Facts<VelocityKey, Velocity>,
    /// What the batch adds to the two logs.
    pub events: Vec<Recorded>,
    pub admin_events: Vec<Logged>,
}

/// A store has orders. Nobody changes that by itself: it is what is known of the orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse;

/// Who made a decision, and when: what the log says beside each event.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a> {
    pub at: Moment,
    pub actor: &'a str,
    pub request_id: &'a str,
    /// The key of the request, for the effects that it waits for.
    pub key: Option<KeyHash>,
}

impl World {
    /// The moment of the next decision: the clock's, but never before the last committed one.
    pub fn moment(&self, clock: Moment) -> Moment {
        clock.max(self.counters.moment())
    }

    /// Whether a store has orders, those of this batch too.
    pub fn has_orders(&self, store: StoreId) -> bool {
        let was_used = self.used_stores.get(&store).is_some();
        was_used || self.orders.iter().any(|it| it.store == store)
    }

    /// Makes a decision so: numbers its events, logs them, and changes the facts by them.
    pub fn apply(&mut self, decision: Decision, signed: Signature<'_>) {
        self.counters.advance(signed.at);
        for event in decision.events {
            let seq = self.counters.next(Counter::Event);
            self.counters.take(Counter::Event, seq);
            let about_stock = matches!(event, Event::StockLow(_));
            let order = decision.order.filter(|_| !about_stock);
            let store = decision.store;
            self.evolve(store, decision.order, signed.at, &event);
            self.events.push(Recorded {
                seq,
                at: signed.at,
                store,
                order,
                actor: signed.actor.into(),
                request_id: signed.request_id.into(),
                event,
            });
        }
        if let (Some(no), Some(person)) = (decision.order, decision.person) {
            self.orders.change(&no, |order| order.person = Some(person));
        }
        if let Some((store, hash)) = decision.secret {
            self.stores.change(&store, |shop| shop.secret_hash = Some(hash));
        }
        if let Some(change) = decision.personal {
            self.change_personal(change);
        }
        match decision.cart {
            Some(CartChange::Put(cart)) => self.carts.put(cart.key.clone(), *cart),
            Some(CartChange::Deleted(key)) => self.carts.remove(key),
            None => {}
        }
        for change in decision.velocities {
            match change.row {
                Some(row) => self.velocities.put(change.key, row),
                None => self.velocities.remove(change.key),
            }
        }
        for wish in decision.wishes {
            self.begin_effect(decision.store, decision.order, wish, signed.at);
        }
        if let (Outcome::Awaits(id), Some(key)) = (&decision.outcome, signed.key) {
            self.await_effect(id, key);
        }
        for (id, change) in decision.effects {
            self.change_effect(&id, change, signed.at);
        }
        if let Some((id, state)) = decision.closes {
            self.close_effect(&id, state);
        }
        for event in decision.admin_events {
            let seq = self.counters.next(Counter::AdminEvent);
            self.counters.take(Counter::AdminEvent, seq);
            self.evolve_catalogue(&event);
            self.admin_events.push(Logged {
                seq,
                at: signed.at,
                actor: signed.actor.into(),
                request_id: signed.request_id.into(),
                event,
            });
        }
    }

    fn change_personal(&mut self, change: PersonalChange) {
        match change {
            PersonalChange::Put(customer) => self.customers.put(customer.id.clone(), *customer),
            PersonalChange::Begin(erasure) => {
                self.customers.remove(erasure.customer.clone());
                self.erasures.put(erasure.customer.clone(), *erasure);
            }
            PersonalChange::Carts { customer, seen, gone } => {
                gone.into_iter().for_each(|it| self.carts.remove(it));
                self.erasures.change(&customer, |it| it.carts.retain(|it| !seen.contains(it)));
            }
            PersonalChange::Answers(keys) => {
                for key in keys {
                    self.idempotency.change(&key, Remembered::forget_person);
                }
            }
            PersonalChange::End(customer) => self.erasures.remove(customer),
        }
    }

    /// Begins it, unless it was begun already: to void a payment twice is to void it once.
    fn begin_effect(&mut self, store: StoreId, order: Option<OrderNo>, wish: Wish, at: Moment) {
        let Some(order) = order else { return };
        if self.effects.is_loaded(&wish.id) && self.effects.get(&wish.id).is_some() {
            return;
        }
        let effect = Effect {
            id: wish.id.clone(),
            store,
            order,
            action: wish.action,
            keys: Vec::new(),
            state: EffectState::Open,
            attempts: 0,
            created_at: at,
            due_at: at,
            lease: Some(self.lease(at)),
            last_error: None,
        };
        self.effects.put(wish.id, effect);
    }

    fn lease(&self, at: Moment) -> Lease {
        Lease { process: self.policy.process, until: at.plus_ms(LEASE_MS) }
    }

    /// A request waits for the end of an effect that it has begun or found open.
    fn await_effect(&mut self, id: &EffectId, key: KeyHash) {
        let awaited = self.effects.get(id).filter(|it| it.is_open() && !it.keys.contains(&key));
        if awaited.is_some() {
            self.effects.change(id, |effect| effect.keys.push(key));
        }
    }

    fn change_effect(&mut self, id: &EffectId, change: EffectChange, at: Moment) {
        let lease = self.lease(at);
        self.effects.change(id, |effect| match change {
            EffectChange::Claimed => {
                effect.attempts += 1;
                effect.lease = Some(lease);
            }
            EffectChange::PutOff { due_at, error } => {
                effect.due_at = due_at;
                effect.last_error = Some(error);
                effect.lease = None;
            }
        });
    }

    /// A request whose effect has failed may be made again with its key.
    fn close_effect(&mut self, id: &EffectId, state: EffectState) {
        let Some(effect) = self.effects.get(id) else { return };
        if let EffectState::Failed(_) = state {
            for key in effect.keys.clone() {
                self.idempotency.remove(key);
            }
        }
        self.effects.change(id, |effect| {
            effect.state = state;
            effect.lease = None;
        });
    }

    fn evolve(&mut self, store: StoreId, order: Option<OrderNo>, at: Moment, event: &Event) {
        let Some(no) = order else { return };
        match event {
            Event::OrderCreated(it) => {
                self.counters.take(Counter::Order, no.0);
                let order = Order::created(no, store, at, it);
                for line in &order.lines {
                    self.move_stock(line.stock_key(), 0, i64::from(line.quantity.get()));
                }
                self.orders.put(no, order);
                return;
            }
            Event::OrderConfirmed(it) => {
                self.counters.take(Counter::Retrieval(store), it.retrieval_no);
                self.counters.take(Counter::Invoice(store, it.invoice.year), it.invoice.no);
            }
            Event::OrderCancelled(it) => {
                if let Some(note) = &it.credit_note {
                    self.counters.take(Counter::CreditNote(store, note.year), note.no);
                }
                for (key, open) in self.held(no) {
                    self.move_stock(key, 0, -open);
                }
            }
            Event::ShipmentCreated(it) => {
                for item in &it.shipment.items {
                    let quantity = i64::from(item.quantity.get());
                    let key = self.orders.get(&no).and_then(|order| {
                        order.lines.iter().find(|it| it.no == item.line)?.stock_key()
                    });
                    self.move_stock(key, -quantity, -quantity);
                }
            }
            Event::OrderReinstated(_) => {
                for (key, cancelled) in self.cancelled(no) {
                    self.move_stock(key, 0, cancelled);
                }
            }
            Event::RefundCreated(it) | Event::OrderRefunded(it) => self.restock(no, &it.refund),
            Event::OrderPersonErased(_) => {
                let person = self.orders.get(&no).and_then(|it| it.person.clone());
                self.erased.extend(person.map(|it| (no, it)));
            }
            Event::OrderPaid(_)
            | Event::OrderShipped(_)
            | Event::OrderDelivered(_)
            | Event::OrderMerchantUpdated(_)
            | Event::OrderVendorStatusChanged(_)
            | Event::ShipmentUpdated(_)
            | Event::OrderHeld(_)
            | Event::OrderReleased(_)
            | Event::OrderReviewStarted(_)
            | Event::OrderReviewPassed(_)
            | Event::OrderReviewFailed(_)
            | Event::OrderRefundFailed(_)
            | Event::PaymentCreated(_)
            | Event::PaymentProcessing(_)
            | Event::PaymentAuthorized(_)
            | Event::PaymentCaptured(_)
            | Event::PaymentFailed(_)
            | Event::PaymentCancelled(_)
            | Event::StockLow(_) => {}
        }
        self.orders.change(&no, |order| order.evolve(at, event));
    }

    /// What an order's lines still hold of the stock.
    fn held(&self, no: OrderNo) -> Vec<(Option<StockKey>, i64)> {
        let lines = self.orders.get(&no).map(|it| it.lines.as_slice()).unwrap_or_default();
        lines.iter().map(|it| (it.stock_key(), i64::from(it.open()))).collect()
    }

    /// What an order's lines would hold again.
    fn cancelled(&self, no: OrderNo) -> Vec<(Option<StockKey>, i64)> {
        let lines = self.orders.get(&no).map(|it| it.lines.as_slice()).unwrap_or_default();
        lines.iter().map(|it| (it.stock_key(), i64::from(it.counts.cancelled))).collect()
    }

    /// What a refund sets free or puts back, once: when it is first told.
    fn restock(&mut self, no: OrderNo, refund: &Refund) {
        let Some(order) = self.orders.get(&no) else { return };
        if order.refunds.iter().any(|known| known.id == refund.id) {
            return;
        }
        let key_of = |line: u32| order.lines.iter().find(|it| it.no == line)?.stock_key();
        let moved = refund.items.iter().map(|it| (key_of(it.line), *it));
        for (key, item) in moved.collect::<Vec<_>>() {
            self.move_stock(key, i64::from(item.returned), -i64::from(item.cancelled));
        }
    }

    fn move_stock(&mut self, key: Option<StockKey>, on_hand: i64, reserved: i64) {
        let Some(key) = key else { return };
        let mut stock = self.stock.get(&key).copied().unwrap_or_default();
        stock.on_hand += on_hand;
        stock.reserved += reserved;
        stock.version += 1;
        self.stock.put(key, stock);
    }

    /// Goods lie in a place where they never did.
    fn open_location(&mut self, key: &StockKey) {
        let known = self.elsewhere.entry(key.at_main()).or_default();
        let mut locations = known.to_vec();
        locations.push(key.location.clone());
        locations.sort();
        *known = locations.into();
    }

    fn evolve_catalogue(&mut self, event: &AdminEvent) {
        match event {
            AdminEvent::ProductPut(it) => self.products.put(it.id.clone(), (**it).clone()),
            AdminEvent::ProductDeleted(it) => self.products.remove(it.id.clone()),
            AdminEvent::StockChanged(it) => {
                if !it.stock.is_main() && self.stock.get(&it.stock).is_none() {
                    self.open_location(&it.stock);
                }
                self.move_stock(Some(it.stock.clone()), it.delta, 0);
            }
            AdminEvent::DeliveryMethodPut(it) => {
                self.delivery_methods.put(it.id.clone(), (**it).clone());
            }
            AdminEvent::DeliveryMethodDeleted(it) => self.delivery_methods.remove(it.id.clone()),
            AdminEvent::CustomerRegistered(it) => {
                let version = self.counters.value(Counter::AdminEvent);
                self.customers.put(it.id.clone(), it.customer(version));
            }
            AdminEvent::ClientCreated(it) => self.clients.put(it.id.clone(), (**it).clone()),
            AdminEvent::ClientRemoved(it) => {
                self.clients.change(&it.id, |client| client.removed_at = Some(it.removed_at));
            }
            // Its secret is told by no event and its rules have one of their own: it keeps both.
            AdminEvent::StorePut(it) => {
                let before = self.stores.share(&it.id);
                let secret_hash = before.as_ref().and_then(|it| it.secret_hash.clone());
                let review = before.and_then(|it| it.review.clone());
                self.stores.put(it.id, Shop { secret_hash, review, ..(**it).clone() });
            }
            AdminEvent::ReviewRulesPut(it) => {
                self.stores.change(&it.store, |shop| shop.review = Some(it.rules.clone()));
            }
            AdminEvent::StoreSecretRotated(_) => {}
            // What they are about stands in no log: see [`World::change_personal`].
            AdminEvent::CustomerPut(_) | AdminEvent::CustomerErased(_) => {}
        }
    }
}

/// Loaded rows of one table, with those that are absent, and which of them have changed.
///
/// To look at a row that was never asked for is a fault of the command's `keys()`: it panics, and
/// the command fails alone.
///
/// Rows are shared with whoever keeps them beyond the batch; one that changes is copied first.
#[derive(Clone, Debug)]
pub struct Facts<K, V> {
    rows: HashMap<K, Option<Arc<V>>>,
    /// What has changed, and whether the row was there when it was loaded.
    changed: BTreeMap<K, bool>,
}

impl<K, V> Default for Facts<K, V> {
    fn default() -> Facts<K, V> {
        Facts { rows: HashMap::new(), changed: BTreeMap::new() }
    }
}

/// What a store has to do for a changed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a, V> {
    Insert(&'a V),
    Update(&'a V),
    Delete,
}

impl<K: Clone + Debug + Eq + Hash + Ord, V> Facts<K, V> {
    /// For the store: a row as it was read.
    pub fn load(&mut self, key: K, row: Option<impl Into<Arc<V>>>) {
        self.rows.insert(key, row.map(Into::into));
    }

    pub fn is_loaded(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        match self.rows.get(key) {
            Some(row) => row.as_deref(),
            None => panic!("{key:?} was not loaded: the command's keys() must name it"),
        }
    }

    /// The row, to be kept beyond the batch.
    pub fn share(&self, key: &K) -> Option<Arc<V>> {
        self.rows.get(key).cloned().flatten()
    }

    pub fn iter(&self) -> impl Iterator<Item = &V> {
        self.rows.values().flatten().map(|row| &**row)
    }

    pub fn put(&mut self, key: K, row: V) {
        self.mark(&key);
        self.rows.insert(key, Some(Arc::new(row)));
    }

    pub fn remove(&mut self, key: K) {
        self.mark(&key);
        self.rows.insert(key, None);
    }

    pub fn change(&mut self, key: &K, how: impl FnOnce(&mut V))
    where
        V: Clone,
    {
        self.mark(key);
        if let Some(Some(row)) = self.rows.get_mut(key) {
            how(Arc::make_mut(row));
        }
    }

    /// Every changed row, in the order of the keys.
    pub fn changes(&self) -> impl Iterator<Item = (&K, Change<'_, V>)> {
        self.changed.iter().filter_map(|(key, was_there)| {
            match (was_there, self.rows.get(key).and_then(Option::as_deref)) {
                (false, Some(row)) => Some((key, Change::Insert(row))),
                (true, Some(row)) => Some((key, Change::Update(row))),
                (true, None) => Some((key, Change::Delete)),
                (false, None) => None,
            }
        })
    }

    fn mark(&mut self, key: &K) {
        if !self.changed.contains_key(key) {
            let was_there = matches!(self.rows.get(key), Some(Some(_)));
            self.changed.insert(key.clone(), was_there);
        }
    }
}
