//! One pass over the log: numbers, moments, every order beside the fold of its events, and the
//! movements of the stock.
//!
//! Orders come in the order of their numbers, in the log and in the table, so both are read side by
//! side. A folded order is kept until it has as many events as the stored one says. Of those that
//! wait longest some are let go when there are many, and folded again should an event come.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use domain::{
    AdminEvent, Event, Order, OrderNo, Recorded,
    counter::{Counter, Counters},
};
use store::{EventQuery, Reads, StoreError};

use super::{
    Difference, Found, PAGE, is_same, money, numbers::Numbers, orders_after, outside,
    stock::Shelves,
};
use crate::readers::history::{Until, events};

/// Folded orders that are kept; an order takes a few kilobytes.
const OPEN_MAX: usize = 20_000;

pub(super) struct Log<'a> {
    reads: &'a dyn Reads,
    /// Up to where the log was read.
    counters: Counters,
    seq: u64,
    admin_seq: u64,
    orders_born: u64,
    numbers: Numbers,
    stored: Stored<'a>,
    open: BTreeMap<OrderNo, Open>,
    /// Orders that have to be looked at one by one.
    unsettled: BTreeSet<OrderNo>,
    pub(super) shelves: Shelves,
}

struct Open {
    folded: Order,
    stored: Option<Arc<Order>>,
}

impl<'a> Log<'a> {
    pub(super) fn new(reads: &'a dyn Reads) -> Log<'a> {
        Log {
            reads,
            counters: Counters::default(),
            seq: 0,
            admin_seq: 0,
            orders_born: 0,
            numbers: Numbers::default(),
            stored: Stored { reads, page: VecDeque::new(), last: OrderNo(0) },
            open: BTreeMap::new(),
            unsettled: BTreeSet::new(),
            shelves: Shelves::default(),
        }
    }

    /// Reads both logs on, to where the counters stand now.
    pub(super) async fn read_on(&mut self, found: &mut Found) -> Result<(), StoreError> {
        self.counters = self.reads.counters().await?;
        let end = self.counters.value(Counter::Event);
        while self.seq < end {
            let query = EventQuery { after: self.seq, limit: PAGE, ..EventQuery::default() };
            let page = self.reads.events(query).await?;
            let is_last = page.events.is_empty() || page.last_seq >= end;
            for it in page.events.iter().take_while(|it| it.seq <= end) {
                self.event(it, found).await?;
            }
            self.seq = page.last_seq.min(end);
            if is_last {
                break;
            }
        }
        self.seq = end;
        self.admin_log(found).await?;
        let last = OrderNo(self.counters.value(Counter::Order));
        self.stored.skip_to(last, &mut self.unsettled).await
    }

    /// The last order that both the log and the counter know of; one of them may be wrong.
    pub(super) fn last_order(&self) -> OrderNo {
        OrderNo(self.counters.value(Counter::Order).min(self.orders_born))
    }

    /// The last order, event and admin event that were looked at.
    pub(super) fn ends(&self) -> (OrderNo, u64, u64) {
        (OrderNo(self.counters.value(Counter::Order)), self.seq, self.admin_seq)
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn check_numbers(&self, found: &mut Found) {
        self.numbers.finish(&self.counters, found);
    }

    /// Orders for which the pass has not shown that they are what their events make of them.
    pub(super) fn unsettled(&self) -> BTreeSet<OrderNo> {
        self.unsettled.iter().chain(self.open.keys()).copied().collect()
    }

    async fn event(&mut self, it: &Recorded, found: &mut Found) -> Result<(), StoreError> {
        self.numbers.take(Counter::Event, it.seq, found);
        self.numbers.pass(Counter::Event, it.seq, it.at, found);
        if let Event::OrderConfirmed(confirmed) = &it.event {
            let invoice = &confirmed.invoice;
            self.numbers.take(Counter::Retrieval(it.store), confirmed.retrieval_no, found);
            self.numbers.take(Counter::Invoice(it.store, invoice.year), invoice.no, found);
        }
        if let Event::OrderCancelled(cancelled) = &it.event
            && let Some(note) = &cancelled.credit_note
        {
            self.numbers.take(Counter::CreditNote(it.store, note.year), note.no, found);
        }
        let Some(no) = it.order else {
            if !matches!(it.event, Event::StockLow(_)) {
                found.add(Difference::EventWithoutOrder { seq: it.seq });
            }
            return Ok(());
        };
        let open = match &it.event {
            Event::OrderCreated(created) => {
                self.numbers.take(Counter::Order, no.0, found);
                self.orders_born += 1;
                let folded = Order::created(no, it.store, it.at, created);
                let stored = self.stored.take(no, &mut self.unsettled).await?;
                self.shelves.reserve(&folded);
                Some(Open { folded, stored })
            }
            Event::OrderConfirmed(_)
            | Event::OrderPaid(_)
            | Event::OrderShipped(_)
            | Event::OrderDelivered(_)
            | Event::OrderCancelled(_)
            | Event::OrderReinstated(_)
            | Event::OrderRefunded(_)
            | Event::RefundCreated(_)
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
            | Event::ShipmentCreated(_)
            | Event::ShipmentUpdated(_)
            | Event::StockLow(_)
            | Event::OrderPersonErased(_) => self.evolved(no, it).await?,
        };
        self.keep(no, open, found).await
    }

    /// The order as a further event leaves it.
    async fn evolved(&mut self, no: OrderNo, it: &Recorded) -> Result<Option<Open>, StoreError> {
        let mut open = match self.open.remove(&no) {
            Some(open) => open,
            None => {
                let before = events(self.reads, no, Until::Seq(it.seq.saturating_sub(1))).await?;
                let Some(folded) = Order::fold(&before) else { return Ok(None) };
                Open { folded, stored: self.reads.order(no).await?.map(Arc::new) }
            }
        };
        self.shelves.move_by(&open.folded, &it.event);
        open.folded.evolve(it.at, &it.event);
        Ok(Some(open))
    }

    async fn keep(
        &mut self,
        no: OrderNo,
        open: Option<Open>,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let Some(open) = open else {
            self.unsettled.insert(no);
            return Ok(());
        };
        match &open.stored {
            Some(stored) if stored.version > open.folded.version => {
                self.open.insert(no, open);
            }
            Some(stored) if is_same(stored, &open.folded) => {
                money::check(stored, found);
                outside::check_order(self.reads, stored, found).await?;
                self.unsettled.remove(&no);
            }
            Some(_) | None => {
                self.unsettled.insert(no);
            }
        }
        if self.open.len() > OPEN_MAX
            && let Some((oldest, _)) = self.open.pop_first()
        {
            self.unsettled.insert(oldest);
        }
        Ok(())
    }

    async fn admin_log(&mut self, found: &mut Found) -> Result<(), StoreError> {
        let end = self.counters.value(Counter::AdminEvent);
        loop {
            let page = self.reads.admin_events(self.admin_seq, PAGE).await?;
            for it in page.iter().take_while(|it| it.seq <= end) {
                self.numbers.take(Counter::AdminEvent, it.seq, found);
                self.numbers.pass(Counter::AdminEvent, it.seq, it.at, found);
                if let AdminEvent::StockChanged(changed) = &it.event {
                    self.shelves.change(changed);
                }
            }
            match page.last() {
                Some(last) if last.seq < end => self.admin_seq = last.seq,
                Some(_) | None => break,
            }
        }
        self.admin_seq = end;
        Ok(())
    }
}

/// The table of orders, read along with the log.
struct Stored<'a> {
    reads: &'a dyn Reads,
    page: VecDeque<Arc<Order>>,
    last: OrderNo,
}

impl Stored<'_> {
    /// The order of this number. Those before it that nobody has asked for are strays.
    async fn take(
        &mut self,
        no: OrderNo,
        strays: &mut BTreeSet<OrderNo>,
    ) -> Result<Option<Arc<Order>>, StoreError> {
        loop {
            match self.page.front() {
                Some(first) if first.no > no => return Ok(None),
                Some(first) if first.no == no => return Ok(self.page.pop_front()),
                Some(first) => {
                    strays.insert(first.no);
                    self.page.pop_front();
                }
                None if self.last >= no => return Ok(None),
                None => {
                    let page = self.reads.orders(orders_after(self.last, PAGE)).await?;
                    self.page = page.orders.into();
                    self.last = self.page.back().map_or(no, |it| it.no);
                }
            }
        }
    }

    /// Passes over what is left up to a number.
    async fn skip_to(
        &mut self,
        no: OrderNo,
        strays: &mut BTreeSet<OrderNo>,
    ) -> Result<(), StoreError> {
        if let Some(order) = self.take(no, strays).await? {
            strays.insert(order.no);
        }
        Ok(())
    }
}
