//! The newest orders of each customer, and how they come into the index.
//!
//! An index by customer has a random key, so it is not written with the order: the newest orders
//! are kept in memory, and fed into the index in sorted batches, a slice with each batch of
//! commands. A list reads the memory first and the index second, so an order that moves meanwhile
//! is seen twice, never missed, and one's own order is in the list as soon as it is acknowledged.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use domain::{CustomerId, OrderNo, World, world::Change};
use rusqlite::{Connection, params};

use super::{
    failed,
    load::{one, prepare},
    pace::{Pace, slice},
    row::{mistyped, signed, unsigned},
};
use crate::StoreError;

/// The name of the position in `projections`.
pub(super) const NAME: &str = "orders_by_customer";

/// What the readers see of it: nothing until it was read from the file.
#[derive(Clone, Default)]
pub(super) struct Tail(Arc<RwLock<Option<ByCustomer>>>);

pub(super) type ByCustomer = HashMap<CustomerId, Vec<u64>>;

impl Tail {
    /// These customers' orders that may not be in the index yet, in the order of their numbers.
    pub(super) fn of<'a>(
        &self,
        customers: impl Iterator<Item = &'a CustomerId>,
    ) -> Option<ByCustomer> {
        let tail = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let tail = tail.as_ref()?;
        let numbers = |it: &CustomerId| Some((it.clone(), tail.get(it)?.clone()));
        Some(customers.filter_map(numbers).collect())
    }
}

/// The writer's side.
pub(super) struct Feed {
    pace: Pace,
    tail: Tail,
    waiting: Vec<(CustomerId, u64)>,
    /// The index has every order up to this one, as the file says too.
    fed: u64,
    /// The last order there is. What a new process has to read lies between the two, so they keep
    /// close even where nobody but guests orders.
    last: u64,
    feeding: Option<Feeding>,
    staged_to: usize,
}

struct Feeding {
    sorted: Vec<(CustomerId, u64)>,
    done: usize,
    last: u64,
}

impl Feed {
    pub(super) fn open(
        connection: &Connection,
        tail: Tail,
        pace: Pace,
    ) -> Result<Feed, StoreError> {
        let sql = "SELECT position FROM projections WHERE name = ?1";
        let position = one(&mut prepare(connection, sql)?, [NAME], |row| {
            row.get::<_, i64>(0).map_err(failed)
        })?;
        let fed = unsigned(position.unwrap_or(0));
        let mut last = fed;
        let sql = "SELECT no, customer_id FROM orders WHERE no > ?1 ORDER BY no";
        let mut statement = prepare(connection, sql)?;
        let mut rows = statement.query([signed(fed)]).map_err(failed)?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            last = unsigned(row.get(0).map_err(failed)?);
            let id = row.get_ref(1).map_err(failed)?.as_str_or_null().map_err(mistyped)?;
            let Some(id) = id else { continue };
            let id: CustomerId =
                id.parse().map_err(|_| StoreError::Broken("a customer's id is none".into()))?;
            waiting.push((id, last));
        }
        let mut by_customer = ByCustomer::new();
        for (customer, no) in &waiting {
            by_customer.entry(customer.clone()).or_default().push(*no);
        }
        *tail.0.write().unwrap_or_else(PoisonError::into_inner) = Some(by_customer);
        Ok(Feed { pace, tail, waiting, fed, last, feeding: None, staged_to: 0 })
    }

    /// Feeds a slice, if there is something to feed.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        world: &World,
    ) -> Result<(), StoreError> {
        self.staged_to = 0;
        if self.feeding.is_none() && self.last - self.fed >= self.pace.feed {
            let mut sorted = std::mem::take(&mut self.waiting);
            sorted.sort_unstable();
            self.feeding = Some(Feeding { sorted, done: 0, last: self.last });
        }
        let Some(feeding) = &self.feeding else { return Ok(()) };
        let slice = slice(self.pace.orders_slice, world.orders.changes().count());
        let until = feeding.sorted.len().min(feeding.done + slice);
        // A crash may have fed some of them already.
        let sql = "INSERT OR IGNORE INTO orders_by_customer (customer_id, no) VALUES (?1, ?2)";
        let mut insert = prepare(connection, sql)?;
        for (customer, no) in &feeding.sorted[feeding.done..until] {
            insert.execute(params![customer.as_str(), signed(*no)]).map_err(failed)?;
        }
        if until == feeding.sorted.len() {
            let sql = "INSERT INTO projections (name, position) VALUES (?1, ?2)
                ON CONFLICT DO UPDATE SET position = ?2";
            prepare(connection, sql)?
                .execute(params![NAME, signed(feeding.last)])
                .map_err(failed)?;
        }
        self.staged_to = until;
        Ok(())
    }

    /// The batch is on disk: its orders are in the tail, those that it fed are in the index.
    pub(super) fn committed(&mut self, world: &World) {
        let mut tail = self.tail.0.write().unwrap_or_else(PoisonError::into_inner);
        let tail = tail.get_or_insert_default();
        for (OrderNo(no), change) in world.orders.changes() {
            let Change::Insert(order) = change else { continue };
            self.last = self.last.max(*no);
            if let Some(customer) = &order.customer {
                tail.entry(customer.clone()).or_default().push(*no);
                self.waiting.push((customer.clone(), *no));
            }
        }
        let Some(feeding) = &mut self.feeding else { return };
        feeding.done = feeding.done.max(self.staged_to);
        if feeding.done < feeding.sorted.len() {
            return;
        }
        for fed in feeding.sorted.chunk_by(|one, next| one.0 == next.0) {
            let (customer, _) = &fed[0];
            if let Some(numbers) = tail.get_mut(customer) {
                numbers.retain(|no| *no > feeding.last);
                numbers.shrink_to_fit();
                if numbers.is_empty() {
                    tail.remove(customer);
                }
            }
        }
        self.fed = feeding.last;
        self.feeding = None;
    }
}

#[cfg(test)]
mod tests;
