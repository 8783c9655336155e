//! The indexes that lists are read from, as the file has them.

use std::{
    collections::{BTreeSet, BinaryHeap},
    ops::RangeInclusive,
    sync::Arc,
};

use domain::{CustomerId, Moment, Order, OrderNo, ProductId, RetrievalId, StoreId};
use futures_util::FutureExt;
use rusqlite::{CachedStatement, Connection, Params, Row, params};

use super::{
    failed,
    kept::KeptBefore,
    load::{one, prepare},
    projections,
    row::{self, mistyped, signed, unsigned},
    state,
    tail::{self, ByCustomer},
};
use crate::{
    OrderFilter, OrderPage, OrderQuery, Position, StoreError, codec,
    list::{self, Found, Index, Listed, STATES_MAX, State, WORDS_WALKED, Window},
    search,
};

/// Rows of each run that are read at once at least, where several are walked side by side.
const RUN_ROWS_MIN: usize = 8;

/// `newest` are the orders of the filter's customers that their index may not have yet; without
/// them the file is asked.
pub(super) fn orders(
    connection: &Connection,
    query: &OrderQuery,
    newest: Option<ByCustomer>,
    kept: Option<KeptBefore>,
) -> Result<OrderPage, StoreError> {
    let mut lists = Lists { connection, newest, kept };
    list::orders(&mut lists, query).now_or_never().expect("a file is read without waiting")
}

pub(super) fn count(
    connection: &Connection,
    filter: &OrderFilter,
    newest: Option<ByCustomer>,
) -> Result<u64, StoreError> {
    let mut lists = Lists { connection, newest, kept: None };
    list::count(&mut lists, filter).now_or_never().expect("a file is read without waiting")
}

/// Totals of a segment, the highest first.
struct Run {
    segment: u64,
    places: std::vec::IntoIter<Position>,
    /// There may be more after them.
    is_cut: bool,
}

struct Lists<'c> {
    connection: &'c Connection,
    newest: Option<ByCustomer>,
    kept: Option<KeptBefore>,
}

impl Index for Lists<'_> {
    async fn last(&mut self) -> Result<u64, StoreError> {
        self.last_no()
    }

    /// By halving: the numbers have no gaps.
    async fn first_since(&mut self, at: Moment) -> Result<u64, StoreError> {
        let sql = "SELECT created_at FROM orders WHERE no = ?1";
        let mut statement = prepare(self.connection, sql)?;
        let mut before = 0;
        let mut since = self.last_no()? + 1;
        while since - before > 1 {
            let middle = before + (since - before) / 2;
            let created_at =
                one(&mut statement, [signed(middle)], |row| row.get::<_, i64>(0).map_err(failed))?;
            match created_at {
                Some(created_at) if created_at < at.0 => before = middle,
                Some(_) | None => since = middle,
            }
        }
        Ok(since)
    }

    async fn every(&mut self, window: Window, most: usize) -> Result<Vec<u64>, StoreError> {
        let sql = format!(
            "SELECT no FROM orders WHERE no >= ?1 AND no < ?2 ORDER BY no {} LIMIT ?3",
            direction(window)
        );
        self.numbers(&sql, params![signed(window.from), signed(window.to), limit(most)])
    }

    async fn states(&mut self, stores: &[StoreId]) -> Result<Option<Vec<State>>, StoreError> {
        let mut states = Vec::new();
        if stores.is_empty() {
            self.add_states(0..=i64::MAX, &mut states)?;
        }
        for store in stores.iter().collect::<BTreeSet<_>>() {
            self.add_states(state::codes_of(*store), &mut states)?;
        }
        Ok((states.len() <= STATES_MAX).then_some(states))
    }

    async fn in_states(
        &mut self,
        states: &[State],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let mut numbers = Vec::new();
        let mut left = window;
        let share = (2 * most / states.len().max(1)).max(RUN_ROWS_MIN).min(most);
        loop {
            let runs =
                states.iter().map(|state| Ok(Found::run(self.run(state, left, share)?, share)));
            let runs = runs.collect::<Result<Vec<Found>, StoreError>>()?;
            let found = Found::union(runs, left, most - numbers.len());
            numbers.extend(found.numbers);
            match found.end {
                Some(end) if numbers.len() < most => left = left.after(end),
                Some(_) | None => return Ok(numbers),
            }
        }
    }

    async fn count_in_states(
        &mut self,
        states: &[State],
        window: Window,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM orders INDEXED BY orders_by_state
            WHERE state = ?1 AND no >= ?2 AND no < ?3";
        let (from, to) = (signed(window.from), signed(window.to));
        let counts = states.iter().map(|it| self.numbers(sql, params![state::code(it), from, to]));
        Ok(counts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().sum())
    }

    async fn of_customers(
        &mut self,
        customers: &[CustomerId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let mut found = Vec::new();
        for customer in customers.iter().collect::<BTreeSet<_>>() {
            let sql = format!(
                "SELECT no FROM orders_by_customer
                WHERE customer_id = ?1 AND no >= ?2 AND no < ?3
                ORDER BY no {} LIMIT ?4",
                direction(window)
            );
            let (from, to) = (signed(window.from), signed(window.to));
            let named = params![customer.as_str(), from, to, limit(most)];
            found.push(Found::run(self.numbers(&sql, named)?, most));
            found.push(match &self.newest {
                Some(newest) => {
                    let numbers = newest.get(customer).cloned().unwrap_or_default();
                    Found { numbers, end: None }
                }
                None => Found::run(self.unfed(customer, window, most)?, most),
            });
        }
        Ok(Found::union(found, window, most).numbers)
    }

    async fn of_products(
        &mut self,
        products: &[ProductId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let sql = format!(
            "SELECT no FROM order_products
            WHERE segment = ?1 AND product_id = ?2 AND no >= ?3 AND no < ?4
            ORDER BY no {} LIMIT ?5",
            direction(window)
        );
        let mut statement = prepare(self.connection, &sql)?;
        let products: BTreeSet<&ProductId> = products.iter().collect();
        let (from, to) = (signed(window.from), signed(window.to));
        segment_by_segment(window, most, |segment, most| {
            let run = |product: &&ProductId| {
                let named = params![signed(segment), product.as_str(), from, to, limit(most)];
                Ok(Found::run(numbers(&mut statement, named)?, most))
            };
            products.iter().map(run).collect()
        })
    }

    /// Of the first few words that begin so each is a run of numbers, read as far as it is wanted.
    /// Of more words there are few orders each, and they are read whole.
    async fn of_word(
        &mut self,
        begin: &str,
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let first = "SELECT min(word) FROM order_words
            WHERE segment = ?1 AND word >= ?2 AND word < ?3";
        let mut first = prepare(self.connection, first)?;
        let of_one = format!(
            "SELECT no FROM order_words
            WHERE segment = ?1 AND word = ?2 AND no >= ?3 AND no < ?4 ORDER BY no {} LIMIT ?5",
            direction(window)
        );
        let of_more = "SELECT no FROM order_words
            WHERE segment = ?1 AND word > ?2 AND word < ?3 AND no >= ?4 AND no < ?5";
        let end = search::end_of(begin);
        let (from, to) = (signed(window.from), signed(window.to));
        segment_by_segment(window, most, |segment, most| {
            let first = one(&mut first, params![signed(segment), begin, end], word)?;
            let words = self.words(segment, first.flatten(), &end)?;
            let run = |word: &String| {
                let named = params![signed(segment), word, from, to, limit(most)];
                Ok(Found::run(self.numbers(&of_one, named)?, most))
            };
            let mut found = words.iter().map(run).collect::<Result<Vec<Found>, StoreError>>()?;
            if let Some(last) = words.last().filter(|_| words.len() >= WORDS_WALKED) {
                let named = params![signed(segment), last, end, from, to];
                found.push(Found { numbers: self.numbers(of_more, named)?, end: None });
            }
            Ok(found)
        })
    }

    async fn by_retrieval(&mut self, id: RetrievalId) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT no FROM orders WHERE store_id = ?1 AND retrieval_no = ?2";
        Ok(self.numbers(sql, params![id.store.0, signed(id.no)])?.pop())
    }

    async fn changed_since(&mut self, at: Moment, most: usize) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT no FROM orders INDEXED BY orders_by_change
            WHERE updated_at >= ?1 ORDER BY updated_at DESC LIMIT ?2";
        self.numbers(sql, params![at.0, limit(most)])
    }

    /// The runs of all segments, merged. One of many orders with the same total may be all that is
    /// wanted, so only a run that is at its end is read on.
    async fn by_total(
        &mut self,
        after: Option<Position>,
        segments: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let count = usize::try_from(segments.end() - segments.start() + 1).unwrap_or(usize::MAX);
        let share = (2 * most / count).max(RUN_ROWS_MIN).min(most);
        let mut runs = Vec::with_capacity(count.min(most));
        let mut heads = BinaryHeap::new();
        for segment in segments {
            let mut run = self.totals(segment, after, share)?;
            heads.extend(run.places.next().map(|it| (it, runs.len())));
            runs.push(run);
        }
        let mut places = Vec::with_capacity(most);
        while let Some((place, at)) = heads.pop() {
            places.push(place);
            if places.len() >= most {
                break;
            }
            let run = &mut runs[at];
            if run.places.len() == 0 && run.is_cut {
                *run = self.totals(run.segment, Some(place), most - places.len())?;
            }
            heads.extend(run.places.next().map(|it| (it, at)));
        }
        Ok(places)
    }

    async fn by_change(
        &mut self,
        after: Option<Position>,
        since: Option<Moment>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let first = Position { value: since.map_or(i64::MIN, |it| it.0), no: OrderNo(0) };
        let after = after.unwrap_or(first).max(first);
        let sql = "SELECT updated_at, no FROM orders INDEXED BY orders_by_change
            WHERE updated_at >= ?1 AND (updated_at > ?1 OR no > ?2)
            ORDER BY updated_at, no LIMIT ?3";
        self.positions(sql, params![after.value, signed(after.no.0), limit(most)])
    }

    async fn rows(&mut self, numbers: &[u64]) -> Result<Vec<Listed>, StoreError> {
        let sql = "SELECT state, customer_id, total, updated_at FROM orders WHERE no = ?1";
        let mut statement = prepare(self.connection, sql)?;
        let mut rows = Vec::with_capacity(numbers.len());
        for no in numbers {
            rows.extend(one(&mut statement, [signed(*no)], |row| {
                let Some(state) = state::decode(row.get(0).map_err(failed)?) else {
                    return Ok(None);
                };
                Ok(Some(Listed {
                    no: *no,
                    state,
                    customer: row.get(1).map_err(failed)?,
                    total: row.get(2).map_err(failed)?,
                    updated_at: row.get(3).map_err(failed)?,
                }))
            })?);
        }
        Ok(rows.into_iter().flatten().collect())
    }

    async fn orders(
        &mut self,
        numbers: &[u64],
        with_persons: bool,
    ) -> Result<Vec<Arc<Order>>, StoreError> {
        let mut orders = Vec::with_capacity(numbers.len());
        for no in numbers {
            let kept = self.kept.as_ref().and_then(|it| it.find(OrderNo(*no)));
            orders.extend(match kept {
                Some(order) => Some(order),
                None => self.order(*no)?,
            });
        }
        if with_persons {
            let sql = "SELECT document FROM persons WHERE order_no = ?1";
            let mut statement = prepare(self.connection, sql)?;
            for order in &mut orders {
                let person = one(&mut statement, [signed(order.no.0)], |it| row::document(it, 0))?;
                if let Some(person) = person {
                    Arc::make_mut(order).person = Some(Box::new(person));
                }
            }
        }
        Ok(orders)
    }

    async fn fed_to(&mut self) -> Result<u64, StoreError> {
        projections::position(self.connection)
    }
}

impl Lists<'_> {
    fn last_no(&self) -> Result<u64, StoreError> {
        let last = one(&mut prepare(self.connection, "SELECT max(no) FROM orders")?, [], |row| {
            row.get::<_, Option<i64>>(0).map_err(failed)
        })?;
        Ok(unsigned(last.flatten().unwrap_or(0)))
    }

    /// From one state to the next, past all orders that are in it.
    fn add_states(
        &self,
        codes: RangeInclusive<i64>,
        states: &mut Vec<State>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT min(state) FROM orders INDEXED BY orders_by_state
            WHERE state >= ?1 AND state <= ?2";
        let mut statement = prepare(self.connection, sql)?;
        let mut from = *codes.start();
        while states.len() <= STATES_MAX {
            let next = one(&mut statement, [from, *codes.end()], |row| {
                row.get::<_, Option<i64>>(0).map_err(failed)
            })?;
            let Some(code) = next.flatten() else { break };
            states.extend(state::decode(code));
            from = code + 1;
        }
        Ok(())
    }

    /// A segment's words from the first one on, from one to the next, past all orders that have it.
    fn words(
        &self,
        segment: u64,
        first: Option<String>,
        end: &str,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT min(word) FROM order_words
            WHERE segment = ?1 AND word > ?2 AND word < ?3";
        let mut words: Vec<String> = first.into_iter().collect();
        while let Some(last) = words.last()
            && words.len() < WORDS_WALKED
        {
            let mut next = prepare(self.connection, sql)?;
            let found = one(&mut next, params![signed(segment), last, end], word)?;
            let Some(word) = found.flatten() else { break };
            words.push(word);
        }
        Ok(words)
    }

    fn order(&self, no: u64) -> Result<Option<Arc<Order>>, StoreError> {
        let sql = "SELECT document FROM orders WHERE no = ?1";
        one(&mut prepare(self.connection, sql)?, [signed(no)], |row| {
            let document = row.get_ref(0).map_err(failed)?.as_str().map_err(mistyped)?;
            let order = Arc::new(codec::from_document(document)?);
            if let Some(kept) = &self.kept {
                kept.keep(&order, document.len());
            }
            Ok(order)
        })
    }

    fn run(&self, state: &State, window: Window, most: usize) -> Result<Vec<u64>, StoreError> {
        let sql = format!(
            "SELECT no FROM orders INDEXED BY orders_by_state
            WHERE state = ?1 AND no >= ?2 AND no < ?3 ORDER BY no {} LIMIT ?4",
            direction(window)
        );
        let (from, to) = (signed(window.from), signed(window.to));
        self.numbers(&sql, params![state::code(state), from, to, limit(most)])
    }

    /// A customer's orders that the index does not have yet, as the file knows them.
    fn unfed(
        &self,
        customer: &CustomerId,
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let sql = format!(
            "SELECT no FROM orders
            WHERE no > coalesce((SELECT position FROM projections WHERE name = ?1), 0)
                AND no >= ?2 AND no < ?3 AND customer_id = ?4
            ORDER BY no {} LIMIT ?5",
            direction(window)
        );
        let (from, to) = (signed(window.from), signed(window.to));
        self.numbers(&sql, params![tail::NAME, from, to, customer.as_str(), limit(most)])
    }

    fn totals(
        &self,
        segment: u64,
        after: Option<Position>,
        most: usize,
    ) -> Result<Run, StoreError> {
        let sql = "SELECT total, no FROM order_totals
            WHERE segment = ?1 AND (total, no) < (?2, ?3)
            ORDER BY total DESC, no DESC LIMIT ?4";
        let after = after.unwrap_or(Position { value: i64::MAX, no: OrderNo(u64::MAX) });
        let named = params![signed(segment), after.value, signed(after.no.0), limit(most)];
        let places = self.positions(sql, named)?;
        Ok(Run { segment, is_cut: places.len() >= most, places: places.into_iter() })
    }

    fn numbers(&self, sql: &str, params: impl Params) -> Result<Vec<u64>, StoreError> {
        numbers(&mut prepare(self.connection, sql)?, params)
    }

    fn positions(&self, sql: &str, params: impl Params) -> Result<Vec<Position>, StoreError> {
        all(&mut prepare(self.connection, sql)?, params, |row| {
            let no = OrderNo(unsigned(row.get(1).map_err(failed)?));
            Ok(Position { value: row.get(0).map_err(failed)?, no })
        })
    }
}

fn numbers(
    statement: &mut CachedStatement<'_>,
    params: impl Params,
) -> Result<Vec<u64>, StoreError> {
    all(statement, params, |row| Ok(unsigned(row.get(0).map_err(failed)?)))
}

fn all<T>(
    statement: &mut CachedStatement<'_>,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Of a question for the first one, which is nothing where there is none.
fn word(row: &Row<'_>) -> Result<Option<String>, StoreError> {
    row.get(0).map_err(failed)
}

/// What indexes find that are cut into segments: `runs` of a segment and of as many numbers as are
/// still wanted.
fn segment_by_segment(
    window: Window,
    most: usize,
    mut runs: impl FnMut(u64, usize) -> Result<Vec<Found>, StoreError>,
) -> Result<Vec<u64>, StoreError> {
    let mut numbers = Vec::new();
    for segment in window.segments() {
        let wanted = most - numbers.len();
        if wanted == 0 {
            break;
        }
        numbers.extend(Found::union(runs(segment, wanted)?, window, wanted).numbers);
    }
    Ok(numbers)
}

fn direction(window: Window) -> &'static str {
    if window.newest_first { "DESC" } else { "ASC" }
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
