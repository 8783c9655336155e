//! Checks the books: the log, the orders, the stock and the numbers must tell the same story.
//!
//! The log is read once, in pages, and everything else is held against it. Others may write
//! meanwhile. So the counters are read first and bound what is looked at, and what seems wrong is
//! looked at again before it is told: an order beside all its events, a shelf when the log has been
//! read up to the very movement that the shelf knows of.

mod difference;
mod lists;
mod log;
mod money;
mod numbers;
mod orders;
mod outside;
mod stock;
mod velocities;

use domain::{Order, OrderNo, counter::Counter};
use store::{EventQuery, OrderFilter, OrderQuery, OrderSort, Reads, StoreError};

pub use difference::Difference;

use self::log::Log;

/// Rows that are read at once.
const PAGE: u32 = 500;

/// Differences that are told; of more, only how many there are.
const DIFFERENCES_MAX: usize = 10_000;

/// Everything that is wrong with a database; nothing, if it is healthy.
pub async fn differences(reads: &dyn Reads) -> Result<Vec<Difference>, StoreError> {
    let mut found = Found::default();
    let mut log = Log::new(reads);
    log.read_on(&mut found).await?;
    stock::check(reads, &mut log, &mut found).await?;
    outside::check_effects(reads, &mut found).await?;
    lists::check(reads, log.last_order(), &mut found).await?;
    velocities::check(reads, &mut found).await?;
    for no in log.unsettled() {
        orders::check(reads, no, &mut found).await?;
    }
    log.check_numbers(&mut found);
    check_ends(reads, &log, &mut found).await?;
    Ok(found.finish())
}

/// What lies behind the last numbers may only be what was written meanwhile.
async fn check_ends(reads: &dyn Reads, log: &Log<'_>, found: &mut Found) -> Result<(), StoreError> {
    let (order, event, admin_event) = log.ends();
    let events = EventQuery { after: event, limit: 1, ..EventQuery::default() };
    let events = reads.events(events).await?.events;
    let orders = reads.orders(orders_after(order, 1)).await?.orders;
    let admin_events = reads.admin_events(admin_event, 1).await?;
    let now = reads.counters().await?;
    for (counter, number) in [
        (Counter::Order, orders.first().map(|it| it.no.0)),
        (Counter::Event, events.first().map(|it| it.seq)),
        (Counter::AdminEvent, admin_events.first().map(|it| it.seq)),
    ] {
        if let Some(number) = number.filter(|it| *it > now.value(counter)) {
            found.add(Difference::BeyondCounter { counter, number });
        }
    }
    Ok(())
}

fn orders_after(after: OrderNo, limit: u32) -> OrderQuery {
    first(OrderFilter::default(), after, limit)
}

fn first(filter: OrderFilter, after: OrderNo, limit: u32) -> OrderQuery {
    let (sort, after) = (OrderSort::OldestFirst, Some(after.into()));
    OrderQuery { filter, sort, after, limit, with_persons: false }
}

/// Equal but for the person, who is kept elsewhere and may be erased. A release that did not know
/// of `status_since` has not written it.
fn is_same(stored: &Order, folded: &Order) -> bool {
    let status_since = stored.status_since.or(folded.status_since);
    if stored.person.is_none() && folded.person.is_none() && stored.status_since == status_since {
        return stored == folded;
    }
    let nameless = |order: &Order| Order { person: None, status_since, ..order.clone() };
    nameless(stored) == nameless(folded) && folded.status_since == status_since
}

#[derive(Default)]
struct Found {
    differences: Vec<Difference>,
    untold: u64,
}

impl Found {
    fn add(&mut self, difference: Difference) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(difference);
        } else {
            self.untold += 1;
        }
    }

    fn finish(mut self) -> Vec<Difference> {
        if self.untold > 0 {
            self.differences.push(Difference::More(self.untold));
        }
        self.differences
    }
}
