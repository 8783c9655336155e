//! Makes the changes of a batch: first sees that all of them can be made, then makes all of them.

use std::collections::BTreeMap;

use domain::{
    Order, World,
    world::{Change, Facts},
};

use super::Tables;
use crate::{CARTS_DROPPED_MAX, StoreError, VELOCITIES_DROPPED_MAX};

/// What a constraint of a database would refuse. To hit one is a bug of whoever decided.
pub(super) fn check(tables: &Tables, world: &World) -> Result<(), StoreError> {
    for (no, change) in world.orders.changes() {
        match change {
            Change::Insert(_) if tables.orders.contains_key(no) => {
                return broken(format!("{no} is there already"));
            }
            Change::Insert(order) | Change::Update(order) => check_retrieval(tables, order)?,
            Change::Delete => return broken(format!("{no} was deleted, and orders never are")),
        }
    }
    for event in &world.events {
        if tables.events.contains_key(&event.seq) {
            return broken(format!("event {} is there already", event.seq));
        }
    }
    for event in &world.admin_events {
        if tables.admin_events.contains_key(&event.seq) {
            return broken(format!("admin event {} is there already", event.seq));
        }
    }
    for (key, change) in world.stock.changes() {
        match change {
            Change::Insert(it) | Change::Update(it) => {
                if it.reserved < 0 || it.on_hand < it.reserved {
                    return broken(format!("stock of {key:?} would be {it:?}"));
                }
            }
            Change::Delete => return broken(format!("stock of {key:?} was deleted")),
        }
    }
    for (id, change) in world.effects.changes() {
        if change == Change::Delete {
            return broken(format!("{id} was deleted, and effects never are"));
        }
    }
    Ok(())
}

fn check_retrieval(tables: &Tables, order: &Order) -> Result<(), StoreError> {
    let Some(id) = order.retrieval_id() else { return Ok(()) };
    match tables.retrievals.get(&id) {
        Some(no) if *no != order.no => broken(format!("{id} is {no} already")),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn write(tables: &mut Tables, world: &World) {
    for (no, change) in world.orders.changes() {
        let (Change::Insert(order) | Change::Update(order)) = change else { continue };
        // A person is written with a new order, and goes when it is erased.
        if let (Change::Insert(_), Some(person)) = (change, &order.person) {
            tables.persons.insert(*no, (**person).clone());
        }
        tables.retrievals.extend(order.retrieval_id().map(|id| (id, *no)));
        tables.orders.insert(*no, Order { person: None, ..order.clone() });
    }
    for no in world.erased.keys() {
        tables.persons.remove(no);
    }
    tables.events.extend(world.events.iter().map(|it| (it.seq, it.clone())));
    tables.admin_events.extend(world.admin_events.iter().map(|it| (it.seq, it.clone())));
    write_facts(&mut tables.products, &world.products);
    write_facts(&mut tables.stock, &world.stock);
    write_facts(&mut tables.delivery_methods, &world.delivery_methods);
    write_facts(&mut tables.customers, &world.customers);
    write_facts(&mut tables.erasures, &world.erasures);
    write_facts(&mut tables.stores, &world.stores);
    write_facts(&mut tables.idempotency, &world.idempotency);
    write_facts(&mut tables.effects, &world.effects);
    write_facts(&mut tables.clients, &world.clients);
    write_carts(tables, world);
    write_velocities(tables, world);
    tables.counters.extend(world.counters.changes());
}

/// Where carts change, some that have run out go, the longest ago first.
fn write_carts(tables: &mut Tables, world: &World) {
    if world.carts.changes().next().is_none() {
        return;
    }
    write_facts(&mut tables.carts, &world.carts);
    let now = world.counters.moment();
    let run_out = tables.carts.values().filter(|it| !it.is_there(now));
    let mut run_out: Vec<_> = run_out.map(|it| (it.expires_at, it.key.clone())).collect();
    run_out.sort_unstable();
    for (_, key) in run_out.iter().take(CARTS_DROPPED_MAX as usize) {
        tables.carts.remove(key);
    }
}

/// The same of the rows by which orders are counted.
fn write_velocities(tables: &mut Tables, world: &World) {
    if world.velocities.changes().next().is_none() {
        return;
    }
    write_facts(&mut tables.velocities, &world.velocities);
    let now = world.counters.moment();
    let run_out = tables.velocities.iter().filter(|(_, it)| it.kept_until <= now);
    let mut run_out: Vec<_> = run_out.map(|(key, it)| (it.kept_until, *key)).collect();
    run_out.sort_unstable();
    for (_, key) in run_out.iter().take(VELOCITIES_DROPPED_MAX as usize) {
        tables.velocities.remove(key);
    }
}

fn write_facts<K, V>(table: &mut BTreeMap<K, V>, facts: &Facts<K, V>)
where
    K: Clone + std::fmt::Debug + Eq + std::hash::Hash + Ord,
    V: Clone,
{
    for (key, change) in facts.changes() {
        match change {
            Change::Insert(row) | Change::Update(row) => {
                table.insert(key.clone(), row.clone());
            }
            Change::Delete => {
                table.remove(key);
            }
        }
    }
}

fn broken(why: String) -> Result<(), StoreError> {
    Err(StoreError::Broken(why))
}
