//! What a new process finds of what an old one wrote.

use domain::{Keys, Moment, OrderNo, StoreId, counter::Counter};
use store::{EventQuery, OpenError, Purpose};

use crate::{
    fixture::{self, Fixture},
    samples::{
        customer, every_admin_event, every_event, full_order, id, key_hash, keys, logged, method,
        product, recorded, remembered, shelf, stock,
    },
};

fn named() -> Keys {
    keys(|keys| {
        keys.orders.insert(OrderNo(1));
        keys.products.insert(id("p1"));
        keys.stock.insert(shelf("p1", Some("red")));
        keys.delivery_methods.insert(id("express"));
        keys.customers.insert(id("user789"));
        keys.stores.insert(StoreId::FIRST);
        keys.idempotency.insert(key_hash(1));
    })
}

fn reopening_finds_everything(mut it: Fixture) {
    it.write(&named(), |world| {
        world.orders.put(OrderNo(1), full_order(1));
        world.products.put(id("p1"), product("p1"));
        world.stock.put(shelf("p1", Some("red")), stock(5, 5));
        world.delivery_methods.put(id("express"), method("express"));
        world.customers.put(id("user789"), customer("user789"));
        world.idempotency.put(key_hash(1), remembered());
        world.events.push(recorded(1, 1, Some(1), every_event()[0].clone()));
        world.admin_events.push(logged(1, every_admin_event()[0].clone()));
        world.counters.take(Counter::Invoice(StoreId::FIRST, 2025), 17);
        world.counters.advance(Moment(99));
    });
    assert_eq!(it.wait(it.store().secret("jwt", vec![1])), Ok(vec![1]));
    it.reopen();
    let world = it.load(&named());
    assert_eq!(world.orders.get(&OrderNo(1)), Some(&full_order(1)));
    assert_eq!(world.products.get(&id("p1")), Some(&product("p1")));
    assert_eq!(world.stock.get(&shelf("p1", Some("red"))), Some(&stock(5, 5)));
    assert_eq!(world.delivery_methods.get(&id("express")), Some(&method("express")));
    assert_eq!(world.customers.get(&id("user789")), Some(&customer("user789")));
    assert_eq!(world.idempotency.get(&key_hash(1)), Some(&remembered()));
    assert_eq!(world.counters.value(Counter::Invoice(StoreId::FIRST, 2025)), 17);
    assert_eq!(world.counters.moment(), Moment(99));
    let events = it.wait(it.reads().events(EventQuery { limit: 9, ..EventQuery::default() }));
    assert_eq!(events.unwrap().events.len(), 1);
    assert_eq!(it.wait(it.reads().admin_events(0, 9)).unwrap().len(), 1);
    assert_eq!(it.wait(it.store().secret("jwt", vec![2])), Ok(vec![1]));
}

fn a_newer_schema_is_refused(mut it: Fixture) {
    it.close();
    it.execute(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
        VALUES (9999, 'of_tomorrow', '2040-01-01T00:00:00Z', '1')",
    );
    for purpose in [Purpose::Serve, Purpose::Beside] {
        let opened = it.open_again(purpose).map(|_| "it was opened");
        assert!(matches!(opened, Err(OpenError::Schema(_))), "{purpose:?}: {opened:?}");
    }
}

#[test]
fn sqlite_finds_everything_again() {
    reopening_finds_everything(fixture::sqlite());
}

#[test]
fn postgres_finds_everything_again() {
    reopening_finds_everything(fixture::postgres());
}

#[test]
fn sqlite_refuses_a_newer_schema() {
    a_newer_schema_is_refused(fixture::sqlite());
}

#[test]
fn postgres_refuses_a_newer_schema() {
    a_newer_schema_is_refused(fixture::postgres());
}
