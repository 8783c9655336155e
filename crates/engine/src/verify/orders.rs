//! One order beside all its events, however long the log: the last word on what seemed wrong.

use domain::{Order, OrderNo};
use serde_json::{Map, Value};
use store::{Reads, StoreError};

use super::{Difference, Found, is_same, money, outside};
use crate::readers::history::{Until, events};

/// An order that changes between two looks is looked at again; none changes so often.
const LOOKS_MAX: usize = 16;

pub(super) async fn check(
    reads: &dyn Reads,
    no: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    for _ in 0..LOOKS_MAX {
        let before = reads.order(no).await?;
        let folded = Order::fold(&events(reads, no, Until::Seq(u64::MAX)).await?);
        let stored = reads.order(no).await?;
        let version = |order: &Option<Order>| order.as_ref().map(|it| it.version);
        if version(&before) == version(&stored) {
            if let Some(stored) = &stored {
                money::check(stored, found);
                outside::check_order(reads, stored, found).await?;
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
