//! Fills a world with exactly what a batch names: a row, or its absence.

use domain::{Keys, World, counter::Counter, stock::StockKey, world::InUse};

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
        if key.is_main() {
            load_elsewhere(tables, key, world);
        }
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
    for id in &keys.erasures {
        world.erasures.load(id.clone(), tables.erasures.get(id).cloned());
    }
    for id in &keys.stores {
        world.stores.load(*id, tables.stores.get(id).cloned());
    }
    if keys.every_store && !world.has_every_store {
        for (id, shop) in &tables.stores {
            if !world.stores.is_loaded(id) {
                world.stores.load(*id, Some(shop.clone()));
            }
        }
        world.has_every_store = true;
    }
    for id in &keys.used_stores {
        let is_used = tables.orders.values().any(|it| it.store == *id);
        world.used_stores.load(*id, is_used.then_some(InUse));
    }
    for hash in &keys.idempotency {
        world.idempotency.load(*hash, tables.idempotency.get(hash).cloned());
    }
    for key in &keys.carts {
        world.carts.load(key.clone(), tables.carts.get(key).cloned());
    }
    for id in &keys.clients {
        world.clients.load(id.clone(), tables.clients.get(id).cloned());
    }
    for key in &keys.velocities {
        world.velocities.load(*key, tables.velocities.get(key).cloned());
    }
    for id in &keys.effects {
        world.effects.load(id.clone(), tables.effects.get(id).cloned());
    }
}

/// The shelves of the same goods in other locations.
fn load_elsewhere(tables: &Tables, main: &StockKey, world: &mut World) {
    let of_goods = |key: &StockKey| key.product == main.product && key.variant == main.variant;
    let later = tables.stock.range(main.clone()..).take_while(|(key, _)| of_goods(key));
    let earlier = tables.stock.range(..main.clone()).rev().take_while(|(key, _)| of_goods(key));
    let mut locations = Vec::new();
    for (key, stock) in earlier.chain(later).filter(|(key, _)| !key.is_main()) {
        world.stock.load(key.clone(), Some(*stock));
        locations.push(key.location.clone());
    }
    if !locations.is_empty() {
        locations.sort();
        world.elsewhere.insert(main.clone(), locations.into());
    }
}

/// The log's counters always, a store's with the store.
fn load_counters(tables: &Tables, keys: &Keys, world: &mut World) {
    for (counter, value) in &tables.counters {
        let named = match counter {
            Counter::Order | Counter::Event | Counter::AdminEvent | Counter::Moment => true,
            Counter::Retrieval(store)
            | Counter::Invoice(store, _)
            | Counter::CreditNote(store, _) => keys.every_store || keys.stores.contains(store),
        };
        if named {
            world.counters.load(*counter, *value);
        }
    }
}
