//! A batch is written whole or not at all.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::{EffectId, Keys, Moment, OrderNo, StoreId, World, counter::Counter};
use store::{EventQuery, LOAD_ROUNDS_MAX, Next, StoreError};

use crate::{
    driver::{self, Reply, Request},
    fixture::Fixture,
    samples::{
        effect, every_admin_event, every_event, full_order, id, keys, logged, method, product,
        recorded, shelf, stock, young_order,
    },
};

/// Something of everything, as a decision would leave it.
fn change(world: &mut World) {
    world.orders.put(OrderNo(1), young_order(1, 1, None, 5));
    world.products.put(id("p1"), product("p1"));
    world.stock.put(shelf("p1", None), stock(5, 0));
    world.effects.put(EffectId::new("re_1_1"), effect("re_1_1", 5));
    world.events.push(recorded(1, 1, Some(1), every_event()[0].clone()));
    world.admin_events.push(logged(1, every_admin_event()[0].clone()));
    for counter in [Counter::Order, Counter::Event, Counter::AdminEvent] {
        world.counters.take(counter, 1);
    }
    world.counters.advance(Moment(5));
}

fn changed() -> Keys {
    keys(|keys| {
        keys.products.insert(id("p1"));
        keys.stock.insert(shelf("p1", None));
        keys.effects.insert(EffectId::new("re_1_1"));
    })
}

fn assert_untouched(it: &Fixture) {
    let reads = it.reads();
    assert_eq!(it.wait(reads.order(OrderNo(1))), Ok(None));
    assert_eq!(it.wait(reads.product(id("p1"))), Ok(None));
    assert_eq!(it.wait(reads.stock_after(None, 10)), Ok(Vec::new()));
    assert_eq!(it.wait(reads.effect(EffectId::new("re_1_1"))), Ok(None));
    assert_eq!(it.wait(reads.open_effects(None, 10)), Ok(Vec::new()));
    let query = EventQuery { limit: 10, ..EventQuery::default() };
    assert_eq!(it.wait(reads.events(query)).unwrap().events, []);
    assert_eq!(it.wait(reads.admin_events(0, 10)), Ok(Vec::new()));
    let counters = it.wait(reads.counters()).unwrap();
    for counter in [Counter::Order, Counter::Event, Counter::AdminEvent, Counter::Moment] {
        assert_eq!(counters.value(counter), 0, "{counter} was not taken");
    }
}

pub(crate) fn only_what_is_named_is_loaded(it: &Fixture) {
    it.write(&changed(), change);
    it.write(&keys(|keys| _ = keys.delivery_methods.insert(id("express"))), |world| {
        world.delivery_methods.put(id("express"), method("express"));
        world.delivery_methods.put(id("slow"), method("slow"));
    });
    let world = it.load(&keys(|keys| _ = keys.products.insert(id("p1"))));
    assert!(world.products.is_loaded(&id("p1")));
    assert!(!world.products.is_loaded(&id("p2")));
    assert!(!world.stock.is_loaded(&shelf("p1", None)));
    assert!(!world.orders.is_loaded(&OrderNo(1)));
    assert!(!world.stores.is_loaded(&StoreId::FIRST));
    assert!(!world.delivery_methods.is_loaded(&id("express")));
    assert!(!world.has_every_delivery_method);

    let world = it.load(&keys(|keys| keys.every_delivery_method = true));
    assert!(world.has_every_delivery_method);
    let mut found: Vec<_> = world.delivery_methods.iter().map(|it| it.id.clone()).collect();
    found.sort();
    assert_eq!(found, [id("express"), id("slow")]);
}

pub(crate) fn a_step_may_load_more(it: &Fixture) {
    it.write(&changed(), change);
    let rounds = [
        keys(|keys| _ = keys.orders.insert(OrderNo(1))),
        keys(|keys| {
            keys.stock.insert(shelf("p1", None));
            keys.every_delivery_method = true;
        }),
    ];
    assert_eq!(rounds.len(), LOAD_ROUNDS_MAX);
    let mut rounds = rounds.into_iter();
    let mut step = |world: &mut World| {
        if let Some(more) = rounds.next() {
            return Next::LoadMore(more);
        }
        assert!(world.products.get(&id("p1")).is_some(), "the first look");
        assert!(world.orders.get(&OrderNo(1)).is_some(), "the second");
        assert_eq!(world.stock.get(&shelf("p1", None)), Some(&stock(5, 0)), "the third");
        assert!(world.has_every_delivery_method);
        world.stock.put(shelf("p1", None), stock(6, 0));
        Next::Write
    };
    it.writer().run_batch(&changed(), &mut step).unwrap();
    let found = it.wait(it.reads().stock_after(None, 10)).unwrap();
    assert_eq!(found, [(shelf("p1", None), stock(6, 0))]);
}

pub(crate) fn a_step_that_loads_for_ever_is_broken(it: &Fixture) {
    let mut rounds = 0;
    let mut step = |world: &mut World| {
        change(world);
        rounds += 1;
        Next::LoadMore(keys(|keys| _ = keys.orders.insert(OrderNo(100 + rounds))))
    };
    let mut writer = it.writer();
    let ended = writer.run_batch(&changed(), &mut step);
    assert!(matches!(ended, Err(StoreError::Broken(_))), "{ended:?}");
    assert_untouched(it);
}

pub(crate) fn a_batch_that_changes_nothing_takes_no_number(it: &Fixture) {
    it.write(&changed(), |world| assert_eq!(world.products.get(&id("p1")), None));
    assert_untouched(it);
}

pub(crate) fn an_abandoned_batch_writes_nothing(it: &Fixture) {
    let mut writer = it.writer();
    let mut step = |world: &mut World| {
        change(world);
        Next::Abandon
    };
    writer.run_batch(&changed(), &mut step).unwrap();
    assert_untouched(it);
    let mut step = |world: &mut World| {
        change(world);
        Next::Write
    };
    writer.run_batch(&changed(), &mut step).unwrap();
    assert!(it.wait(it.reads().order(OrderNo(1))).unwrap().is_some(), "the writer goes on");
}

pub(crate) fn a_panic_writes_nothing_and_the_writer_goes_on(it: &Fixture) {
    let mut writer = it.writer();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut step = |world: &mut World| -> Next {
            change(world);
            panic!("a step that fails halfway");
        };
        writer.run_batch(&changed(), &mut step)
    }));
    assert!(panicked.is_err(), "the caller learns of it");
    assert_untouched(it);
    let mut step = |world: &mut World| {
        change(world);
        Next::Write
    };
    writer.run_batch(&changed(), &mut step).unwrap();
    assert!(it.wait(it.reads().order(OrderNo(1))).unwrap().is_some());
}

pub(crate) fn a_refused_command_takes_no_number(it: &Fixture) {
    let mut writer = it.writer();
    let refused = Request::staff(driver::place(&[("nothing", 1)]));
    let replies = driver::run(&mut *writer, std::slice::from_ref(&refused));
    assert!(matches!(replies[..], [Reply::Refused(_)]), "{replies:?}");
    assert_untouched(it);
    let batch = [
        Request::staff(driver::put_product("p1")),
        Request::staff(driver::set_stock("p1", 10)),
        Request::staff(driver::place(&[("p1", 1)])),
        refused,
        Request::staff(driver::place(&[("p1", 1)])),
    ];
    driver::run(&mut *writer, &batch);
    let counters = it.wait(it.reads().counters()).unwrap();
    assert_eq!(counters.value(Counter::Order), 2);
    assert_eq!(counters.value(Counter::Retrieval(StoreId::FIRST)), 2);
}

pub(crate) fn a_constraint_that_is_hit_writes_nothing(it: &Fixture) {
    it.write(&changed(), change);
    let mut writer = it.writer();
    let mut check = |what: &str, fault: &dyn Fn(&mut World)| {
        let mut step = |world: &mut World| {
            world.products.put(id("p1"), product("p1-changed"));
            world.orders.put(OrderNo(2), young_order(2, 1, None, 6));
            fault(world);
            Next::Write
        };
        let ended = writer.run_batch(&changed(), &mut step);
        assert!(matches!(ended, Err(StoreError::Broken(_))), "{what}: {ended:?}");
        assert_eq!(it.wait(it.reads().order(OrderNo(2))), Ok(None), "{what}");
        let kept = it.wait(it.reads().product(id("p1"))).unwrap();
        assert_eq!(kept, Some(product("p1")), "{what}");
    };
    check("an order twice", &|world| world.orders.put(OrderNo(1), full_order(1)));
    check("an event twice", &|world| {
        world.events.push(recorded(1, 1, Some(2), every_event()[0].clone()));
    });
    check("an admin event twice", &|world| {
        world.admin_events.push(logged(1, every_admin_event()[1].clone()));
    });
    check("more reserved than there is", &|world| {
        world.stock.put(shelf("p1", None), stock(5, 6));
    });
    check("an effect that is gone", &|world| world.effects.remove(EffectId::new("re_1_1")));
    check("less than nothing reserved", &|world| {
        world.stock.put(shelf("p1", None), stock(5, -1));
    });
}
