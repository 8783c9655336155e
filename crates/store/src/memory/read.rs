//! Answers to the questions of [`Reads`], each from the tables as they are at that moment.

use std::{ops::Bound, sync::Arc};

use domain::{
    ClientId, CustomerId, DeliveryMethodId, EffectId, Keys, Logged, Moment, Order, OrderNo,
    ProductId, RetrievalId, StoreId, World,
    cart::CartKey,
    catalog::Product,
    client::Client,
    counter::{Counter, Counters},
    customer::{Customer, erasure::Erasure},
    delivery::DeliveryMethod,
    effect::Effect,
    idempotency::KeyHash,
    review::velocity::{Velocity, VelocityKey},
    shop::Shop,
    stock::{Stock, StockKey},
};

use super::{Memory, Tables};
use crate::{
    Columns, Entries, EventQuery, Events, KeptKey, OrderFilter, OrderPage, OrderQuery, OrderSort,
    Pool, Position, ProductQuery, Read, Reads, Segment, ShopQuery,
};

impl Reads for Memory {
    fn ready(&self) -> Read<'_, ()> {
        self.ask(|_| ())
    }

    fn order(&self, no: OrderNo) -> Read<'_, Option<Order>> {
        self.ask(|tables| tables.whole_order(no))
    }

    fn order_by_retrieval(&self, id: RetrievalId) -> Read<'_, Option<OrderNo>> {
        self.ask(|tables| tables.retrievals.get(&id).copied())
    }

    fn order_by_reference(&self, store: StoreId, reference: String) -> Read<'_, Option<Order>> {
        self.ask(|tables| {
            let of_store = tables.orders.values().filter(|it| it.store == store);
            let named = of_store.filter(|it| {
                let known = it.merchant_reference().and_then(|it| it.reference_id.as_ref());
                it.retrieval_no.is_some() && known == Some(&reference)
            });
            tables.whole_order(named.max_by_key(|it| it.retrieval_no)?.no)
        })
    }

    fn completed_orders(&self, store: StoreId, after: u64, limit: u32) -> Read<'_, Vec<Order>> {
        self.ask(|tables| {
            let place = |no: u64| RetrievalId { store, no };
            let later = (Bound::Excluded(place(after)), Bound::Included(place(u64::MAX)));
            let orders = tables.retrievals.range(later).filter_map(|(_, no)| tables.orders.get(no));
            page(orders.cloned(), limit)
        })
    }

    fn orders(&self, query: OrderQuery) -> Read<'_, OrderPage> {
        self.ask(|tables| tables.page_of_orders(&query))
    }

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64> {
        self.ask(|tables| tables.selected(&filter).map(|_| 1).sum())
    }

    /// There are no columns: they say what the orders say.
    fn columns(&self, after: OrderNo, limit: u32) -> Read<'_, Vec<Columns>> {
        self.ask(|tables| {
            let orders = tables.orders.values().filter(|it| it.no > after);
            page(orders.map(Columns::of), limit)
        })
    }

    fn segment(&self, number: u64) -> Read<'_, Segment> {
        self.ask(|tables| {
            let orders = tables.whole_orders().filter(|it| Segment::of(it.no) == number);
            let entries = orders.map(|it| (it.no, Entries::of(&it))).collect();
            Segment { entries, as_of_seq: tables.last_seq() }
        })
    }

    /// The limit counts the events that are looked at, so that a page's cost is bounded whatever
    /// is asked for, and `last_seq` moves on even where nothing was found.
    fn events(&self, query: EventQuery) -> Read<'_, Events> {
        self.ask(|tables| {
            let later = (Bound::Excluded(query.after), Bound::Unbounded);
            let of_order = tables
                .events
                .range(later)
                .map(|(_, it)| it)
                .filter(|it| query.order.is_none_or(|no| it.order == Some(no)));
            let mut events = page(of_order.cloned(), query.limit);
            let last_seq = events.last().map_or(query.after, |it| it.seq);
            events.retain(|it| query.wants_type(it.event.kind()));
            events.retain(|it| query.stores.is_empty() || query.stores.contains(&it.store));
            Events { events, last_seq }
        })
    }

    fn last_seq(&self) -> Read<'_, u64> {
        self.ask(|tables| tables.counters.get(&Counter::Event).copied().unwrap_or(0))
    }

    fn admin_events(&self, after: u64, limit: u32) -> Read<'_, Vec<Logged>> {
        self.ask(|tables| {
            let later = tables.admin_events.range((Bound::Excluded(after), Bound::Unbounded));
            page(later.map(|(_, it)| it.clone()), limit)
        })
    }

    fn product(&self, id: ProductId) -> Read<'_, Option<Product>> {
        self.ask(|tables| tables.products.get(&id).cloned())
    }

    fn products(&self, query: ProductQuery) -> Read<'_, Vec<Product>> {
        self.ask(|tables| {
            let from = query.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let later = tables.products.range((from, Bound::Unbounded)).map(|(_, it)| it);
            page(later.filter(|it| it.active || !query.active_only).cloned(), query.limit)
        })
    }

    fn stock(&self, product: ProductId) -> Read<'_, Vec<(StockKey, Stock)>> {
        self.ask(|tables| {
            let shelves = tables.stock.iter().filter(|(key, _)| key.product == product);
            shelves.map(|(key, stock)| (key.clone(), *stock)).collect()
        })
    }

    fn stock_after(&self, after: Option<StockKey>, limit: u32) -> Read<'_, Vec<(StockKey, Stock)>> {
        self.ask(|tables| {
            let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let later = tables.stock.range((from, Bound::Unbounded));
            page(later.map(|(key, stock)| (key.clone(), *stock)), limit)
        })
    }

    fn delivery_method(&self, id: DeliveryMethodId) -> Read<'_, Option<DeliveryMethod>> {
        self.ask(|tables| tables.delivery_methods.get(&id).cloned())
    }

    fn delivery_methods(&self) -> Read<'_, Vec<DeliveryMethod>> {
        self.ask(|tables| tables.delivery_methods.values().cloned().collect())
    }

    fn client(&self, id: ClientId) -> Read<'_, Option<Client>> {
        self.ask(|tables| tables.clients.get(&id).cloned())
    }

    fn clients(&self) -> Read<'_, Vec<Client>> {
        self.ask(|tables| tables.clients.values().cloned().collect())
    }

    fn signing_keys(&self) -> Read<'_, Vec<KeptKey>> {
        self.ask(|tables| tables.signing_keys.clone())
    }

    fn customer(&self, id: CustomerId) -> Read<'_, Option<Customer>> {
        self.ask(|tables| tables.customers.get(&id).cloned())
    }

    fn customers(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Customer>> {
        self.ask(|tables| {
            let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let later = tables.customers.range((from, Bound::Unbounded));
            page(later.map(|(_, it)| it.clone()), limit)
        })
    }

    fn erasure(&self, customer: CustomerId) -> Read<'_, Option<Erasure>> {
        self.ask(|tables| tables.erasures.get(&customer).cloned())
    }

    fn erasures(&self, after: Option<CustomerId>, limit: u32) -> Read<'_, Vec<Erasure>> {
        self.ask(|tables| {
            let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let later = tables.erasures.range((from, Bound::Unbounded));
            page(later.map(|(_, it)| it.clone()), limit)
        })
    }

    fn answers_showing(&self, customer: CustomerId, limit: u32) -> Read<'_, Vec<KeyHash>> {
        self.ask(|tables| {
            let known = tables.idempotency.iter();
            let showing = known.filter(|(_, it)| it.shows.as_ref() == Some(&customer));
            page(showing.map(|(hash, _)| *hash), limit)
        })
    }

    fn velocities(
        &self,
        after: Option<VelocityKey>,
        limit: u32,
    ) -> Read<'_, Vec<(VelocityKey, Velocity)>> {
        self.ask(|tables| {
            let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let later = tables.velocities.range((from, Bound::Unbounded));
            page(later.map(|(key, it)| (*key, it.clone())), limit)
        })
    }

    fn shop(&self, id: StoreId) -> Read<'_, Option<Shop>> {
        self.ask(|tables| tables.stores.get(&id).cloned())
    }

    fn shops(&self, query: ShopQuery) -> Read<'_, Vec<Shop>> {
        self.ask(|tables| {
            let from = query.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let later = tables.stores.range((from, Bound::Unbounded)).map(|(_, it)| it);
            let wanted =
                later.filter(|it| query.stores.as_ref().is_none_or(|of| of.contains(&it.id)));
            page(wanted.cloned(), query.limit)
        })
    }

    fn cart_facts(&self, keys: Keys) -> Read<'_, World> {
        self.ask(|tables| {
            let mut world = World::default();
            super::load::load(tables, &keys, &mut world);
            world
        })
    }

    fn carts_of(&self, customer: CustomerId) -> Read<'_, Vec<CartKey>> {
        self.ask(|tables| {
            let keys = tables.carts.keys().filter(|it| it.owner.as_ref() == Some(&customer));
            keys.cloned().collect()
        })
    }

    fn effect(&self, id: EffectId) -> Read<'_, Option<Effect>> {
        self.ask(move |tables| tables.effects.get(&id).cloned())
    }

    fn due_effects(&self, now: Moment, limit: u32) -> Read<'_, Vec<Effect>> {
        self.ask(move |tables| {
            let due = tables.open_effects().into_iter().filter(|it| it.due_at <= now);
            page(due.cloned(), limit)
        })
    }

    fn open_effects(&self, after: Option<(Moment, EffectId)>, limit: u32) -> Read<'_, Vec<Effect>> {
        self.ask(move |tables| {
            let place = |it: &Effect| Some((it.due_at, it.id.clone()));
            let open = tables.open_effects().into_iter();
            page(open.filter(|it| place(it) > after).cloned(), limit)
        })
    }

    fn expired_orders(&self, now: Moment, limit: u32) -> Read<'_, Vec<OrderNo>> {
        self.ask(move |tables| {
            let until = |it: &Order| Some((it.expires_at?, it.no));
            let mut expired: Vec<_> = tables.orders.values().filter_map(until).collect();
            expired.retain(|(until, _)| *until <= now);
            expired.sort_unstable();
            page(expired.into_iter().map(|(_, no)| no), limit)
        })
    }

    fn counters(&self) -> Read<'_, Counters> {
        self.ask(|tables| {
            let mut counters = Counters::default();
            for (counter, value) in &tables.counters {
                counters.load(*counter, *value);
            }
            counters
        })
    }

    /// It has none.
    fn pool(&self) -> Pool {
        Pool::default()
    }
}

impl Memory {
    fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Tables) -> T) -> Read<'_, T> {
        let answer = question(&self.tables());
        Box::pin(std::future::ready(Ok(answer)))
    }
}

fn page<T>(rows: impl Iterator<Item = T>, limit: u32) -> Vec<T> {
    rows.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

impl Tables {
    fn page_of_orders(&self, query: &OrderQuery) -> OrderPage {
        let OrderQuery { filter, sort, after, limit, with_persons } = query;
        let mut places: Vec<Position> = self
            .selected(filter)
            .map(|it| Position::of(it, *sort))
            .filter(|it| after.is_none_or(|after| it.is_after(after, *sort)))
            .collect();
        places.sort_unstable();
        match sort {
            OrderSort::NewestFirst | OrderSort::HighestTotalFirst => places.reverse(),
            OrderSort::OldestFirst | OrderSort::OldestChangeFirst => {}
        }
        let count = places.len();
        let places = page(places.into_iter(), *limit);
        let next = places.last().copied().filter(|_| places.len() < count);
        let shown = |order: Order| match with_persons {
            true => order,
            false => Order { person: None, ..order },
        };
        let orders = places.iter().filter_map(|it| self.whole_order(it.no));
        let orders = orders.map(|it| Arc::new(shown(it))).collect();
        let lags = filter.may_lag() || sort.may_lag();
        OrderPage { orders, next, as_of_seq: lags.then(|| self.last_seq()) }
    }

    /// What a filter means needs the person only where names are searched.
    fn selected(&self, filter: &OrderFilter) -> impl Iterator<Item = &Order> {
        self.orders.values().filter(|it| match filter.search {
            None => filter.matches(it),
            Some(_) => self.whole_order(it.no).is_some_and(|it| filter.matches(&it)),
        })
    }

    fn whole_orders(&self) -> impl Iterator<Item = Order> {
        self.orders.keys().filter_map(|no| self.whole_order(*no))
    }

    fn last_seq(&self) -> u64 {
        self.events.keys().next_back().copied().unwrap_or(0)
    }

    fn open_effects(&self) -> Vec<&Effect> {
        let mut open: Vec<_> = self.effects.values().filter(|it| it.is_open()).collect();
        open.sort_unstable_by_key(|it| (it.due_at, &it.id));
        open
    }
}
