//! Two writers on one store, and a reader that must not miss what either of them does.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use domain::{Moment, StoreId, counter::Counter};
use store::{EventQuery, OrderFilter, OrderQuery, OrderSort, Writer};

use crate::{
    driver::{self, Reply, Request},
    fixture::{self, Fixture},
    samples::{NOON, shelf},
};

const WRITERS: usize = 2;
const BATCHES: usize = 25;

pub(crate) fn two_writers_and_a_reader(it: &Fixture) {
    let stocked = [driver::put_product("hot"), driver::set_stock("hot", 100)].map(Request::staff);
    driver::run(&mut *it.writer(), &stocked);
    let writing = AtomicUsize::new(WRITERS);
    let (accepted, seen) = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (mut writer, writing) = (it.writer(), &writing);
                scope.spawn(move || {
                    let _done = Done(writing);
                    place_many(&mut *writer, number)
                })
            })
            .collect();
        let reader = scope.spawn(|| follow(it, &writing));
        let accepted: usize = writers.into_iter().map(|it| it.join().unwrap()).sum();
        (accepted, reader.join().unwrap())
    });
    assert_eq!(accepted, 100, "each unit was sold once");

    let counters = it.wait(it.reads().counters()).unwrap();
    let all = EventQuery { limit: 10_000, ..EventQuery::default() };
    let log = it.wait(it.reads().events(all)).unwrap().events;
    let seqs: Vec<u64> = log.iter().map(|it| it.seq).collect();
    assert_eq!(seqs, (1..=counters.value(Counter::Event)).collect::<Vec<_>>(), "no gap");
    assert!(log.is_sorted_by_key(|it| it.at), "time never runs backwards");
    let born: Vec<_> = log
        .iter()
        .filter(|it| it.event.kind() == "order.created")
        .map(|it| it.order.unwrap().0)
        .collect();
    assert_eq!(born, (1..=100).collect::<Vec<u64>>(), "numbers rise in the order of commit");
    assert_eq!(seen, seqs, "the reader has missed nothing and seen nothing twice");

    let filter = OrderFilter::default();
    let sort = OrderSort::OldestFirst;
    let query = OrderQuery { filter, sort, after: None, limit: 1000, with_persons: false };
    let orders = it.wait(it.reads().orders(query)).unwrap().orders;
    let retrievals: BTreeSet<_> = orders.iter().filter_map(|it| it.retrieval_no).collect();
    assert_eq!(retrievals, (1..=100).collect(), "retrieval numbers have no gap");
    assert_eq!(counters.value(Counter::Retrieval(StoreId::FIRST)), 100);
    let stock = it.wait(it.reads().stock_after(None, 10)).unwrap();
    assert_eq!(stock[0].0, shelf("hot", None));
    assert_eq!((stock[0].1.on_hand, stock[0].1.reserved), (100, 100));
}

#[test]
fn only_a_server_of_its_own_is_shared_with_other_processes() {
    let shared = [fixture::memory(), fixture::sqlite(), fixture::postgres()];
    assert_eq!(shared.map(|it| it.store().is_shared()), [false, false, true]);
}

/// More than there is for sale, in batches of changing sizes, by a clock that jumps.
fn place_many(writer: &mut dyn Writer, number: usize) -> usize {
    let mut accepted = 0;
    for round in 0..BATCHES {
        let ahead = i64::try_from((round * 7 + number * 13) % 20).unwrap();
        let clock = Moment(NOON + ahead);
        let request = Request { clock, ..Request::staff(driver::place(&[("hot", 1)])) };
        let batch = vec![request; round % 5 + 1];
        let replies = driver::run(writer, &batch);
        accepted += replies.iter().filter(|it| matches!(it, Reply::Done(_))).count();
    }
    accepted
}

/// Polls for what is new, until the writers are done and nothing is left.
fn follow(it: &Fixture, writing: &AtomicUsize) -> Vec<u64> {
    let reads = it.reads();
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        // Looked at before the page: what is committed later is found by the next one.
        let last_look = writing.load(Ordering::SeqCst) == 0;
        let query = EventQuery { after, limit: 3, ..EventQuery::default() };
        let page = it.wait(reads.events(query)).unwrap();
        seen.extend(page.events.iter().map(|it| it.seq));
        after = page.last_seq;
        if last_look && page.events.is_empty() {
            return seen;
        }
    }
}

/// A writer that ends, in whatever way.
struct Done<'a>(&'a AtomicUsize);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
