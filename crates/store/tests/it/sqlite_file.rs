//! One process serves a file; others may look at it meanwhile.

use domain::OrderNo;
use store::{OpenError, Purpose};

use crate::{
    driver::{self, Request},
    fixture,
};

#[test]
fn slow_a_second_process_that_serves_is_refused() {
    let mut it = fixture::sqlite();
    let refused = it.open_again(Purpose::Serve).map(|_| "it was opened");
    assert!(matches!(refused, Err(OpenError::Locked(_))), "{refused:?}");
    it.close();
    assert!(it.open_again(Purpose::Serve).is_ok(), "the lock goes with the process");
}

#[test]
fn another_may_look_beside_one_that_serves() {
    let it = fixture::sqlite();
    let beside = it.open_again(Purpose::Beside).unwrap();
    let batch =
        [driver::put_product("p1"), driver::set_stock("p1", 1), driver::place(&[("p1", 1)])];
    driver::run(&mut *it.writer(), &batch.map(Request::staff));
    let seen = it.wait(beside.reads().order(OrderNo(1))).unwrap();
    assert_eq!(seen, it.wait(it.reads().order(OrderNo(1))).unwrap());
    assert!(seen.is_some());
    let secret = it.wait(beside.secret("jwt", vec![1])).unwrap();
    assert_eq!(it.wait(it.store().secret("jwt", vec![2])), Ok(secret), "tokens are made beside");
}

#[test]
fn a_place_that_is_none_is_told() {
    let opened = fixture::wait(store::open("sqlite:/no/such/folder/orderd.db", Purpose::Serve));
    let opened = opened.map(|_| "it was opened");
    assert!(matches!(opened, Err(OpenError::Store(_))), "{opened:?}");
    for url in ["", "orders.db", "mysql://localhost", "memory:shared"] {
        let opened = fixture::wait(store::open(url, Purpose::Serve)).map(|_| "it was opened");
        assert!(matches!(opened, Err(OpenError::Url(_))), "{url}: {opened:?}");
    }
}
