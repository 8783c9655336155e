//! One order beside all its events, however long the log: the last word on what seemed wrong.

use domain::{Order, OrderNo, Recorded};
use serde_json::{Map, Value};
use store::{EventQuery, Reads, StoreError};

use super::{Difference, Found, PAGE, is_same, money};

/// An order that changes between two looks is looked at again; none changes so often.
const LOOKS_MAX: usize = 16;

pub(super) async fn check(
    reads: &dyn Reads,
    no: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    for _ in 0..LOOKS_MAX {
        let before = reads.order(no).await?;
        let folded = Order::fold(&events(reads, no, u64::MAX).await?);
        let stored = reads.order(no).await?;
        let version = |order: &Option<Order>| order.as_ref().map(|it| it.version);
        if version(&before) == version(&stored) {
            if let Some(stored) = &stored {
                money::check(stored, found);
            }
            match (stored, folded) {
                (None, _) => found.add(Difference::OrderMissing(no)),
                (Some(_), None) => found.add(Difference::OrderUnborn(no)),
                (Some(stored), Some(folded)) if !is_same(&stored, &folded) => {
                    let fields = differing(&stored, &folded);
                    found.add(Difference::OrderDiffers { order: no, fields });
                }
                (Some(_), Some(_)) => {}
            }
            return Ok(());
        }
    }
    Ok(())
}

/// An order's events up to and without a number of the log.
pub(super) async fn events(
    reads: &dyn Reads,
    no: OrderNo,
    until: u64,
) -> Result<Vec<Recorded>, StoreError> {
    let mut events: Vec<Recorded> = Vec::new();
    loop {
        let after = events.last().map_or(0, |it| it.seq);
        let query = EventQuery { after, limit: PAGE, order: Some(no), ..EventQuery::default() };
        let page = reads.events(query).await?.events;
        let is_last = page.is_empty() || page.iter().any(|it| it.seq >= until);
        events.extend(page.into_iter().filter(|it| it.seq < until));
        if is_last {
            return Ok(events);
        }
    }
}

/// The names of the fields in which two orders differ.
fn differing(one: &Order, other: &Order) -> Vec<String> {
    let fields = |order: &Order| match serde_json::to_value(order) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    };
    let (one, other) = (fields(one), fields(other));
    let mut names: Vec<String> = one.keys().chain(other.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| one.get(name) != other.get(name));
    names
}
