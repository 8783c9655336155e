//! Stores of the shop, and which of them have orders.

use domain::{OrderNo, StoreId, client::SecretHash, shop::Shop};
use store::ShopQuery;

use crate::{
    fixture::Fixture,
    samples::{full_shop, keys, young_order},
};

const NUMBERS: [u32; 3] = [2, 10, u32::MAX];

fn write_shops(it: &Fixture) {
    let named = keys(|keys| keys.stores.extend(NUMBERS.map(StoreId)));
    it.write(&named, |world| {
        for number in NUMBERS {
            world.stores.put(StoreId(number), full_shop(number));
        }
    });
}

pub(crate) fn stores_are_found_as_they_were_written(it: &Fixture) {
    write_shops(it);
    let every = keys(|keys| {
        keys.every_store = true;
        keys.stores.insert(StoreId(3));
    });
    let world = it.load(&every);
    assert_eq!(world.stores.iter().count(), 4);
    assert_eq!(world.stores.get(&StoreId::FIRST), Some(&Shop::first()));
    assert_eq!(world.stores.get(&StoreId(u32::MAX)), Some(&full_shop(u32::MAX)));
    assert_eq!(world.stores.get(&StoreId(3)), None);
    it.write(&keys(|keys| _ = keys.stores.insert(StoreId(10))), |world| {
        world.stores.change(&StoreId(10), |it| it.test = false);
    });
    let changed = Shop { test: false, ..full_shop(10) };
    assert_eq!(it.wait(it.reads().shop(StoreId(10))), Ok(Some(changed.clone())));
    assert_eq!(it.wait(it.reads().shop(StoreId(11))), Ok(None));
    it.write(&keys(|keys| _ = keys.stores.insert(StoreId(10))), |world| {
        let hash = SecretHash::new([0xa5; 32]);
        world.stores.change(&StoreId(10), |it| it.secret_hash = Some(hash));
    });
    let kept = it.wait(it.reads().shop(StoreId(10))).unwrap().unwrap().secret_hash;
    assert_eq!(kept.and_then(|it| it.digest()), Some([0xa5; 32]));
    it.write(&keys(|keys| _ = keys.stores.insert(StoreId(10))), |world| {
        world.stores.change(&StoreId(10), |it| it.secret_hash = None);
    });
    let world = it.load(&keys(|keys| _ = keys.stores.insert(StoreId(10))));
    assert_eq!(world.stores.get(&StoreId(10)), Some(&changed));
    assert!(!world.has_every_store);
}

pub(crate) fn pages_of_stores(it: &Fixture) {
    write_shops(it);
    let check = |after: Option<u32>, limit: u32, of: Option<&[u32]>, expected: &[u32]| {
        let stores = of.map(|it| it.iter().copied().map(StoreId).collect());
        let query = ShopQuery { after: after.map(StoreId), limit, stores };
        let found = it.wait(it.reads().shops(query)).unwrap();
        let found: Vec<u32> = found.iter().map(|it| it.id.0).collect();
        assert_eq!(found, expected, "after {after:?}, {limit} of {of:?}");
    };
    check(None, 9, None, &[1, 2, 10, u32::MAX]);
    check(None, 2, None, &[1, 2]);
    check(Some(2), 9, None, &[10, u32::MAX]);
    check(Some(u32::MAX), 9, None, &[]);
    check(None, 9, Some(&[10, 1, 77]), &[1, 10]);
    check(Some(1), 9, Some(&[1, 10]), &[10]);
    check(None, 9, Some(&[]), &[]);
}

pub(crate) fn a_store_is_in_use_once_it_has_an_order(it: &Fixture) {
    let asked = keys(|keys| keys.used_stores.extend([1, 2, 3].map(StoreId)));
    let used = |it: &Fixture| {
        let world = it.load(&asked);
        [1, 2, 3].map(|store| world.has_orders(StoreId(store)))
    };
    assert_eq!(used(it), [false; 3]);
    it.write(&keys(|keys| _ = keys.orders.insert(OrderNo(1))), |world| {
        let mut order = young_order(1, 2, None, 0);
        order.store = StoreId(2);
        world.orders.put(OrderNo(1), order);
    });
    assert_eq!(used(it), [false, true, false]);
}
