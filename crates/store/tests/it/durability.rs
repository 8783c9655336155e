//! What a new process finds of what an old one wrote.

use domain::{
    EffectId, Keys, Moment, Order, OrderNo, StoreId, counter::Counter, order::ReviewStatus,
};
use store::{EventQuery, OpenError, OrderFilter, Purpose};

use crate::{
    fixture::{self, Fixture},
    samples::{
        customer, effect, every_admin_event, every_event, full_order, id, key_hash, keys, logged,
        method, product, recorded, remembered, shelf, stock,
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
        keys.effects.insert(EffectId::new("re_1_1"));
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
        world.effects.put(EffectId::new("re_1_1"), effect("re_1_1", 7));
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
    assert_eq!(world.effects.get(&EffectId::new("re_1_1")), Some(&effect("re_1_1", 7)));
    let due = it.wait(it.reads().due_effects(Moment(7), 9));
    assert_eq!(due, Ok(vec![effect("re_1_1", 7)]));
    assert_eq!(it.wait(it.reads().expired_orders(Moment(i64::MAX), 9)), Ok(vec![OrderNo(1)]));
    assert_eq!(world.counters.value(Counter::Invoice(StoreId::FIRST, 2025)), 17);
    assert_eq!(world.counters.moment(), Moment(99));
    let events = it.wait(it.reads().events(EventQuery { limit: 9, ..EventQuery::default() }));
    assert_eq!(events.unwrap().events.len(), 1);
    assert_eq!(it.wait(it.reads().admin_events(0, 9)).unwrap().len(), 1);
    assert_eq!(it.wait(it.store().secret("jwt", vec![2])), Ok(vec![1]));
}

/// As the first release has left it; its tables are those of today without what came after.
fn an_older_schema_is_brought_up_to_date(mut it: Fixture, forgotten: &str) {
    let old = Order { expires_at: None, ..full_order(1) };
    assert!(old.on_hold && old.review_status != ReviewStatus::None, "a column to be filled");
    it.write(&named(), |world| world.orders.put(OrderNo(1), old.clone()));
    it.close();
    it.execute(
        "DROP TABLE carts;
        DROP TABLE clients;
        DROP TABLE signing_keys;
        DROP TABLE effects;
        DROP INDEX orders_by_expiry;
        DROP INDEX orders_by_state;
        DROP INDEX orders_by_change;
        ALTER TABLE orders DROP COLUMN expires_at;
        CREATE INDEX orders_by_status ON orders (status, no);
        DROP TABLE order_products;
        DROP TABLE order_words;
        DROP TABLE order_totals;
        DELETE FROM refinery_schema_history WHERE version > 1",
    );
    it.execute(forgotten);
    it.reopen();
    assert_eq!(it.wait(it.reads().order(OrderNo(1))), Ok(Some(old.clone())));
    let filter = OrderFilter {
        review_statuses: vec![old.review_status],
        on_hold: Some(true),
        updated_since: Some(old.updated_at),
        ..OrderFilter::default()
    };
    assert_eq!(it.wait(it.reads().count_orders(filter)), Ok(1));
    assert_eq!(it.wait(it.reads().expired_orders(Moment(i64::MAX), 9)), Ok(Vec::new()));
    it.write(&named(), |world| {
        world.orders.change(&OrderNo(1), |it| it.expires_at = Some(Moment(3)));
        world.effects.put(EffectId::new("re_1_1"), effect("re_1_1", 7));
    });
    assert_eq!(it.wait(it.reads().expired_orders(Moment(3), 9)), Ok(vec![OrderNo(1)]));
    assert_eq!(it.wait(it.reads().due_effects(Moment(7), 9)), Ok(vec![effect("re_1_1", 7)]));
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
fn sqlite_brings_an_older_schema_up_to_date() {
    // The table of positions was there, with another one.
    let forgotten = "ALTER TABLE orders DROP COLUMN state;
        DROP TABLE erasures;
        DROP TABLE velocities;
        DROP INDEX idempotency_by_person;
        ALTER TABLE idempotency DROP COLUMN shows;
        DROP INDEX orders_by_reference;
        ALTER TABLE orders DROP COLUMN reference_id;
        DELETE FROM projections WHERE name = 'lists'";
    an_older_schema_is_brought_up_to_date(fixture::sqlite(), forgotten);
}

#[test]
fn postgres_brings_an_older_schema_up_to_date() {
    let forgotten = "ALTER TABLE orders DROP COLUMN review_status;
        ALTER TABLE orders DROP COLUMN on_hold;
        DROP TABLE erasures;
        DROP TABLE velocities;
        ALTER TABLE idempotency DROP COLUMN shows;
        ALTER TABLE orders DROP COLUMN reference_id;
        DROP TABLE projections";
    an_older_schema_is_brought_up_to_date(fixture::postgres(), forgotten);
}

#[test]
fn sqlite_refuses_a_newer_schema() {
    a_newer_schema_is_refused(fixture::sqlite());
}

#[test]
fn postgres_refuses_a_newer_schema() {
    a_newer_schema_is_refused(fixture::postgres());
}
