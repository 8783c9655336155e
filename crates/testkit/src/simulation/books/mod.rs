//! A second set of books, kept from the log alone. After each batch the new events are folded, and
//! what the store holds of the orders and shelves that they touched must be what they tell.
//!
//! Nothing here asks how the domain has decided: numbers, stock and money are counted anew.

pub(super) mod order;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AdminEvent, Event, Moment, Order, OrderNo, Recorded,
    counter::Counter,
    order::{Line, Status},
    stock::{Stock, StockKey},
};
use store::{EventQuery, Reads};

use super::{provider::Ledger, read};

/// What is wrong, in words for whoever mends it.
pub(super) type Broken = String;

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) orders: BTreeMap<OrderNo, Order>,
    shelves: BTreeMap<StockKey, Stock>,
    /// The last number of each run.
    numbers: BTreeMap<Counter, u64>,
    moment: Moment,
    /// The orders that a request has placed, however often it was made.
    placed: BTreeMap<String, Vec<OrderNo>>,
    /// How often each kind of event was written.
    pub(super) kinds: BTreeMap<&'static str, u64>,
}

/// What the events of a batch were about.
#[derive(Default)]
struct Touched {
    orders: BTreeSet<OrderNo>,
    shelves: BTreeSet<StockKey>,
}

/// More than any batch writes.
const EVENTS_MAX: u32 = 10_000;

impl Books {
    /// Reads what was written since the last time, and holds the store against it.
    pub(super) fn follow(&mut self, reads: &dyn Reads, ledger: &Ledger) -> Result<(), Broken> {
        let mut touched = Touched::default();
        let after = self.last(Counter::Event);
        let query = EventQuery { after, limit: EVENTS_MAX, ..EventQuery::default() };
        for event in read(reads.events(query))?.events {
            self.fold(&event, &mut touched).map_err(|why| {
                format!("event {} ({}) at {}: {why}", event.seq, event.event.kind(), event.at)
            })?;
        }
        let after = self.last(Counter::AdminEvent);
        for logged in read(reads.admin_events(after, EVENTS_MAX))? {
            self.number(Counter::AdminEvent, logged.seq)?;
            self.pass(logged.at)?;
            if let AdminEvent::StockChanged(it) = logged.event {
                self.shelf(&it.stock, &mut touched).on_hand += it.delta;
            }
        }
        for no in &touched.orders {
            self.check_order(reads, *no, ledger).map_err(|why| format!("{no}: {why}"))?;
        }
        self.check_shelves(reads, &touched.shelves)
    }

    fn fold(&mut self, recorded: &Recorded, touched: &mut Touched) -> Result<(), Broken> {
        self.number(Counter::Event, recorded.seq)?;
        self.pass(recorded.at)?;
        *self.kinds.entry(recorded.event.kind()).or_default() += 1;
        let Some(no) = recorded.order else { return Ok(()) };
        touched.orders.insert(no);
        if let Event::OrderCreated(created) = &recorded.event {
            self.number(Counter::Order, no.0)?;
            self.place(no, &recorded.request_id)?;
            let order = Order::created(no, recorded.store, recorded.at, created);
            self.move_stock(&[], &order.lines, touched);
            self.orders.insert(no, order);
            return Ok(());
        }
        let Some(mut order) = self.orders.remove(&no) else {
            return Err(format!("{no} was never created"));
        };
        let before = order::Before::of(&order);
        let lines = order.lines.clone();
        order.evolve(recorded.at, &recorded.event);
        before.check(&order, recorded)?;
        match &recorded.event {
            Event::OrderConfirmed(it) => {
                let (store, year) = (order.store, it.invoice.year);
                self.number(Counter::Retrieval(store), it.retrieval_no)?;
                self.number(Counter::Invoice(store, year), it.invoice.no)?;
            }
            Event::OrderCancelled(it) => {
                if let Some(note) = &it.credit_note {
                    self.number(Counter::CreditNote(order.store, note.year), note.no)?;
                }
            }
            Event::OrderCreated(_)
            | Event::OrderPaid(_)
            | Event::OrderShipped(_)
            | Event::OrderDelivered(_)
            | Event::OrderReinstated(_)
            | Event::OrderHeld(_)
            | Event::OrderReleased(_)
            | Event::OrderReviewStarted(_)
            | Event::OrderReviewPassed(_)
            | Event::OrderReviewFailed(_)
            | Event::OrderMerchantUpdated(_)
            | Event::OrderVendorStatusChanged(_)
            | Event::OrderRefunded(_)
            | Event::OrderRefundFailed(_)
            | Event::RefundCreated(_)
            | Event::PaymentCreated(_)
            | Event::PaymentProcessing(_)
            | Event::PaymentAuthorized(_)
            | Event::PaymentCaptured(_)
            | Event::PaymentFailed(_)
            | Event::PaymentCancelled(_)
            | Event::ShipmentCreated(_)
            | Event::ShipmentUpdated(_)
            | Event::StockLow(_)
            | Event::OrderPersonErased(_) => {}
        }
        self.move_stock(&lines, &order.lines, touched);
        self.orders.insert(no, order);
        Ok(())
    }

    /// A request has one order. It gets another only if what became of the first was a failure.
    fn place(&mut self, no: OrderNo, request_id: &str) -> Result<(), Broken> {
        let placed = self.placed.entry(request_id.into()).or_default();
        for other in &*placed {
            if self.orders.get(other).is_some_and(|it| it.status != Status::Cancelled) {
                return Err(format!("{request_id} has {other} already"));
            }
        }
        placed.push(no);
        Ok(())
    }

    /// What a line holds is reserved; what was shipped has left; what came back lies there again.
    fn move_stock(&mut self, before: &[Line], after: &[Line], touched: &mut Touched) {
        for (place, line) in after.iter().enumerate() {
            let Some(key) = line.stock_key() else { continue };
            let (open, counts) = match before.get(place) {
                Some(before) => (before.open(), before.counts),
                None => (0, domain::order::Counts::default()),
            };
            let reserved = i64::from(line.open()) - i64::from(open);
            let on_hand = i64::from(counts.shipped) - i64::from(line.counts.shipped)
                + i64::from(line.counts.returned)
                - i64::from(counts.returned);
            if reserved != 0 || on_hand != 0 {
                let shelf = self.shelf(&key, touched);
                shelf.reserved += reserved;
                shelf.on_hand += on_hand;
            }
        }
    }

    fn shelf(&mut self, key: &StockKey, touched: &mut Touched) -> &mut Stock {
        touched.shelves.insert(key.clone());
        self.shelves.entry(key.clone()).or_default()
    }

    /// The next number of a run: none is left out, none comes twice.
    fn number(&mut self, counter: Counter, number: u64) -> Result<(), Broken> {
        let last = self.numbers.entry(counter).or_default();
        if number != *last + 1 {
            return Err(format!("{counter} goes from {last} to {number}"));
        }
        *last = number;
        Ok(())
    }

    fn last(&self, counter: Counter) -> u64 {
        self.numbers.get(&counter).copied().unwrap_or(0)
    }

    fn pass(&mut self, at: Moment) -> Result<(), Broken> {
        // The two logs are read one after the other: within a batch they share moments.
        if at < self.moment {
            return Err(format!("time runs back from {} to {at}", self.moment));
        }
        self.moment = at;
        Ok(())
    }

    fn check_order(&self, reads: &dyn Reads, no: OrderNo, ledger: &Ledger) -> Result<(), Broken> {
        let stored = read(reads.order(no))?.ok_or("the store has no such order")?;
        let told = self.orders.get(&no).ok_or("no event tells of it")?;
        let stored = Order { person: None, ..stored };
        if stored != *told {
            return Err(format!("the store has {stored:?}, the events tell {told:?}"));
        }
        order::check(told)?;
        order::check_claims(told, ledger)
    }

    fn check_shelves(&self, reads: &dyn Reads, keys: &BTreeSet<StockKey>) -> Result<(), Broken> {
        for key in keys {
            let stored = read(reads.stock(key.product.clone()))?;
            let stored = stored.into_iter().find(|(found, _)| found == key);
            let stored = stored.map(|(_, stock)| stock).unwrap_or_default();
            let told = self.shelves.get(key).copied().unwrap_or_default();
            if (stored.on_hand, stored.reserved) != (told.on_hand, told.reserved) {
                return Err(format!("{key:?}: the store has {stored:?}, the log tells {told:?}"));
            }
            if stored.reserved < 0 || stored.on_hand < stored.reserved {
                return Err(format!("{key:?} can't be: {stored:?}"));
            }
        }
        Ok(())
    }

    /// Every order and shelf, once nothing moves any more.
    pub(super) fn check_all(&self, reads: &dyn Reads, ledger: &Ledger) -> Result<(), Broken> {
        for no in self.orders.keys() {
            self.check_order(reads, *no, ledger).map_err(|why| format!("{no}: {why}"))?;
        }
        self.check_shelves(reads, &self.shelves.keys().cloned().collect())
    }
}
