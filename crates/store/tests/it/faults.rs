//! The faults that a simulation asks of the memory store are those that a caller would see.

use domain::{Keys, World};
use store::{
    Next, Store, StoreError,
    memory::{Fault, Memory},
};

use crate::{
    fixture,
    samples::{id, keys, product},
};

#[test]
fn a_commit_fails_as_it_was_planned() {
    let (memory, faults) = Memory::with_faults();
    let mut writer = memory.writer().unwrap();
    let mut put = |name: &str| {
        let mut step = |world: &mut World| {
            world.products.put(id(name), product(name));
            Next::Write
        };
        writer.run_batch(&keys(|keys| _ = keys.products.insert(id(name))), &mut step)
    };
    faults.plan(Some(Fault::BeforeCommit));
    faults.plan(None);
    faults.plan(Some(Fault::AfterCommit));
    assert!(matches!(put("before"), Err(StoreError::Unavailable(_))));
    assert_eq!(put("undisturbed"), Ok(()));
    assert!(matches!(put("after"), Err(StoreError::Unavailable(_))));
    assert_eq!(put("later"), Ok(()));
    let there = |name| fixture::wait(memory.reads().product(id(name))).unwrap().is_some();
    assert!(!there("before"), "nothing was written");
    assert!(there("undisturbed"));
    assert!(there("after"), "it was written, and only the answer was lost");
    assert!(there("later"));
}

#[test]
fn a_batch_without_a_commit_meets_no_fault() {
    let (memory, faults) = Memory::with_faults();
    let mut writer = memory.writer().unwrap();
    faults.plan(Some(Fault::BeforeCommit));
    assert_eq!(writer.run_batch(&Keys::default(), &mut |_| Next::Abandon), Ok(()));
    let ended = writer.run_batch(&Keys::default(), &mut |_| Next::Write);
    assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{ended:?}");
}
