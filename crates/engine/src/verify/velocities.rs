//! The rows by which new orders are counted: each order in one is there, was placed at that moment,
//! and is still known to be of that customer, address or e-mail address.

use domain::{
    OrderNo,
    review::{
        Suspect,
        velocity::{By, RecentOrder, VelocityKey},
    },
};
use store::{Reads, StoreError};

use super::{Difference, Found, PAGE};

pub(super) async fn check(reads: &dyn Reads, found: &mut Found) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = reads.velocities(after, PAGE).await?;
        for (key, row) in &page {
            for it in &row.orders {
                // Its person may have been erased between the two looks: it is in no row by now.
                if !belongs(reads, *key, it).await? && is_counted(reads, after, it.order).await? {
                    found.add(Difference::CountedWrongly(it.order));
                }
            }
            after = Some(*key);
        }
        if page.is_empty() {
            return Ok(());
        }
    }
}

async fn belongs(
    reads: &dyn Reads,
    key: VelocityKey,
    recent: &RecentOrder,
) -> Result<bool, StoreError> {
    let Some(order) = reads.order(recent.order).await? else { return Ok(false) };
    let suspect = Suspect::of(&order);
    let is_its_own = By::ALL.into_iter().any(|by| suspect.velocity_key(by) == Some(key));
    Ok(is_its_own && !order.person_erased && order.created_at == recent.at)
}

/// Whether the row after this key has the order still.
async fn is_counted(
    reads: &dyn Reads,
    after: Option<VelocityKey>,
    order: OrderNo,
) -> Result<bool, StoreError> {
    let rows = reads.velocities(after, 1).await?;
    Ok(rows.iter().flat_map(|(_, row)| &row.orders).any(|it| it.order == order))
}
