//! Questions of more than a word.

use domain::{CustomerId, Moment, OrderNo, ProductId, Recorded, StoreId, order::Status};

/// Which orders. An empty list filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub customer: Option<CustomerId>,
    pub statuses: Vec<Status>,
    pub stores: Vec<StoreId>,
    /// Inclusive.
    pub created_from: Option<Moment>,
    /// Inclusive.
    pub created_to: Option<Moment>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderSort {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// A page. Orders are numbered in the order in which they are placed, so a number is a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderQuery {
    pub filter: OrderFilter,
    pub sort: OrderSort,
    /// The last order of the page before.
    pub after: Option<OrderNo>,
    pub limit: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Events after this number.
    pub after: u64,
    pub limit: u32,
    /// Those of one order only.
    pub order: Option<OrderNo>,
    /// Those of one store only; empty: of all.
    pub stores: Vec<StoreId>,
    /// Names (`order.paid`) or families (`order.*`); empty: all.
    pub types: Vec<String>,
}

impl EventQuery {
    /// Whether an event's type is asked for.
    pub fn wants_type(&self, kind: &str) -> bool {
        self.types.is_empty()
            || self.types.iter().any(|wanted| match wanted.strip_suffix('*') {
                Some(family) => kind.starts_with(family),
                None => kind == wanted,
            })
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    pub events: Vec<Recorded>,
    /// The last number that was looked at, whether or not its event was asked for. A reader that
    /// hands it back misses nothing.
    pub last_seq: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductQuery {
    pub after: Option<ProductId>,
    pub limit: u32,
    pub active_only: bool,
}
