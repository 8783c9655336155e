//! Rules of fraud review stand with their store, and what is counted for them in rows of its own.

use domain::{
    Keys, Moment, OrderNo, StoreId, World,
    review::velocity::{RecentOrder, Velocity, VelocityKey},
};

use crate::{
    fixture::Fixture,
    samples::{NOON, full_shop, keys, review_rules},
};

fn key(byte: u8) -> VelocityKey {
    VelocityKey([byte; 16])
}

fn row(orders: &[u64], until: i64) -> Velocity {
    let recent = |no: &u64| RecentOrder { order: OrderNo(*no), at: Moment(NOON) };
    Velocity { orders: orders.iter().map(recent).collect(), kept_until: Moment(until) }
}

fn of(named: &[VelocityKey]) -> Keys {
    keys(|keys| keys.velocities.extend(named))
}

fn put(it: &Fixture, now: i64, rows: &[(VelocityKey, Velocity)]) {
    let named: Vec<_> = rows.iter().map(|(key, _)| *key).collect();
    it.write(&of(&named), |world: &mut World| {
        world.counters.advance(Moment(now));
        rows.iter().for_each(|(key, row)| world.velocities.put(*key, row.clone()));
    });
}

fn known(it: &Fixture, named: &[VelocityKey]) -> Vec<Option<Velocity>> {
    let world = it.load(&of(named));
    named.iter().map(|key| world.velocities.get(key).cloned()).collect()
}

fn all(it: &Fixture) -> Vec<(VelocityKey, Velocity)> {
    it.wait(it.reads().velocities(None, 100)).unwrap()
}

pub(crate) fn rules_stand_with_their_store(it: &Fixture) {
    let store = keys(|keys| _ = keys.stores.insert(StoreId(2)));
    it.write(&store, |world| world.stores.put(StoreId(2), full_shop(2)));
    for _ in 0..2 {
        let world = it.load(&store);
        let found = world.stores.get(&StoreId(2)).and_then(|it| it.review.clone());
        assert_eq!(found, Some(review_rules()));
    }
    let read = it.wait(it.reads().shop(StoreId(2))).unwrap().unwrap();
    assert_eq!(read, full_shop(2));
    it.write(&store, |world| world.stores.change(&StoreId(2), |it| it.review = None));
    assert_eq!(it.load(&store).stores.get(&StoreId(2)).unwrap().review, None);
}

pub(crate) fn what_is_counted_is_found_as_it_was_written(it: &Fixture) {
    let named = [key(1), key(0x80), key(0xff)];
    assert_eq!(known(it, &named), [None, None, None]);
    let first =
        [(named[0], row(&[1, 2], NOON + 5)), (named[2], row(&[u64::from(u32::MAX)], NOON + 9))];
    put(it, NOON, &first);
    let found = known(it, &named);
    assert_eq!(found, [Some(first[0].1.clone()), None, Some(first[1].1.clone())]);
    assert_eq!(all(it), first, "in the order of their keys");
    assert_eq!(it.wait(it.reads().velocities(Some(named[0]), 1)).unwrap(), first[1..]);
    assert_eq!(it.wait(it.reads().velocities(Some(named[2]), 1)).unwrap(), []);
    put(it, NOON, &[(named[0], row(&[2, 3], NOON + 7)), (named[1], row(&[4], NOON + 7))]);
    it.write(&of(&named), |world| world.velocities.remove(named[2]));
    let found = known(it, &named);
    assert_eq!(found, [Some(row(&[2, 3], NOON + 7)), Some(row(&[4], NOON + 7)), None]);
}

pub(crate) fn what_is_counted_goes_when_its_time_is_over(it: &Fixture) {
    put(it, NOON, &[(key(1), row(&[1], NOON + 10)), (key(2), row(&[2], NOON + 11))]);
    it.write(&Keys::default(), |world| world.counters.advance(Moment(NOON + 10)));
    assert_eq!(all(it).len(), 2, "they go with a batch that counts");
    put(it, NOON + 10, &[(key(3), row(&[3], NOON + 50))]);
    let left: Vec<_> = all(it).into_iter().map(|(key, _)| key).collect();
    assert_eq!(left, [key(2), key(3)]);
}
