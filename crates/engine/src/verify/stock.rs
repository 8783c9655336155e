//! Every shelf beside its movements. A shelf's version is the number of its movements, so it tells
//! how far the log must be read for the two to be compared.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Event, Order,
    counter::Counter,
    event::StockChanged,
    order::Line,
    stock::{Stock, StockKey},
};
use store::{Reads, StoreError};

use super::{Difference, Found, PAGE, log::Log};

/// Shelves that are looked at again together: few, so that little moves meanwhile.
const AGAIN_MAX: usize = 100;
const LOOKS_MAX: usize = 100;

pub(super) async fn check(
    reads: &dyn Reads,
    log: &mut Log<'_>,
    found: &mut Found,
) -> Result<(), StoreError> {
    log.read_on(found).await?;
    let mut suspects: BTreeSet<StockKey> = log.shelves.0.keys().cloned().collect();
    let mut after = None;
    loop {
        let page = reads.stock_after(after, PAGE).await?;
        for (key, stock) in &page {
            if stock.reserved < 0 || stock.on_hand < stock.reserved {
                let (shelf, found_there) = (key.clone(), *stock);
                found.add(Difference::StockImpossible { shelf, found: found_there });
            }
            if log.shelves.get(key) == *stock {
                suspects.remove(key);
            } else {
                suspects.insert(key.clone());
            }
        }
        after = page.into_iter().next_back().map(|(key, _)| key);
        if after.is_none() {
            break;
        }
    }
    let suspects: Vec<StockKey> = suspects.into_iter().collect();
    for some in suspects.chunks(AGAIN_MAX) {
        look_again(reads, log, some.to_vec(), found).await?;
    }
    Ok(())
}

/// Reads the shelves, then the log up to them, until both are at the same movement.
async fn look_again(
    reads: &dyn Reads,
    log: &mut Log<'_>,
    mut shelves: Vec<StockKey>,
    found: &mut Found,
) -> Result<(), StoreError> {
    for look in 1..=LOOKS_MAX {
        let before = reads.counters().await?;
        let mut rows = Vec::with_capacity(shelves.len());
        for shelf in shelves {
            let of_product = reads.stock(shelf.product.clone()).await?;
            let row = of_product.into_iter().find(|(key, _)| *key == shelf);
            rows.push((shelf, row.map(|(_, stock)| stock)));
        }
        log.read_on(found).await?;
        let is_still = [Counter::Event, Counter::AdminEvent]
            .iter()
            .all(|it| before.value(*it) == log.counters().value(*it));
        shelves = Vec::new();
        for (shelf, row) in rows {
            let expected = log.shelves.get(&shelf);
            if row.unwrap_or_default() == expected && row.is_some() {
                continue;
            }
            // The log was read after the row: it lacks none of the row's movements, and has more if
            // somebody wrote in between.
            let has_moved_on = row.map_or(0, |it| it.version) < expected.version;
            if has_moved_on && !is_still && look < LOOKS_MAX {
                shelves.push(shelf);
            } else {
                found.add(Difference::StockDiffers { shelf, found: row, expected });
            }
        }
        if shelves.is_empty() {
            break;
        }
    }
    Ok(())
}

/// What the movements in the log make of each shelf.
#[derive(Default)]
pub(super) struct Shelves(HashMap<StockKey, Stock>);

impl Shelves {
    fn get(&self, key: &StockKey) -> Stock {
        self.0.get(key).copied().unwrap_or_default()
    }

    pub(super) fn reserve(&mut self, order: &Order) {
        for line in &order.lines {
            self.step(line.stock_key(), 0, i64::from(line.quantity.get()));
        }
    }

    pub(super) fn change(&mut self, change: &StockChanged) {
        self.step(Some(change.stock.clone()), change.delta, 0);
    }

    /// What an event moves, given its order as it was before.
    pub(super) fn move_by(&mut self, order: &Order, event: &Event) {
        match event {
            Event::OrderCancelled(_) => {
                for line in &order.lines {
                    self.step(line.stock_key(), 0, -i64::from(line.open()));
                }
            }
            Event::ShipmentCreated(it) => {
                for item in &it.shipment.items {
                    let line = order.lines.iter().find(|line| line.no == item.line);
                    let quantity = i64::from(item.quantity.get());
                    self.step(line.and_then(Line::stock_key), -quantity, -quantity);
                }
            }
            Event::OrderReinstated(_) => {
                for line in &order.lines {
                    self.step(line.stock_key(), 0, i64::from(line.counts.cancelled));
                }
            }
            Event::RefundCreated(it) | Event::OrderRefunded(it) => {
                let is_new = order.refunds.iter().all(|known| known.id != it.refund.id);
                for item in it.refund.items.iter().filter(|_| is_new) {
                    let line = order.lines.iter().find(|line| line.no == item.line);
                    let (returned, cancelled) =
                        (i64::from(item.returned), i64::from(item.cancelled));
                    self.step(line.and_then(Line::stock_key), returned, -cancelled);
                }
            }
            Event::OrderCreated(_)
            | Event::OrderConfirmed(_)
            | Event::OrderPaid(_)
            | Event::OrderShipped(_)
            | Event::OrderDelivered(_)
            | Event::ShipmentUpdated(_)
            | Event::OrderHeld(_)
            | Event::OrderReleased(_)
            | Event::OrderReviewStarted(_)
            | Event::OrderReviewPassed(_)
            | Event::OrderReviewFailed(_)
            | Event::OrderMerchantUpdated(_)
            | Event::OrderVendorStatusChanged(_)
            | Event::OrderRefundFailed(_)
            | Event::PaymentCreated(_)
            | Event::PaymentProcessing(_)
            | Event::PaymentAuthorized(_)
            | Event::PaymentCaptured(_)
            | Event::PaymentFailed(_)
            | Event::PaymentCancelled(_)
            | Event::StockLow(_)
            | Event::OrderPersonErased(_) => {}
        }
    }

    fn step(&mut self, key: Option<StockKey>, on_hand: i64, reserved: i64) {
        let Some(key) = key else { return };
        let stock = self.0.entry(key).or_default();
        stock.on_hand = stock.on_hand.saturating_add(on_hand);
        stock.reserved = stock.reserved.saturating_add(reserved);
        stock.version += 1;
    }
}
