//! Every order where a search must find it: in the list of its status, in that of its customer, and
//! by its retrieval number.

use domain::{Order, OrderNo, order::Status};
use futures_util::future::try_join_all;
use store::{OrderFilter, OrderQuery, OrderSort, Reads, StoreError};

use super::{Difference, Found, PAGE};

/// An order that changes between two looks is looked at again; none changes so often.
const LOOKS_MAX: usize = 16;

pub(super) async fn check(
    reads: &dyn Reads,
    last: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    let mut listed = Numbers::up_to(last);
    for status in Status::ALL {
        let mut after = OrderNo(0);
        while after < last {
            let page = reads.orders(first_of_status(status, after, PAGE)).await?;
            let Some(end) = page.last() else { break };
            after = end.no;
            for order in &page {
                listed.insert(order.no);
                if order.status != status {
                    let (no, is) = (order.no, order.status);
                    found.add(Difference::ListedAs { order: no, listed: status, status: is });
                }
            }
            check_other_ways(reads, &page, found).await?;
        }
    }
    // An order that moved from a list not read yet to one already read is in neither.
    for no in listed.missing() {
        check_by_status(reads, no, found).await?;
    }
    Ok(())
}

/// Customer and retrieval number never change, so one look tells.
async fn check_other_ways(
    reads: &dyn Reads,
    orders: &[Order],
    found: &mut Found,
) -> Result<(), StoreError> {
    let by_customer = try_join_all(orders.iter().map(|it| is_listed_by_customer(reads, it)));
    let by_retrieval = try_join_all(orders.iter().map(|it| is_found_by_retrieval(reads, it)));
    let (by_customer, by_retrieval) = (by_customer.await?, by_retrieval.await?);
    for (order, (by_customer, by_retrieval)) in
        orders.iter().zip(by_customer.into_iter().zip(by_retrieval))
    {
        if !by_customer {
            found.add(Difference::NotListedByCustomer(order.no));
        }
        if !by_retrieval {
            found.add(Difference::NotFoundByRetrieval(order.no));
        }
    }
    Ok(())
}

async fn is_listed_by_customer(reads: &dyn Reads, order: &Order) -> Result<bool, StoreError> {
    if order.customer.is_none() {
        return Ok(true);
    }
    let filter = OrderFilter { customer: order.customer.clone(), ..OrderFilter::default() };
    let query = first(filter, before(order.no), 1);
    Ok(reads.orders(query).await?.first().is_some_and(|it| it.no == order.no))
}

async fn is_found_by_retrieval(reads: &dyn Reads, order: &Order) -> Result<bool, StoreError> {
    let Some(id) = order.retrieval_id() else { return Ok(true) };
    Ok(reads.order_by_retrieval(id).await? == Some(order.no))
}

async fn check_by_status(
    reads: &dyn Reads,
    no: OrderNo,
    found: &mut Found,
) -> Result<(), StoreError> {
    for _ in 0..LOOKS_MAX {
        let Some(order) = reads.order(no).await? else { return Ok(()) };
        let listed = reads.orders(first_of_status(order.status, before(no), 1)).await?;
        if listed.first().is_some_and(|it| it.no == no) {
            return check_other_ways(reads, &[order], found).await;
        }
        let now = reads.order(no).await?;
        if now.is_some_and(|it| it.version == order.version) {
            found.add(Difference::NotListedByStatus { order: no, status: order.status });
            return check_other_ways(reads, &[order], found).await;
        }
    }
    Ok(())
}

fn first_of_status(status: Status, after: OrderNo, limit: u32) -> OrderQuery {
    first(OrderFilter { statuses: vec![status], ..OrderFilter::default() }, after, limit)
}

fn first(filter: OrderFilter, after: OrderNo, limit: u32) -> OrderQuery {
    OrderQuery { filter, sort: OrderSort::OldestFirst, after: Some(after), limit }
}

fn before(no: OrderNo) -> OrderNo {
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
