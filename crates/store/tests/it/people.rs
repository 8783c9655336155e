//! Customers, and forgetting them.

use domain::{
    CustomerId, Event, Keys, Moment, Order, OrderNo,
    cart::CartKey,
    counter::Counter,
    customer::{Customer, erasure::Erasure},
    event::OrderPersonErased,
    idempotency::Remembered,
};
use store::{Entries, OrderFilter, OrderQuery, OrderSort, Search};

use crate::{
    fixture::Fixture,
    samples::{NOON, created, customer, full_order, id, key_hash, keys, recorded, remembered},
};

pub(crate) fn customers_are_found_and_paged(it: &Fixture) {
    let names = ["a", "B", "b.1", "z"];
    let named = keys(|keys| keys.customers.extend(names.map(id::<CustomerId>)));
    it.write(&named, |world| {
        names.iter().for_each(|name| world.customers.put(id(name), customer(name)));
    });
    assert_eq!(it.wait(it.reads().customer(id("b.1"))), Ok(Some(customer("b.1"))));
    assert_eq!(it.wait(it.reads().customer(id("b"))), Ok(None));
    let check = |after: Option<&str>, limit: u32, expected: &[&str]| {
        let found = it.wait(it.reads().customers(after.map(id), limit)).unwrap();
        let found: Vec<&str> = found.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(found, expected, "after {after:?}");
    };
    check(None, 9, &["B", "a", "b.1", "z"]);
    check(None, 2, &["B", "a"]);
    check(Some("a"), 9, &["b.1", "z"]);
    check(Some("z"), 9, &[]);
    it.write(&named, |world| {
        world.customers.change(&id("a"), |it: &mut Customer| it.version = 9);
        world.customers.remove(id("z"));
    });
    assert_eq!(it.wait(it.reads().customer(id("a"))).unwrap().map(|it| it.version), Some(9));
    check(None, 9, &["B", "a", "b.1"]);
}

pub(crate) fn erasures_are_found_until_they_end(it: &Fixture) {
    let names = ["ann", "bob", "cem"];
    let erasure = |name: &str| Erasure {
        customer: id(name),
        begun_at: Moment(NOON),
        until: OrderNo(77),
        carts: vec![CartKey { owner: Some(id(name)), id: id("c1") }],
    };
    let named = keys(|keys| keys.erasures.extend(names.map(id::<CustomerId>)));
    it.write(&named, |world| {
        names.iter().for_each(|name| world.erasures.put(id(name), erasure(name)));
    });
    let page = |after: Option<&str>, limit| it.wait(it.reads().erasures(after.map(id), limit));
    assert_eq!(page(None, 2), Ok(vec![erasure("ann"), erasure("bob")]));
    assert_eq!(page(Some("bob"), 2), Ok(vec![erasure("cem")]));
    it.write(&named, |world| {
        world.erasures.remove(id("ann"));
        world.erasures.change(&id("bob"), |it: &mut Erasure| it.carts.clear());
    });
    assert_eq!(it.wait(it.reads().erasure(id("ann"))), Ok(None));
    let changed = Erasure { carts: Vec::new(), ..erasure("bob") };
    assert_eq!(it.wait(it.reads().erasure(id("bob"))), Ok(Some(changed.clone())));
    assert_eq!(it.load(&named).erasures.get(&id("bob")), Some(&changed));
    assert_eq!(it.load(&named).erasures.get(&id("ann")), None);
}

/// Orders, and the events that tell of them.
fn place(it: &Fixture, orders: &[Order]) {
    it.write(&Keys::default(), |world| {
        for order in orders {
            let seq = world.counters.next(Counter::Event);
            world.counters.take(Counter::Event, seq);
            let event = Event::OrderCreated(Box::new(created()));
            world.events.push(recorded(seq, order.store.0, Some(order.no.0), event));
            world.orders.put(order.no, order.clone());
        }
    });
}

fn erase(it: &Fixture, no: u64) {
    it.write(&keys(|keys| _ = keys.orders.insert(OrderNo(no))), |world| {
        let seq = world.counters.next(Counter::Event);
        world.counters.take(Counter::Event, seq);
        let event = Event::OrderPersonErased(OrderPersonErased {});
        let person = world.orders.get(&OrderNo(no)).and_then(|it| it.person.clone());
        world.orders.change(&OrderNo(no), |order| order.evolve(Moment(NOON), &event));
        world.erased.extend(person.map(|it| (OrderNo(no), it)));
        world.events.push(recorded(seq, 1, Some(no), event));
    });
}

/// Of what was fed before, and of what is fed only afterwards.
pub(crate) fn an_erased_person_is_in_no_table(it: &Fixture) {
    let order = |no: u64| Order { retrieval_no: Some(no), ..full_order(no) };
    place(it, &[order(1), order(2)]);
    it.settle();
    let named = |word: &str| {
        let filter = OrderFilter { search: Some(Search::new(word)), ..OrderFilter::default() };
        let sort = OrderSort::OldestFirst;
        let query = OrderQuery { filter, sort, after: None, limit: 9, with_persons: true };
        let found = it.wait(it.reads().orders(query)).unwrap().orders;
        found.iter().map(|it| it.no.0).collect::<Vec<_>>()
    };
    assert_eq!(named("jane"), [1, 2]);
    erase(it, 1);
    place(it, &[order(3), order(4)]);
    erase(it, 3);
    it.settle();
    assert_eq!(named("jane"), [2, 4]);
    assert_eq!(named("00340434161094000000"), [1, 2, 3, 4], "a parcel is nobody");
    let fed = it.wait(it.reads().segment(0)).unwrap();
    for no in 1..=4 {
        let stored = it.wait(it.reads().order(OrderNo(no))).unwrap().unwrap();
        let is_erased = no % 2 == 1;
        assert_eq!((stored.person.is_none(), stored.person_erased), (is_erased, is_erased));
        assert_eq!(fed.entries.get(&OrderNo(no)), Some(&Entries::of(&stored)), "{no}");
    }
    let persons = keys(|keys| keys.orders.extend((1..=4).map(OrderNo)));
    let loaded = it.load(&persons);
    assert_eq!(loaded.orders.get(&OrderNo(3)).unwrap().person, None);
    assert!(loaded.orders.get(&OrderNo(4)).unwrap().person.is_some());
}

pub(crate) fn answers_are_found_by_whom_they_show(it: &Fixture) {
    let all = keys(|keys| keys.idempotency.extend((1..=4).map(key_hash)));
    let of = |name: Option<&str>| Remembered {
        answer: b"head\nbody".to_vec(),
        shows: name.map(id),
        ..remembered()
    };
    it.write(&all, |world| {
        world.idempotency.put(key_hash(1), of(Some("ann")));
        world.idempotency.put(key_hash(2), of(None));
        world.idempotency.put(key_hash(3), of(Some("bob")));
        world.idempotency.put(key_hash(4), of(Some("ann")));
    });
    let showing = |name: &str, limit: u32| {
        let mut found = it.wait(it.reads().answers_showing(id(name), limit)).unwrap();
        found.sort_unstable();
        found
    };
    assert_eq!(showing("ann", 9), [key_hash(1), key_hash(4)]);
    assert_eq!(showing("ann", 1).len(), 1);
    assert_eq!(showing("cem", 9), []);
    it.write(&all, |world| {
        world.idempotency.change(&key_hash(1), Remembered::forget_person);
    });
    assert_eq!(showing("ann", 9), [key_hash(4)]);
    let known = it.load(&all);
    let bare = Remembered { answer: b"head".to_vec(), ..of(None) };
    assert_eq!(known.idempotency.get(&key_hash(1)), Some(&bare));
    assert_eq!(known.idempotency.get(&key_hash(3)), Some(&of(Some("bob"))));
    it.write(&all, |world| world.idempotency.remove(key_hash(4)));
    assert_eq!(showing("ann", 9), []);
}
