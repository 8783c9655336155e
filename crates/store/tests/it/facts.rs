//! Rows come back as they were written.

use domain::{
    Keys, Moment, Order, OrderNo, StoreId, World,
    counter::Counter,
    idempotency::Remembered,
    order::{ShippingStatus, Status},
    shop::Shop,
    stock::StockKey,
};
use store::{OrderFilter, OrderQuery, OrderSort};

use crate::{
    fixture::Fixture,
    samples::{
        AWKWARD, customer, full_order, id, key_hash, keys, method, product, remembered, shelf,
        stock,
    },
};

/// One row of each kind, by name.
fn one_of_each() -> Keys {
    keys(|keys| {
        keys.orders.insert(OrderNo(1));
        keys.products.insert(id("p1"));
        keys.stock.extend([shelf("p1", None), shelf("p1", Some("red"))]);
        keys.delivery_methods.insert(id("express"));
        keys.customers.insert(id("user789"));
        keys.erasures.insert(id("user789"));
        keys.stores.extend([StoreId::FIRST, StoreId(2)]);
        keys.idempotency.insert(key_hash(1));
    })
}

fn write_one_of_each(it: &Fixture) {
    it.write(&one_of_each(), |world| {
        world.orders.put(OrderNo(1), full_order(1));
        world.products.put(id("p1"), product("p1"));
        world.stock.put(shelf("p1", None), stock(10, 2));
        world.stock.put(shelf("p1", Some("red")), stock(1_000_000_000_000, 0));
        world.delivery_methods.put(id("express"), method("express"));
        world.customers.put(id("user789"), customer("user789"));
        world.idempotency.put(key_hash(1), remembered());
    });
}

pub(crate) fn a_stamp_changes_with_its_order(it: &Fixture) {
    let orders = keys(|keys| keys.orders.extend([OrderNo(1), OrderNo(2)]));
    it.write(&orders, |world| {
        world.orders.put(OrderNo(1), full_order(1));
        let other = Order { retrieval_no: None, ..full_order(2) };
        world.orders.put(OrderNo(2), other);
    });
    let stamps = || [1, 2].map(|no| it.reads().order_stamp(OrderNo(no)));
    let before = stamps();
    it.write(&orders, |world| world.orders.change(&OrderNo(1), |it| it.version += 1));
    it.write(&keys(|keys| _ = keys.products.insert(id("p1"))), |world| {
        world.products.put(id("p1"), product("p1"));
    });
    let after = stamps();
    assert_eq!(after[1], before[1]);
    // A store to which others may write has none.
    assert!(before[0].is_none() || after[0] != before[0], "{before:?}, {after:?}");
}

pub(crate) fn a_main_shelf_brings_those_elsewhere(it: &Fixture) {
    let at =
        |product: &str, location: &str| StockKey { location: id(location), ..shelf(product, None) };
    let read = |names: &[StockKey]| it.load(&keys(|keys| keys.stock.extend(names.to_vec())));
    let mains = [shelf("p1", None), shelf("p1", Some("red")), shelf("p2", None)];
    let write = |changes: &[(StockKey, i64)]| {
        it.write(&keys(|keys| keys.stock.extend(mains.clone())), |world| {
            for (key, on_hand) in changes {
                world.stock.put(key.clone(), stock(*on_hand, 0));
            }
        });
    };
    write(&[(shelf("p1", None), 1), (shelf("p1", Some("red")), 2), (at("p2", "zoo"), 3)]);
    let world = read(&mains);
    assert_eq!(world.elsewhere.keys().collect::<Vec<_>>(), [&shelf("p2", None)]);
    assert_eq!(world.stock.get(&shelf("p2", None)), None, "nothing lies there");
    assert_eq!(world.stock.get(&at("p2", "zoo")), Some(&stock(3, 0)));
    write(&[(at("p1", "zoo"), 4), (at("p1", "attic"), 5), (shelf("p1", None), 6)]);
    for _ in 0..2 {
        let world = read(&mains);
        assert_eq!(*world.elsewhere[&shelf("p1", None)], [id("attic"), id("zoo")]);
        assert_eq!(world.stock.get(&at("p1", "attic")), Some(&stock(5, 0)));
        assert_eq!(world.stock.get(&at("p1", "zoo")), Some(&stock(4, 0)));
        assert_eq!(world.stock.get(&shelf("p1", None)), Some(&stock(6, 0)));
        assert_eq!(world.elsewhere.get(&shelf("p1", Some("red"))), None);
    }
    let world = read(&[at("p1", "zoo"), at("p1", "nowhere")]);
    assert_eq!(world.stock.get(&at("p1", "zoo")), Some(&stock(4, 0)));
    assert_eq!(world.stock.get(&at("p1", "nowhere")), None);
    assert!(!world.stock.is_loaded(&at("p1", "attic")), "only a main shelf brings others");
    assert!(world.elsewhere.is_empty());
}

pub(crate) fn absent_rows_are_absent(it: &Fixture) {
    let keys = one_of_each();
    let world = it.load(&keys);
    assert_eq!(world.orders.get(&OrderNo(1)), None);
    assert_eq!(world.products.get(&id("p1")), None);
    assert_eq!(world.stock.get(&shelf("p1", None)), None);
    assert_eq!(world.stock.get(&shelf("p1", Some("red"))), None);
    assert_eq!(world.delivery_methods.get(&id("express")), None);
    assert_eq!(world.customers.get(&id("user789")), None);
    assert_eq!(world.idempotency.get(&key_hash(1)), None);
    assert_eq!(world.stores.get(&StoreId::FIRST), Some(&Shop::first()), "store 1 always is");
    assert_eq!(world.stores.get(&StoreId(2)), None);

    let reads = it.reads();
    it.wait(reads.ready()).unwrap();
    assert_eq!(it.wait(reads.order(OrderNo(1))), Ok(None));
    assert_eq!(it.wait(reads.order(OrderNo(u64::MAX))), Ok(None));
    assert_eq!(it.wait(reads.product(id("p1"))), Ok(None));
    assert_eq!(it.wait(reads.stock(id("p1"))), Ok(Vec::new()));
    assert_eq!(it.wait(reads.delivery_method(id("express"))), Ok(None));
    assert_eq!(it.wait(reads.count_orders(OrderFilter::default())), Ok(0));
}

pub(crate) fn every_fact_is_found_as_it_was_written(it: &Fixture) {
    write_one_of_each(it);
    let world = it.load(&one_of_each());
    assert_eq!(world.orders.get(&OrderNo(1)), Some(&full_order(1)));
    assert_eq!(world.products.get(&id("p1")), Some(&product("p1")));
    assert_eq!(world.stock.get(&shelf("p1", None)), Some(&stock(10, 2)));
    assert_eq!(
        world.stock.get(&shelf("p1", Some("red"))),
        Some(&stock(1_000_000_000_000, 0)),
        "a shelf with a variant is another"
    );
    assert_eq!(world.delivery_methods.get(&id("express")), Some(&method("express")));
    assert_eq!(world.customers.get(&id("user789")), Some(&customer("user789")));
    assert_eq!(world.idempotency.get(&key_hash(1)), Some(&remembered()));

    let reads = it.reads();
    assert_eq!(it.wait(reads.order(OrderNo(1))), Ok(Some(full_order(1))));
    assert_eq!(it.wait(reads.product(id("p1"))), Ok(Some(product("p1"))));
    let mut shelves = it.wait(reads.stock(id("p1"))).unwrap();
    shelves.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [
        (shelf("p1", None), stock(10, 2)),
        (shelf("p1", Some("red")), stock(1_000_000_000_000, 0)),
    ];
    assert_eq!(shelves, expected);
    assert_eq!(it.wait(reads.delivery_method(id("express"))), Ok(Some(method("express"))));
}

pub(crate) fn facts_are_replaced(it: &Fixture) {
    write_one_of_each(it);
    it.write(&one_of_each(), |world| {
        world.orders.change(&OrderNo(1), |order| {
            order.status = Status::Delivered;
            order.shipping_status = ShippingStatus::Delivered;
            order.payments.clear();
            order.version += 1;
        });
        world.products.change(&id("p1"), |it| it.variants.clear());
        world.stock.change(&shelf("p1", None), |it| *it = stock(3, 3));
        world.delivery_methods.change(&id("express"), |it| it.active = true);
        world.customers.change(&id("user789"), |it| it.name = None);
    });
    let world = it.load(&one_of_each());
    let mut expected = full_order(1);
    expected.status = Status::Delivered;
    expected.shipping_status = ShippingStatus::Delivered;
    expected.payments.clear();
    expected.version = 13;
    assert_eq!(world.orders.get(&OrderNo(1)), Some(&expected), "with its person");
    assert!(world.products.get(&id("p1")).unwrap().variants.is_empty());
    assert_eq!(world.stock.get(&shelf("p1", None)), Some(&stock(3, 3)));
    assert!(world.delivery_methods.get(&id("express")).unwrap().active);
    assert_eq!(world.customers.get(&id("user789")).unwrap().name, None);
}

pub(crate) fn facts_are_deleted(it: &Fixture) {
    write_one_of_each(it);
    it.write(&one_of_each(), |world| {
        world.products.remove(id("p1"));
        world.delivery_methods.remove(id("express"));
        world.customers.remove(id("user789"));
    });
    let world = it.load(&one_of_each());
    assert_eq!(world.products.get(&id("p1")), None);
    assert_eq!(world.delivery_methods.get(&id("express")), None);
    assert_eq!(world.customers.get(&id("user789")), None);
    assert_eq!(it.wait(it.reads().product(id("p1"))), Ok(None));
    assert_eq!(it.wait(it.reads().delivery_methods()), Ok(Vec::new()));
    assert_eq!(
        world.stock.get(&shelf("p1", None)),
        Some(&stock(10, 2)),
        "stock that orders hold is still counted"
    );
}

pub(crate) fn what_comes_and_goes_in_one_batch_was_never_there(it: &Fixture) {
    it.write(&one_of_each(), |world| {
        world.products.put(id("p1"), product("p1"));
        world.products.remove(id("p1"));
        world.customers.put(id("user789"), customer("user789"));
        world.customers.remove(id("user789"));
    });
    let world = it.load(&one_of_each());
    assert_eq!(world.products.get(&id("p1")), None);
    assert_eq!(world.customers.get(&id("user789")), None);

    write_one_of_each(it);
    it.write(&one_of_each(), |world| {
        world.products.remove(id("p1"));
        world.products.put(id("p1"), product("p1"));
    });
    assert_eq!(it.load(&one_of_each()).products.get(&id("p1")), Some(&product("p1")));
}

pub(crate) fn texts_are_kept_to_the_letter(it: &Fixture) {
    let awkward = || AWKWARD.to_owned();
    it.write(&one_of_each(), |world| {
        let mut order = full_order(1);
        order.cancel_reason = Some(awkward());
        order.metadata.insert(awkward(), awkward());
        order.person.as_mut().unwrap().notes = Some(awkward());
        world.orders.put(OrderNo(1), order);
        let mut sold = product("p1");
        sold.name = awkward();
        world.products.put(id("p1"), sold);
    });
    let order = it.wait(it.reads().order(OrderNo(1))).unwrap().unwrap();
    assert_eq!(order.cancel_reason, Some(awkward()));
    assert_eq!(order.metadata[AWKWARD], AWKWARD);
    assert_eq!(order.person.unwrap().notes, Some(awkward()));
    assert_eq!(it.wait(it.reads().product(id("p1"))).unwrap().unwrap().name, AWKWARD);
}

pub(crate) fn a_person_stands_apart_from_the_order(it: &Fixture) {
    it.write(&Keys::default(), |world| {
        let mut guest = full_order(2);
        guest.customer = None;
        guest.person = None;
        guest.retrieval_no = None;
        world.orders.put(OrderNo(1), full_order(1));
        world.orders.put(OrderNo(2), guest);
    });
    let query = OrderQuery {
        filter: OrderFilter::default(),
        sort: OrderSort::OldestFirst,
        after: None,
        limit: 10,
        with_persons: false,
    };
    let list = |with_persons| {
        let query = OrderQuery { with_persons, ..query.clone() };
        it.wait(it.reads().orders(query)).unwrap().orders
    };
    // Twice, as whoever keeps orders has to tell them apart from their persons.
    for _ in 0..2 {
        let listed = list(false);
        assert_eq!(listed.len(), 2);
        assert_eq!(listed[0].person, None, "lists have no personal data");
        assert_eq!(listed[1].person, None);
        let listed = list(true);
        assert_eq!(listed[0].person, full_order(1).person, "unless they are asked for");
        assert_eq!(listed[1].person, None);
    }
    it.write(&keys(|keys| _ = keys.orders.insert(OrderNo(1))), |world| {
        world.orders.change(&OrderNo(1), |order| order.version += 1);
    });
    for with_persons in [true, false, true] {
        let listed = list(with_persons);
        assert_eq!(listed[0].version, full_order(1).version + 1);
        assert_eq!(listed[0].person, full_order(1).person.filter(|_| with_persons));
    }
    assert!(it.wait(it.reads().order(OrderNo(1))).unwrap().unwrap().person.is_some());
    assert_eq!(it.wait(it.reads().order(OrderNo(2))).unwrap().unwrap().person, None);
}

pub(crate) fn counters_are_kept(it: &Fixture) {
    let (first, second) = (StoreId::FIRST, StoreId(2));
    let numbers = [
        (Counter::Order, 3),
        (Counter::Event, 17),
        (Counter::AdminEvent, 5),
        (Counter::Moment, 1_751_025_600_000),
        (Counter::Retrieval(first), 2),
        (Counter::Invoice(first, 2025), 9),
        (Counter::Invoice(first, 2026), 1),
        (Counter::CreditNote(first, 2026), 4),
        (Counter::Retrieval(second), 70),
    ];
    let stores = keys(|keys| keys.stores.extend([first, second]));
    it.write(&stores, |world| {
        for (counter, number) in numbers {
            assert_eq!(world.counters.value(counter), 0, "{counter} has not been taken");
            world.counters.take(counter, number);
        }
    });
    let world = it.load(&stores);
    let read = it.wait(it.reads().counters()).unwrap();
    for (counter, number) in numbers {
        assert_eq!(world.counters.value(counter), number, "{counter} in a batch");
        assert_eq!(read.value(counter), number, "{counter} in a read");
    }
    it.write(&stores, |world| world.counters.take(Counter::Invoice(first, 2026), 2));
    let read = it.wait(it.reads().counters()).unwrap();
    assert_eq!(read.value(Counter::Invoice(first, 2026)), 2);
    assert_eq!(read.value(Counter::Invoice(first, 2025)), 9, "the others stay");
}

pub(crate) fn the_first_secret_is_kept(it: &Fixture) {
    let store = it.store();
    let offer = |name, value: &[u8]| it.wait(store.secret(name, value.to_vec())).unwrap();
    assert_eq!(offer("jwt", &[0, 255, 1]), [0, 255, 1]);
    assert_eq!(offer("jwt", &[9]), [0, 255, 1]);
    assert_eq!(offer("other", &[9]), [9], "each name has its own");
    let rewrap = |from: &[u8], to: &[u8]| {
        it.wait(store.rewrap_secret("jwt", from.to_vec(), to.to_vec())).unwrap();
    };
    rewrap(&[9], &[7]);
    assert_eq!(offer("jwt", &[1]), [0, 255, 1], "what was not read is left alone");
    rewrap(&[0, 255, 1], &[7]);
    assert_eq!((offer("jwt", &[1]), offer("other", &[1])), (vec![7], vec![9]));
}

pub(crate) fn a_freed_key_may_be_used_again(it: &Fixture) {
    let said = |text: &str| Remembered { answer: text.into(), ..remembered() };
    let known = |it: &Fixture| {
        let world = it.load(&keys(|keys| keys.idempotency.extend([key_hash(1), key_hash(2)])));
        [1, 2].map(|key| world.idempotency.get(&key_hash(key)).cloned())
    };
    let write = |change: &dyn Fn(&mut World)| {
        it.write(&keys(|keys| keys.idempotency.extend([key_hash(1), key_hash(2)])), change);
    };
    write(&|world| {
        world.idempotency.put(key_hash(1), said("first"));
        world.idempotency.put(key_hash(2), said("other"));
    });
    write(&|world| world.idempotency.remove(key_hash(1)));
    assert_eq!(known(it), [None, Some(said("other"))]);
    write(&|world| world.idempotency.put(key_hash(1), said("second")));
    assert_eq!(known(it), [Some(said("second")), Some(said("other"))]);
    // Freed and used again in one batch, and both of them at once.
    write(&|world| {
        world.idempotency.remove(key_hash(1));
        world.idempotency.put(key_hash(1), said("third"));
        world.idempotency.remove(key_hash(2));
    });
    assert_eq!(known(it), [Some(said("third")), None]);
    write(&|world| {
        world.idempotency.put(key_hash(2), said("came and went"));
        world.idempotency.remove(key_hash(2));
        world.idempotency.remove(key_hash(1));
        world.idempotency.put(key_hash(1), said("fourth"));
        world.idempotency.remove(key_hash(1));
    });
    assert_eq!(known(it), [None, None]);
}

const DAY_MS: i64 = 24 * 3600 * 1000;

/// A key of each hour of a run of two days, and which of them are still known at its end.
fn hours_known_after_two_days(it: &Fixture) -> Vec<u8> {
    for hour in 0..48_u8 {
        it.write(&keys(|keys| _ = keys.idempotency.insert(key_hash(hour))), |world| {
            let at = Moment(i64::from(hour) * DAY_MS / 24 + 1);
            world.counters.advance(at);
            world.idempotency.put(key_hash(hour), Remembered { at, ..remembered() });
        });
    }
    let world = it.load(&keys(|keys| keys.idempotency.extend((0..48).map(key_hash))));
    (0..48).filter(|hour| world.idempotency.get(&key_hash(*hour)).is_some()).collect()
}

pub(crate) fn a_key_is_kept_for_a_day(it: &Fixture) {
    let known = hours_known_after_two_days(it);
    let of_the_last_day: Vec<u8> = (23..48).collect();
    assert!(known.ends_with(&of_the_last_day), "{known:?}");
}

/// The other stores let go of whole segments, or of nothing.
#[test]
fn postgres_lets_go_of_a_key_after_a_day() {
    let known = hours_known_after_two_days(&crate::fixture::postgres());
    assert_eq!(known, (23..48).collect::<Vec<u8>>());
}
