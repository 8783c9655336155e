//! Fills a world with exactly what a batch names: a row, or its absence.

use domain::{Keys, World, counter::Counter};

use super::Tables;

pub(super) fn load(tables: &Tables, keys: &Keys, world: &mut World) {
    load_counters(tables, keys, world);
    for no in &keys.orders {
        world.orders.load(*no, tables.whole_order(*no));
    }
    for id in &keys.products {
        world.products.load(id.clone(), tables.products.get(id).cloned());
    }
    for key in &keys.stock {
        world.stock.load(key.clone(), tables.stock.get(key).copied());
    }
    for id in &keys.delivery_methods {
        world.delivery_methods.load(id.clone(), tables.delivery_methods.get(id).cloned());
    }
    if keys.every_delivery_method && !world.has_every_delivery_method {
        for (id, method) in &tables.delivery_methods {
            if !world.delivery_methods.is_loaded(id) {
                world.delivery_methods.load(id.clone(), Some(method.clone()));
            }
        }
        world.has_every_delivery_method = true;
    }
    for id in &keys.customers {
        world.customers.load(id.clone(), tables.customers.get(id).cloned());
    }
    for id in &keys.stores {
        world.stores.load(*id, tables.stores.get(id).cloned());
    }
    for hash in &keys.idempotency {
        world.idempotency.load(*hash, tables.idempotency.get(hash).cloned());
    }
}

/// The log's counters always, a store's with the store.
fn load_counters(tables: &Tables, keys: &Keys, world: &mut World) {
    for (counter, value) in &tables.counters {
        let named = match counter {
            Counter::Order | Counter::Event | Counter::AdminEvent | Counter::Moment => true,
            Counter::Retrieval(store)
            | Counter::Invoice(store, _)
            | Counter::CreditNote(store, _) => keys.stores.contains(store),
        };
        if named {
            world.counters.load(*counter, *value);
        }
    }
}
