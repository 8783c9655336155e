//! Every order where a search must find it: in the lists of its state, of its customer and by its
//! last change, by its retrieval number, and by what the indexes that are fed later have of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use domain::{
    Order, OrderNo,
    order::{PaymentStatus, ReviewStatus, ShippingStatus, Status},
};
use futures_util::future::{try_join, try_join_all};
use store::{
    Columns, Entries, EventQuery, OrderFilter, OrderQuery, OrderSort, Position, Reads, Segment,
    StoreError,
};

use super::{Difference, Found, PAGE, first};
use crate::readers::history::{self, Until};

/// An order that changes between two looks is looked at again; none changes so often.
const LOOKS_MAX: usize = 16;

/// A list may learn of an order a moment after the order can be seen: it is whole once the order is
/// acknowledged. So what is missing is looked for again, after this.
const MOMENT: Duration = Duration::from_millis(250);

pub(super) async fn check(
    reads: &dyn Reads,
    last: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    let mut listed = Numbers::up_to(last);
    for filter in every_state() {
        let mut query = first(filter, OrderNo(0), PAGE);
        while query.after.is_some_and(|it| it.no < last) {
            let page = reads.orders(query.clone()).await?;
            page.orders.iter().for_each(|it| listed.insert(it.no));
            check_other_ways(reads, page.orders, found).await?;
            query.after = page.next;
        }
    }
    // An order that moved from a list not read yet to one already read is in neither.
    for no in listed.missing() {
        check_by_state(reads, no, found).await?;
    }
    check_by_change(reads, last, found).await?;
    for number in 0..=Segment::of(last) {
        check_segment(reads, number, last, found).await?;
    }
    Ok(())
}

/// A filter for each state in which an order can be.
fn every_state() -> impl Iterator<Item = OrderFilter> {
    let of_payments = PaymentStatus::ALL.into_iter();
    let payments = move |status| of_payments.clone().map(move |payment| (status, payment));
    let pairs = Status::ALL.into_iter().flat_map(payments);
    pairs.flat_map(|(status, payment_status)| {
        ShippingStatus::ALL.into_iter().flat_map(move |shipping_status| {
            ReviewStatus::ALL.into_iter().flat_map(move |review_status| {
                [false, true].into_iter().map(move |on_hold| OrderFilter {
                    statuses: vec![status],
                    payment_statuses: vec![payment_status],
                    shipping_statuses: vec![shipping_status],
                    review_statuses: vec![review_status],
                    on_hold: Some(on_hold),
                    ..OrderFilter::default()
                })
            })
        })
    })
}

/// Customer and retrieval number never change, so one late look tells.
async fn check_other_ways(
    reads: &dyn Reads,
    orders: Vec<Arc<Order>>,
    found: &mut Found,
) -> Result<(), StoreError> {
    let ways = try_join_all(orders.iter().map(|it| is_found_other_ways(reads, it))).await?;
    let missing = orders.into_iter().zip(ways).filter(|(_, found)| *found != (true, true));
    let missing: Vec<_> = missing.map(|(order, _)| order).collect();
    if missing.is_empty() {
        return Ok(());
    }
    tokio::time::sleep(MOMENT).await;
    for order in missing {
        let (by_customer, by_retrieval) = is_found_other_ways(reads, &order).await?;
        if !by_customer {
            found.add(Difference::NotListedByCustomer(order.no));
        }
        if !by_retrieval {
            found.add(Difference::NotFoundByRetrieval(order.no));
        }
    }
    Ok(())
}

async fn is_found_other_ways(reads: &dyn Reads, order: &Order) -> Result<(bool, bool), StoreError> {
    try_join(is_listed_by_customer(reads, order), is_found_by_retrieval(reads, order)).await
}

async fn is_listed_by_customer(reads: &dyn Reads, order: &Order) -> Result<bool, StoreError> {
    if order.customer.is_none() {
        return Ok(true);
    }
    let customers = order.customer.iter().cloned().collect();
    let query = first(OrderFilter { customers, ..OrderFilter::default() }, previous(order.no), 1);
    Ok(reads.orders(query).await?.orders.first().is_some_and(|it| it.no == order.no))
}

async fn is_found_by_retrieval(reads: &dyn Reads, order: &Order) -> Result<bool, StoreError> {
    let Some(id) = order.retrieval_id() else { return Ok(true) };
    Ok(reads.order_by_retrieval(id).await? == Some(order.no))
}

async fn check_by_state(
    reads: &dyn Reads,
    no: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    for _ in 0..LOOKS_MAX {
        let Some(order) = reads.order(no).await? else { return Ok(()) };
        let listed = reads.orders(first(state_of(&order), previous(no), 1)).await?.orders;
        if listed.first().is_some_and(|it| it.no == no) {
            return check_other_ways(reads, vec![order.into()], found).await;
        }
        let now = reads.order(no).await?;
        if now.is_some_and(|it| it.version == order.version) {
            found.add(Difference::NotListedByStatus { order: no, status: order.status });
            return check_other_ways(reads, vec![order.into()], found).await;
        }
    }
    Ok(())
}

fn state_of(order: &Order) -> OrderFilter {
    OrderFilter {
        statuses: vec![order.status],
        payment_statuses: vec![order.payment_status()],
        shipping_statuses: vec![order.shipping_status],
        review_statuses: vec![order.review_status],
        on_hold: Some(order.on_hold),
        stores: vec![order.store],
        ..OrderFilter::default()
    }
}

/// An order that changes meanwhile comes again later in that list, so none is passed over. Where
/// two stand in the wrong order, one of them is not where it belongs.
async fn check_by_change(
    reads: &dyn Reads,
    last: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    let mut listed = Numbers::up_to(last);
    let mut suspects = BTreeSet::new();
    let mut before: Option<Position> = None;
    let mut after = None;
    loop {
        let page = reads.orders(by_change(after, PAGE)).await?;
        for order in &page.orders {
            listed.insert(order.no);
            let place = Position::of(order, OrderSort::OldestChangeFirst);
            if let Some(before) = before.filter(|it| *it > place) {
                suspects.extend([before.no, place.no]);
            }
            before = Some(place);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    suspects.extend(listed.missing());
    for no in suspects {
        let Some(order) = reads.order(no).await? else { continue };
        let just_before = Position { value: order.updated_at.0, no: previous(no) };
        let listed = reads.orders(by_change(Some(just_before), 1)).await?.orders;
        let now = reads.order(no).await?;
        if listed.first().is_none_or(|it| it.no != no)
            && now.is_some_and(|it| it.version == order.version)
        {
            found.add(Difference::NotListedByChange(no));
        }
    }
    Ok(())
}

fn by_change(after: Option<Position>, limit: u32) -> OrderQuery {
    let (filter, sort) = (OrderFilter::default(), OrderSort::OldestChangeFirst);
    OrderQuery { filter, sort, after, limit, with_persons: false }
}

/// What the indexes have of a run of orders beside what they should have, made anew.
async fn check_segment(
    reads: &dyn Reads,
    number: u64,
    last: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    let mut segment = reads.segment(number).await?;
    let (from, to) = Segment::orders(number).into_inner();
    let mut query = first(OrderFilter::default(), previous(from), PAGE);
    query.filter.up_to = Some(to.min(last));
    query.with_persons = true;
    loop {
        let page = reads.orders(query.clone()).await?;
        for order in &page.orders {
            if order.person_erased && order.person.is_some() {
                found.add(Difference::PersonNotErased(order.no));
            }
            let entries = segment.entries.remove(&order.no).unwrap_or_default();
            if entries != Entries::of(order) && differs(reads, order.no).await? {
                found.add(Difference::EntriesDiffer(order.no));
            }
        }
        check_columns(reads, &page.orders, found).await?;
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    // What is left is of an order that came later, that is missing, or of none.
    for no in segment.entries.into_keys() {
        let one = EventQuery { limit: 1, order: Some(no), ..EventQuery::default() };
        if reads.order(no).await?.is_none() && reads.events(one).await?.events.is_empty() {
            found.add(Difference::EntriesDiffer(no));
        }
    }
    Ok(())
}

/// The rows of a page of orders beside their documents.
async fn check_columns(
    reads: &dyn Reads,
    orders: &[Arc<Order>],
    found: &mut Found,
) -> Result<(), StoreError> {
    let Some(first) = orders.first() else { return Ok(()) };
    let rows = reads.columns(previous(first.no), PAGE).await?;
    let rows: BTreeMap<OrderNo, Columns> = rows.into_iter().map(|it| (it.no, it)).collect();
    for order in orders {
        if rows.get(&order.no).is_some_and(|it| it.differing(order).is_empty()) {
            continue;
        }
        let columns = differing_columns(reads, order.no).await?;
        if !columns.is_empty() {
            found.add(Difference::ColumnsDiffer { order: order.no, columns });
        }
    }
    Ok(())
}

/// Looks again: the order may have changed between two reads.
async fn differing_columns(
    reads: &dyn Reads,
    no: OrderNo,
) -> Result<Vec<&'static str>, StoreError> {
    for _ in 0..LOOKS_MAX {
        let before = reads.order(no).await?;
        let row = reads.columns(previous(no), 1).await?;
        let order = reads.order(no).await?;
        let (Some(row), Some(order)) = (row.first().filter(|it| it.no == no), &order) else {
            break;
        };
        if before.as_ref() == Some(order) {
            return Ok(row.differing(order));
        }
    }
    Ok(Vec::new())
}

/// Looks again: the order may have changed between two reads, and what happened to it since the
/// indexes were fed is not in them yet.
async fn differs(reads: &dyn Reads, no: OrderNo) -> Result<bool, StoreError> {
    for _ in 0..LOOKS_MAX {
        let Some(before) = reads.order(no).await? else { return Ok(false) };
        let segment = reads.segment(Segment::of(no)).await?;
        let newer = EventQuery {
            after: segment.as_of_seq,
            limit: 1,
            order: Some(no),
            ..EventQuery::default()
        };
        if !reads.events(newer).await?.events.is_empty() {
            return Ok(false);
        }
        let Some(order) = reads.order(no).await? else { return Ok(false) };
        if order == before {
            let entries = segment.entries.get(&no).cloned().unwrap_or_default();
            return Ok(entries != Entries::of(&order) && !is_kept(reads, &order, &entries).await?);
        }
    }
    Ok(false)
}

/// Whether there is all that should be, and beside it only words by which the order was found once:
/// those of a tracking number that was corrected stay. A list asks the order itself before it shows
/// it.
async fn is_kept(reads: &dyn Reads, order: &Order, entries: &Entries) -> Result<bool, StoreError> {
    let Entries { products, words, totals } = Entries::of(order);
    if entries.products != products || entries.totals != totals || !words.is_subset(&entries.words)
    {
        return Ok(false);
    }
    let events = history::events(reads, order.no, Until::Seq(u64::MAX)).await?;
    let mut known = words;
    for until in 1..=events.len() {
        let Some(before) = events.get(..until).and_then(Order::fold) else { continue };
        let before = Order { person: order.person.clone(), ..before };
        known.extend(Entries::of(&before).words);
    }
    Ok(entries.words.is_subset(&known))
}

fn previous(no: OrderNo) -> OrderNo {
    OrderNo(no.0.saturating_sub(1))
}

/// A set of order numbers, a bit each.
struct Numbers {
    words: Vec<u64>,
    last: u64,
}

impl Numbers {
    fn up_to(last: OrderNo) -> Numbers {
        let words = usize::try_from(last.0 / 64 + 1).unwrap_or(0);
        Numbers { words: vec![0; words], last: last.0 }
    }

    fn insert(&mut self, no: OrderNo) {
        let word = usize::try_from(no.0 / 64).ok().and_then(|it| self.words.get_mut(it));
        if let Some(word) = word {
            *word |= 1 << (no.0 % 64);
        }
    }

    fn missing(&self) -> impl Iterator<Item = OrderNo> + '_ {
        let has = |no: u64| {
            let word = usize::try_from(no / 64).ok().and_then(|it| self.words.get(it));
            word.is_some_and(|it| it >> (no % 64) & 1 == 1)
        };
        (1..=self.last).filter(move |no| !has(*no)).map(OrderNo)
    }
}
