//! A few seeds of the simulation; `simulate` lives through more. CONTRIBUTING.md says how.

use std::num::NonZeroUsize;

use testkit::simulation::{run, run_all};

const SEEDS: u64 = 200;
const COMMANDS: u64 = 150;
const LAST_STEPS: usize = 40;

/// What a simulation of anything must have seen happen.
const HAPPENED: [&str; 30] = [
    "crash",
    "failed commit",
    "late request",
    "nothing to pay any more",
    "order.cancelled",
    "order.confirmed",
    "order.created",
    "order.delivered",
    "order.held",
    "order.paid",
    "order.refunded",
    "order.reinstated",
    "order.released",
    "order.review_failed",
    "order.review_passed",
    "order.review_started",
    "order.shipped",
    "payment by hand",
    "payment not initialized",
    "payment.authorized",
    "payment.cancelled",
    "payment.captured",
    "payment.created",
    "payment.failed",
    "payment.processing",
    "refund.created",
    "refused",
    "replayed",
    "shipment.created",
    "stock.low",
];

#[test]
fn all_is_well_in_the_end_whatever_happens() {
    let at_once = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    match run_all(0..SEEDS, COMMANDS, LAST_STEPS, at_once) {
        Ok(tally) => {
            let missing: Vec<_> =
                HAPPENED.iter().filter(|it| !tally.happened.contains_key(**it)).collect();
            assert!(missing.is_empty(), "never happened: {missing:?}, only {tally:?}");
        }
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn a_seed_has_one_life() {
    let life = || run(4711, COMMANDS, LAST_STEPS).unwrap();
    assert_eq!(life(), life());
}
