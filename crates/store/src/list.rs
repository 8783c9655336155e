//! How a list is read from a database's indexes, the same way for each of them.
//!
//! Indexes give numbers of orders, in the order of the list. The one that gives the fewest leads,
//! and what else the filter wants is checked row by row, within [`Bounds`]: a page may be short
//! where a filter lets few orders through, and the next one goes on where it ended. What a filter
//! means stands in [`OrderFilter::matches`]; it has the last word here too, so an index that is
//! behind can leave something out but show nothing wrong.

mod found;
mod index;

use std::{cmp::Ordering, sync::Arc};

use domain::{Moment, Order, OrderNo, ProductId};

pub(crate) use self::{
    found::{Found, SEGMENT_BITS, Window, long_segment_of, segment_of},
    index::{Index, Listed, STATES_MAX, State, WORDS_WALKED},
};
use crate::{OrderFilter, OrderPage, OrderQuery, OrderSort, Position, StoreError, search::Search};

/// How much is looked at for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Orders that are looked at, found or not.
    look: usize,
    /// Orders that are sorted, where no index has them in the order that is wanted.
    sorted: usize,
    /// Rows that are looked at together.
    rows_together: usize,
    /// Entries of fed indexes that are read.
    entries: usize,
    /// Segments that are looked into together.
    segments_together: u64,
}

impl Bounds {
    pub(crate) const USUAL: Bounds = Bounds {
        look: 1024,
        sorted: 2048,
        rows_together: 128,
        entries: 32_768,
        segments_together: 64,
    };
}

/// What a look into a segment costs, in entries.
const LOOK_COST: usize = 4;

pub(crate) async fn orders(
    index: &mut impl Index,
    query: &OrderQuery,
) -> Result<OrderPage, StoreError> {
    let lags = query.filter.may_lag() || query.sort.may_lag();
    // Before anything is read, so that no more is promised than was there.
    let as_of_seq = if lags { Some(index.fed_to().await?) } else { None };
    let candidates = match query.sort {
        OrderSort::NewestFirst | OrderSort::OldestFirst => by_number(index, query).await?,
        OrderSort::HighestTotalFirst | OrderSort::OldestChangeFirst => {
            by_value(index, query).await?
        }
    };
    let (orders, next) = fill(index, query, candidates).await?;
    Ok(OrderPage { orders, next, as_of_seq })
}

pub(crate) async fn count<I: Index>(
    index: &mut I,
    filter: &OrderFilter,
) -> Result<u64, StoreError> {
    let window = window(index, filter, OrderSort::NewestFirst).await?;
    let parts = parts(filter);
    if parts.is_empty() {
        return Ok(window.to.saturating_sub(window.from));
    }
    if parts == [Part::States]
        && let Some(states) = states(index, filter).await?
    {
        return index.count_in_states(&states, window).await;
    }
    let mut query = OrderQuery {
        filter: filter.clone(),
        sort: OrderSort::NewestFirst,
        after: None,
        limit: u32::try_from(I::BOUNDS.look).unwrap_or(u32::MAX),
        with_persons: false,
    };
    let mut count = 0;
    loop {
        let candidates = by_number(index, &query).await?;
        if candidates.is_exact {
            count += candidates.places.len() as u64;
            query.after = candidates.end;
        } else {
            let (orders, next) = fill(index, &query, candidates).await?;
            count += orders.len() as u64;
            query.after = next;
        }
        if query.after.is_none() {
            return Ok(count);
        }
    }
}

/// Orders that may be on the page, in the order of the list.
struct Candidates {
    places: Vec<Position>,
    /// Up to where the list was looked through; nothing if to its end.
    end: Option<Position>,
    /// The filter is known to let all of them through.
    is_exact: bool,
}

/// In the order of the numbers: led by the index that finds the fewest.
async fn by_number<I: Index>(index: &mut I, query: &OrderQuery) -> Result<Candidates, StoreError> {
    let filter = &query.filter;
    let mut window = window(index, filter, query.sort).await?;
    if let Some(after) = query.after {
        window = window.after(after.no.0);
    }
    let parts = parts(filter);
    let can_be_exact = parts.len() <= 1 && parts != [Part::Changed];
    let most = if can_be_exact { limit_of(query) + 1 } else { I::BOUNDS.look };
    let mut leading: Option<Found> = None;
    for part in &parts {
        let Some(found) = of_part(index, filter, *part, window, most).await? else { continue };
        leading = Some(match leading {
            Some(other) if found.is_sparser(&other, window) => {
                found.without_missing(&other, window)
            }
            Some(other) => other.without_missing(&found, window),
            None => found,
        });
    }
    let is_exact = parts.is_empty() || parts.len() == 1 && leading.is_some();
    let found = match leading {
        Some(found) => found,
        None => Found::run(index.every(window, most).await?, most),
    };
    Ok(Candidates {
        places: found.numbers.into_iter().map(|no| OrderNo(no).into()).collect(),
        end: found.end.map(|no| OrderNo(no).into()),
        is_exact,
    })
}

/// In the order of a value. What an index finds completely is sorted here; otherwise the index by
/// that value is walked.
async fn by_value<I: Index>(index: &mut I, query: &OrderQuery) -> Result<Candidates, StoreError> {
    let OrderQuery { filter, sort, after, .. } = query;
    let window = window(index, filter, *sort).await?;
    let mut parts = parts(filter);
    if *sort == OrderSort::OldestChangeFirst {
        parts.retain(|it| *it != Part::Changed);
    }
    let mut fewest: Option<Found> = None;
    for part in &parts {
        let found = of_part(index, filter, *part, window, I::BOUNDS.sorted).await?;
        if let Some(found) = found.filter(|it| it.end.is_none())
            && fewest.as_ref().is_none_or(|it| found.is_sparser(it, window))
        {
            fewest = Some(found);
        }
    }
    if let Some(found) = fewest {
        let rows = index.rows(&found.numbers).await?;
        let passing = rows.iter().filter(|it| it.passes(filter));
        let mut places: Vec<Position> = passing.map(|it| it.position(*sort)).collect();
        places.retain(|it| after.is_none_or(|after| it.is_after(after, *sort)));
        places.sort_unstable_by(|one, other| match one.is_after(*other, *sort) {
            true => Ordering::Greater,
            false => Ordering::Less,
        });
        return Ok(Candidates { places, end: None, is_exact: true });
    }
    let is_exact = parts.is_empty();
    let is_whole = filter.created_from.is_none() && filter.created_to.is_none();
    let most = if is_exact && is_whole { limit_of(query) + 1 } else { I::BOUNDS.look };
    let mut places = match sort {
        OrderSort::OldestChangeFirst => index.by_change(*after, filter.updated_since, most).await?,
        OrderSort::HighestTotalFirst | OrderSort::NewestFirst | OrderSort::OldestFirst => {
            match window.long_segments() {
                Some(segments) => index.by_total(*after, segments, most).await?,
                None => Vec::new(),
            }
        }
    };
    let end = places.last().copied().filter(|_| places.len() >= most);
    places.retain(|it| window.contains(it.no.0));
    Ok(Candidates { places, end, is_exact })
}

/// Reads candidates until the page is full; and where the next one begins.
async fn fill<I: Index>(
    index: &mut I,
    query: &OrderQuery,
    candidates: Candidates,
) -> Result<(Vec<Arc<Order>>, Option<Position>), StoreError> {
    let Candidates { places, end, is_exact } = candidates;
    let (filter, limit) = (&query.filter, limit_of(query));
    let with_persons = query.with_persons || filter.search.is_some();
    let mut orders: Vec<Arc<Order>> = Vec::new();
    let mut looked_at = 0;
    while orders.len() < limit && looked_at < places.len() {
        let together = if is_exact { limit - orders.len() } else { I::BOUNDS.rows_together };
        let until = places.len().min(looked_at + together);
        let mut numbers: Vec<u64> = places[looked_at..until].iter().map(|it| it.no.0).collect();
        looked_at = until;
        if !is_exact {
            let rows = index.rows(&numbers).await?.into_iter();
            numbers = rows.filter(|it| it.passes(filter)).map(|it| it.no).collect();
        }
        let mut left = &numbers[..];
        while orders.len() < limit && !left.is_empty() {
            let (these, later) = left.split_at(left.len().min(limit - orders.len()));
            let read = index.orders(these, with_persons).await?.into_iter();
            orders.extend(read.filter(|it| filter.matches(it)));
            left = later;
        }
        if let Some(first) = left.first() {
            looked_at = places.iter().position(|it| it.no.0 == *first).unwrap_or(looked_at);
        }
    }
    if !query.with_persons {
        let with_person = orders.iter_mut().filter(|it| it.person.is_some());
        with_person.for_each(|it| Arc::make_mut(it).person = None);
    }
    let next =
        if looked_at < places.len() { looked_at.checked_sub(1).map(|it| places[it]) } else { end };
    Ok((orders, next))
}

fn limit_of(query: &OrderQuery) -> usize {
    usize::try_from(query.limit).unwrap_or(usize::MAX - 1)
}

/// The parts of a filter for which there is an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Search,
    Customers,
    Products,
    States,
    Changed,
}

fn parts(filter: &OrderFilter) -> Vec<Part> {
    let has_states = !filter.statuses.is_empty()
        || !filter.payment_statuses.is_empty()
        || !filter.shipping_statuses.is_empty()
        || !filter.review_statuses.is_empty()
        || !filter.stores.is_empty()
        || filter.on_hold.is_some();
    let parts = [
        (Part::Search, filter.search.is_some()),
        (Part::Customers, !filter.customers.is_empty()),
        (Part::Products, !filter.products.is_empty()),
        (Part::States, has_states),
        (Part::Changed, filter.updated_since.is_some()),
    ];
    parts.into_iter().filter(|(_, is_asked)| *is_asked).map(|(part, _)| part).collect()
}

/// Nothing where the index is of no use for this.
async fn of_part(
    index: &mut impl Index,
    filter: &OrderFilter,
    part: Part,
    window: Window,
    most: usize,
) -> Result<Option<Found>, StoreError> {
    Ok(match part {
        Part::Search => match &filter.search {
            Some(search) => Some(of_search(index, search, window, most).await?),
            None => None,
        },
        Part::Customers => {
            let numbers = index.of_customers(&filter.customers, window, most).await?;
            Some(Found::run(numbers, most))
        }
        Part::Products => {
            Some(in_segments(index, Terms::Products(&filter.products), window, most).await?)
        }
        Part::States => match states(index, filter).await? {
            Some(states) => Some(Found::run(index.in_states(&states, window, most).await?, most)),
            None => None,
        },
        Part::Changed => {
            let since = filter.updated_since.unwrap_or(Moment(i64::MIN));
            let mut numbers = index.changed_since(since, most).await?;
            if numbers.len() >= most {
                return Ok(None);
            }
            window.sort(&mut numbers);
            Some(Found { numbers, end: None })
        }
    })
}

/// The states that the filter lets through.
async fn states(
    index: &mut impl Index,
    filter: &OrderFilter,
) -> Result<Option<Vec<State>>, StoreError> {
    let states = index.states(&filter.stores).await?;
    Ok(states.map(|mut states| {
        states.retain(|it| it.passes(filter));
        states
    }))
}

async fn of_search(
    index: &mut impl Index,
    search: &Search,
    window: Window,
    most: usize,
) -> Result<Found, StoreError> {
    let mut numbers: Vec<u64> = search.order.iter().map(|it| it.0).collect();
    if let Some(id) = search.retrieval {
        numbers.extend(index.by_retrieval(id).await?);
    }
    window.sort(&mut numbers);
    let mut found = vec![Found { numbers, end: None }];
    if let Some(customer) = &search.customer {
        let numbers = index.of_customers(std::slice::from_ref(customer), window, most).await?;
        found.push(Found::run(numbers, most));
    }
    if !search.words.is_empty() {
        found.push(in_segments(index, Terms::Words(&search.words), window, most).await?);
    }
    Ok(Found::union(found, window, most))
}

#[derive(Clone, Copy)]
enum Terms<'a> {
    /// Any of them.
    Products(&'a [ProductId]),
    /// All of them.
    Words(&'a [String]),
}

/// Looks through the window, more of its segments together and more of each while little is found.
async fn in_segments<I: Index>(
    index: &mut I,
    terms: Terms<'_>,
    window: Window,
    most: usize,
) -> Result<Found, StoreError> {
    let mut found = Found { numbers: Vec::new(), end: None };
    let mut left = window;
    let mut together = 1;
    let mut at_once = most;
    let mut cost = 0;
    while !left.is_empty() {
        let these = left.nearest(together);
        let (runs, of_terms) = match terms {
            Terms::Products(products) => {
                (products.len(), vec![index.of_products(products, these, at_once).await?])
            }
            Terms::Words(words) => {
                let mut of_words = Vec::with_capacity(words.len());
                for begin in words {
                    of_words.push(index.of_word(begin, these, at_once).await?);
                }
                (words.len(), of_words)
            }
        };
        cost += of_terms.iter().map(Vec::len).sum::<usize>();
        cost += LOOK_COST * runs * these.segments().len();
        let of_terms = of_terms.into_iter().map(|it| Found::run(it, at_once)).collect();
        let Found { numbers, end } = Found::intersection(of_terms, these);
        found.numbers.extend(numbers);
        let end = end.unwrap_or(these.last());
        left = left.after(end);
        found.end = (!left.is_empty()).then_some(end);
        if found.numbers.len() >= most || cost >= I::BOUNDS.entries {
            break;
        }
        together = I::BOUNDS.segments_together.min(2 * together);
        at_once = I::BOUNDS.entries.min(2 * at_once);
    }
    found.cut(most);
    Ok(found)
}

async fn window(
    index: &mut impl Index,
    filter: &OrderFilter,
    sort: OrderSort,
) -> Result<Window, StoreError> {
    let mut to = index.last().await? + 1;
    if let Some(last) = filter.up_to {
        to = to.min(last.0.saturating_add(1));
    }
    if let Some(at) = filter.created_to {
        to = to.min(index.first_since(Moment(at.0.saturating_add(1))).await?);
    }
    let from = match filter.created_from {
        Some(at) => index.first_since(at).await?,
        None => 1,
    };
    Ok(Window { from, to: to.max(from), newest_first: sort != OrderSort::OldestFirst })
}

#[cfg(test)]
mod tests;
