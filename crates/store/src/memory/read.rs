//! Answers to the questions of [`Reads`], each from the tables as they are at that moment.

use std::ops::Bound;

use domain::{
    DeliveryMethodId, Logged, Order, OrderNo, ProductId, RetrievalId,
    catalog::Product,
    counter::Counters,
    delivery::DeliveryMethod,
    stock::{Stock, StockKey},
};

use super::{Memory, Tables};
use crate::{EventQuery, Events, OrderFilter, OrderQuery, OrderSort, ProductQuery, Read, Reads};

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

    fn orders(&self, query: OrderQuery) -> Read<'_, Vec<Order>> {
        self.ask(|tables| {
            let asked_for = tables.orders.values().filter(|it| query.filter.matches(it));
            let after = query.after;
            match query.sort {
                OrderSort::OldestFirst => {
                    let rest = asked_for.filter(|it| after.is_none_or(|after| it.no > after));
                    page(rest.cloned(), query.limit)
                }
                OrderSort::NewestFirst => {
                    let rest = asked_for.rev().filter(|it| after.is_none_or(|after| it.no < after));
                    page(rest.cloned(), query.limit)
                }
            }
        })
    }

    fn count_orders(&self, filter: OrderFilter) -> Read<'_, u64> {
        self.ask(|tables| {
            let asked_for = tables.orders.values().filter(|it| filter.matches(it));
            asked_for.map(|_| 1).sum()
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

    fn counters(&self) -> Read<'_, Counters> {
        self.ask(|tables| {
            let mut counters = Counters::default();
            for (counter, value) in &tables.counters {
                counters.load(*counter, *value);
            }
            counters
        })
    }
}

impl Memory {
    fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Tables) -> T) -> Read<'_, T> {
        let answer = question(&self.tables());
        Box::pin(std::future::ready(Ok(answer)))
    }
}

impl OrderFilter {
    fn matches(&self, order: &Order) -> bool {
        let OrderFilter { customer, statuses, stores, created_from, created_to } = self;
        (customer.is_none() || order.customer == *customer)
            && (statuses.is_empty() || statuses.contains(&order.status))
            && (stores.is_empty() || stores.contains(&order.store))
            && created_from.is_none_or(|from| order.created_at >= from)
            && created_to.is_none_or(|to| order.created_at <= to)
    }
}

fn page<T>(rows: impl Iterator<Item = T>, limit: u32) -> Vec<T> {
    rows.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}
