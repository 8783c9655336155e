//! Random runs against a plain list of every order that was ever committed.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use domain::{CustomerId, Keys, Order, OrderNo, order::Status};

use super::Pace;
use crate::{
    OrderFilter, OrderQuery, OrderSort, Reads,
    sqlite::trial::{Dice, End, Trial, id, order, wait},
};

const SMALL: Pace = Pace {
    segment: 1,
    filter_bits: 16,
    keys_slice: 1,
    feed: 48,
    orders_slice: 4,
    events_slice: 4,
    cached_rows: 4,
};

const POSITION: &str =
    "SELECT coalesce(max(position), 0) FROM projections WHERE name = 'orders_by_customer'";

const CUSTOMERS: [&str; 5] = ["ann", "bob", "Bob", "cid", "nobody"];

struct Run {
    trial: Trial,
    dice: Dice,
    orders: Vec<Order>,
    checked_while_feeding: u32,
}

impl Run {
    fn new(seed: u64) -> Run {
        let (trial, dice) = (Trial::new(SMALL), Dice(seed));
        Run { trial, dice, orders: Vec::new(), checked_while_feeding: 0 }
    }

    /// One customer in two is the first, one order in four is a guest's, and some of the orders
    /// that there are get another status.
    fn batch(&mut self, end: End, count: u64) {
        let mut changed = Vec::new();
        for _ in 0..self.dice.below(3) {
            if !self.orders.is_empty() {
                let mut order = self.dice.pick(&self.orders).clone();
                order.status = *self.dice.pick(&Status::ALL);
                changed.push(order);
            }
        }
        for _ in 0..count {
            let no = 1 + (self.orders.len() + changed.iter().filter(|it| self.is_new(it)).count());
            let customer = match self.dice.below(8) {
                0 | 1 => None,
                2 | 3 => Some(id(CUSTOMERS[1])),
                4 => Some(id(CUSTOMERS[2])),
                5 => Some(id(CUSTOMERS[3])),
                _ => Some(id(CUSTOMERS[0])),
            };
            changed.push(order(u64::try_from(no).unwrap(), customer));
        }
        let mut keys = Keys::default();
        keys.orders.extend(changed.iter().map(|it| it.no));
        self.trial.batch(end, &keys, |world| {
            for order in &changed {
                world.orders.put(order.no, order.clone());
            }
        });
        if end == End::Commit {
            for order in changed {
                match self.orders.get_mut(index(&order)) {
                    None => self.orders.push(order),
                    Some(known) => *known = order,
                }
            }
        }
    }

    fn is_new(&self, order: &Order) -> bool {
        index(order) >= self.orders.len()
    }

    fn check(&mut self, reads: &dyn Reads) {
        let position = self.trial.number(POSITION);
        let fed = "SELECT coalesce(max(no), 0) FROM orders_by_customer";
        if self.trial.number(fed) > position {
            self.checked_while_feeding += 1;
        }
        for customer in CUSTOMERS {
            let some = self.dice.roll();
            let statuses = Status::ALL.into_iter().enumerate();
            let statuses = statuses.filter(|(index, _)| some >> index & 1 == 1);
            let statuses = match self.dice.below(2) {
                0 => Vec::new(),
                _ => statuses.map(|(_, status)| status).collect(),
            };
            let customers = vec![id(customer)];
            let filter = OrderFilter { customers, statuses, ..OrderFilter::default() };
            let expected: Vec<&Order> =
                self.orders.iter().filter(|it| wants(&filter, it)).collect();
            let count = self.trial.wait(reads.count_orders(filter.clone()));
            assert_eq!(count, expected.len() as u64, "{filter:?}");
            let limit = u32::try_from(1 + self.dice.below(60)).unwrap();
            let found = self.walk(reads, &filter, OrderSort::OldestFirst, limit);
            assert!(found.iter().eq(expected.iter().copied()), "{filter:?}");
            let found = self.walk(reads, &filter, OrderSort::NewestFirst, limit);
            assert!(found.iter().eq(expected.iter().rev().copied()), "{filter:?}");
        }
    }

    /// All pages.
    fn walk(
        &self,
        reads: &dyn Reads,
        filter: &OrderFilter,
        sort: OrderSort,
        limit: u32,
    ) -> Vec<Order> {
        let mut found: Vec<Order> = Vec::new();
        let mut after = None;
        loop {
            let query =
                OrderQuery { filter: filter.clone(), sort, after, limit, with_persons: false };
            let page = self.trial.wait(reads.orders(query));
            assert!(page.orders.len() <= limit as usize);
            found.extend(page.orders.into_iter().map(Arc::unwrap_or_clone));
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    }
}

fn index(order: &Order) -> usize {
    usize::try_from(order.no.0).unwrap() - 1
}

fn wants(filter: &OrderFilter, order: &Order) -> bool {
    order.customer.as_ref() == filter.customers.first()
        && (filter.statuses.is_empty() || filter.statuses.contains(&order.status))
}

#[test]
fn a_customers_list_is_complete_at_every_point() {
    let mut run = Run::new(11);
    for batch in 0..300 {
        let end = run.dice.end();
        let most = *run.dice.pick(&[2, 8, 30]);
        let count = run.dice.below(most);
        run.batch(end, count);
        if run.dice.below(12) == 0 {
            run.trial.reopen();
        }
        if batch % 6 == 0 {
            let reads = run.trial.reads();
            run.check(&*reads);
        }
        if batch % 30 == 0 {
            let reads = run.trial.reads_beside();
            run.check(&*reads);
        }
    }
    assert!(run.orders.len() > 1000, "{}", run.orders.len());
    assert!(run.checked_while_feeding > 8, "{}", run.checked_while_feeding);
    // What a new process has to read is bounded.
    let last = run.trial.number("SELECT max(no) FROM orders");
    assert!(last - run.trial.number(POSITION) < 48 + 48 / 2 + 2 * 30);
}

/// What another process has opened stays true while the one that serves goes on.
#[test]
fn a_process_beside_sees_what_is_placed_later() {
    let mut run = Run::new(12);
    let reads = run.trial.reads_beside();
    for _ in 0..60 {
        run.batch(End::Commit, 5);
        run.check(&*reads);
    }
}

#[test]
fn guests_move_the_position_too() {
    let mut trial = Trial::new(SMALL);
    for no in 1..=500 {
        trial.batch(End::Commit, &Keys::default(), |world| {
            world.orders.put(OrderNo(no), order(no, None));
        });
    }
    assert!(trial.number(POSITION) > 400);
}

#[test]
fn a_reader_misses_nothing_that_was_acknowledged() {
    let mut trial = Trial::new(SMALL);
    let told: Mutex<Vec<Vec<OrderNo>>> = Mutex::new(vec![Vec::new(); CUSTOMERS.len()]);
    let is_done = AtomicBool::new(false);
    let looks = AtomicUsize::new(0);
    thread::scope(|scope| {
        for seed in 1..=3 {
            let reads = trial.reads();
            let (told, is_done, looks) = (&told, &is_done, &looks);
            scope.spawn(move || {
                let mut dice = Dice(seed);
                while !is_done.load(Ordering::Relaxed) {
                    look(&*reads, told, &mut dice);
                    looks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut dice = Dice(4);
        let mut last = 0;
        while last < 1200 || looks.load(Ordering::Relaxed) < 100 {
            let news: Vec<(u64, usize)> = (1..=1 + dice.below(8))
                .map(|it| (last + it, usize::try_from(dice.below(4)).unwrap()))
                .collect();
            trial.batch(End::Commit, &Keys::default(), |world| {
                for (no, customer) in &news {
                    let customer = Some(id(CUSTOMERS[*customer]));
                    world.orders.put(OrderNo(*no), order(*no, customer));
                }
            });
            last += news.len() as u64;
            let mut told = told.lock().unwrap();
            for (no, customer) in news {
                told[customer].push(OrderNo(no));
            }
        }
        is_done.store(true, Ordering::Relaxed);
    });
}

fn look(reads: &dyn Reads, told: &Mutex<Vec<Vec<OrderNo>>>, dice: &mut Dice) {
    let customer = usize::try_from(dice.below(4)).unwrap();
    let known = told.lock().unwrap()[customer].clone();
    let named: CustomerId = id(CUSTOMERS[customer]);
    let filter = OrderFilter { customers: vec![named], ..OrderFilter::default() };
    let (sort, limit) = (OrderSort::NewestFirst, 100_000);
    let query =
        OrderQuery { filter: filter.clone(), sort, after: None, limit, with_persons: false };
    let found: Vec<OrderNo> =
        wait(reads.orders(query)).unwrap().orders.into_iter().map(|it| it.no).collect();
    assert!(found.is_sorted_by(|one, next| one > next), "each is there once, in order");
    let found: BTreeSet<OrderNo> = found.into_iter().collect();
    for no in &known {
        assert!(found.contains(no), "{no} was acknowledged and is not listed");
    }
    assert!(wait(reads.count_orders(filter)).unwrap() >= found.len() as u64);
}
