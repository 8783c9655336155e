//! The questions that a list asks of a database's indexes.

use std::{ops::RangeInclusive, sync::Arc};

use domain::{
    CustomerId, Moment, Order, OrderNo, ProductId, RetrievalId, StoreId,
    order::{PaymentStatus, ReviewStatus, ShippingStatus, Status},
};

use super::{Bounds, found::Window};
use crate::{OrderFilter, OrderSort, Position, StoreError};

/// States of orders that are looked through side by side; a shop has a few dozen.
pub(crate) const STATES_MAX: usize = 1024;

/// Words that begin as is asked of which each is read by itself.
pub(crate) const WORDS_WALKED: usize = 8;

/// Numbers come in the order of the window, each once, unless it says otherwise.
pub(crate) trait Index {
    const BOUNDS: Bounds = Bounds::USUAL;

    /// The number of the last order.
    async fn last(&mut self) -> Result<u64, StoreError>;

    /// The number of the first order that was placed at a moment or later, or would be.
    async fn first_since(&mut self, at: Moment) -> Result<u64, StoreError>;

    async fn every(&mut self, window: Window, most: usize) -> Result<Vec<u64>, StoreError>;

    /// The states in which there are orders; nothing if there are more than [`STATES_MAX`].
    async fn states(&mut self, stores: &[StoreId]) -> Result<Option<Vec<State>>, StoreError>;

    async fn in_states(
        &mut self,
        states: &[State],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError>;

    async fn count_in_states(
        &mut self,
        states: &[State],
        window: Window,
    ) -> Result<u64, StoreError>;

    async fn of_customers(
        &mut self,
        customers: &[CustomerId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError>;

    async fn of_products(
        &mut self,
        products: &[ProductId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError>;

    /// Orders that have a word which begins so.
    async fn of_word(
        &mut self,
        begin: &str,
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError>;

    async fn by_retrieval(&mut self, id: RetrievalId) -> Result<Option<u64>, StoreError>;

    /// In any order.
    async fn changed_since(&mut self, at: Moment, most: usize) -> Result<Vec<u64>, StoreError>;

    async fn by_total(
        &mut self,
        after: Option<Position>,
        segments: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError>;

    async fn by_change(
        &mut self,
        after: Option<Position>,
        since: Option<Moment>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError>;

    /// The rows of these numbers, in their order.
    async fn rows(&mut self, numbers: &[u64]) -> Result<Vec<Listed>, StoreError>;

    /// The orders of these numbers, in their order.
    async fn orders(
        &mut self,
        numbers: &[u64],
        with_persons: bool,
    ) -> Result<Vec<Arc<Order>>, StoreError>;

    /// The event up to which the fed indexes have all.
    async fn fed_to(&mut self) -> Result<u64, StoreError>;
}

/// Where an order stands with everything by which staff sort their work. The index has one run of
/// numbers for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) store: StoreId,
    pub(crate) status: Status,
    pub(crate) payment_status: PaymentStatus,
    pub(crate) shipping_status: ShippingStatus,
    pub(crate) review_status: ReviewStatus,
    pub(crate) on_hold: bool,
}

/// What an order's row says without its document.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) no: u64,
    pub(crate) state: State,
    pub(crate) customer: Option<String>,
    pub(crate) total: i64,
    pub(crate) updated_at: i64,
}

impl State {
    pub(crate) fn of(order: &Order) -> State {
        State {
            store: order.store,
            status: order.status,
            payment_status: order.payment_status(),
            shipping_status: order.shipping_status,
            review_status: order.review_status,
            on_hold: order.on_hold,
        }
    }

    pub(super) fn passes(&self, filter: &OrderFilter) -> bool {
        let OrderFilter { statuses, payment_statuses, shipping_statuses, review_statuses, .. } =
            filter;
        is_one_of(statuses, &self.status)
            && is_one_of(payment_statuses, &self.payment_status)
            && is_one_of(shipping_statuses, &self.shipping_status)
            && is_one_of(review_statuses, &self.review_status)
            && filter.on_hold.is_none_or(|it| it == self.on_hold)
            && is_one_of(&filter.stores, &self.store)
    }
}

impl Listed {
    pub(super) fn passes(&self, filter: &OrderFilter) -> bool {
        let customer = self.customer.as_deref();
        self.state.passes(filter)
            && (filter.customers.is_empty()
                || filter.customers.iter().any(|it| customer == Some(it.as_str())))
            && filter.updated_since.is_none_or(|since| self.updated_at >= since.0)
    }

    pub(super) fn position(&self, sort: OrderSort) -> Position {
        let value = match sort {
            OrderSort::NewestFirst | OrderSort::OldestFirst => 0,
            OrderSort::HighestTotalFirst => self.total,
            OrderSort::OldestChangeFirst => self.updated_at,
        };
        Position { value, no: OrderNo(self.no) }
    }
}

fn is_one_of<T: PartialEq>(wanted: &[T], found: &T) -> bool {
    wanted.is_empty() || wanted.contains(found)
}
