//! Questions of more than a word.

use std::sync::Arc;

use domain::{
    CustomerId, Moment, Order, OrderNo, ProductId, Recorded, StoreId,
    order::{PaymentStatus, ReviewStatus, ShippingStatus, Status},
};

use crate::search::Search;

/// Which orders. An empty list filters nothing, one of several means any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub customers: Vec<CustomerId>,
    pub statuses: Vec<Status>,
    pub payment_statuses: Vec<PaymentStatus>,
    pub shipping_statuses: Vec<ShippingStatus>,
    pub review_statuses: Vec<ReviewStatus>,
    pub on_hold: Option<bool>,
    pub stores: Vec<StoreId>,
    pub products: Vec<ProductId>,
    /// Inclusive, like the two below.
    pub created_from: Option<Moment>,
    pub created_to: Option<Moment>,
    pub updated_since: Option<Moment>,
    /// Those that there were when a long reading began.
    pub up_to: Option<OrderNo>,
    pub search: Option<Search>,
}

impl OrderFilter {
    /// What the filter means. An order that is searched has to have its person.
    pub fn matches(&self, order: &Order) -> bool {
        let OrderFilter {
            customers,
            statuses,
            payment_statuses,
            shipping_statuses,
            review_statuses,
            on_hold,
            stores,
            products,
            created_from,
            created_to,
            updated_since,
            up_to,
            search,
        } = self;
        let sold = || order.lines.iter().filter_map(|it| it.product.as_ref());
        is_any_of(customers, order.customer.as_ref())
            && is_any_of(statuses, Some(&order.status))
            && is_any_of(payment_statuses, Some(&order.payment_status()))
            && is_any_of(shipping_statuses, Some(&order.shipping_status))
            && is_any_of(review_statuses, Some(&order.review_status))
            && on_hold.is_none_or(|on_hold| order.on_hold == on_hold)
            && is_any_of(stores, Some(&order.store))
            && (products.is_empty() || sold().any(|it| products.contains(it)))
            && created_from.is_none_or(|from| order.created_at >= from)
            && created_to.is_none_or(|to| order.created_at <= to)
            && updated_since.is_none_or(|since| order.updated_at >= since)
            && up_to.is_none_or(|last| order.no <= last)
            && search.as_ref().is_none_or(|it| it.finds(order))
    }

    /// Every customer that the filter names.
    pub(crate) fn every_customer(&self) -> impl Iterator<Item = &CustomerId> {
        let searched = self.search.iter().filter_map(|it| it.customer.as_ref());
        self.customers.iter().chain(searched)
    }

    /// Whether the answer comes from indexes that are fed a moment after the commit.
    pub(crate) fn may_lag(&self) -> bool {
        !self.products.is_empty() || self.search.is_some()
    }
}

fn is_any_of<T: PartialEq>(wanted: &[T], found: Option<&T>) -> bool {
    wanted.is_empty() || found.is_some_and(|it| wanted.contains(it))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderSort {
    #[default]
    NewestFirst,
    OldestFirst,
    /// Of equal totals the newest first.
    HighestTotalFirst,
    /// The order that was changed longest ago first.
    OldestChangeFirst,
}

impl OrderSort {
    pub(crate) fn may_lag(self) -> bool {
        match self {
            OrderSort::HighestTotalFirst => true,
            OrderSort::NewestFirst | OrderSort::OldestFirst | OrderSort::OldestChangeFirst => false,
        }
    }
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderQuery {
    pub filter: OrderFilter,
    pub sort: OrderSort,
    /// Where the page before ended.
    pub after: Option<Position>,
    pub limit: u32,
    /// With what the orders know of people.
    pub with_persons: bool,
}

/// A place in a list. Orders are numbered in the order in which they are placed, so where time
/// sorts the number is all there is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The total or the moment by which the list is sorted; 0 where the number alone sorts.
    pub value: i64,
    pub no: OrderNo,
}

impl From<OrderNo> for Position {
    fn from(no: OrderNo) -> Position {
        Position { value: 0, no }
    }
}

impl Position {
    pub fn of(order: &Order, sort: OrderSort) -> Position {
        let value = match sort {
            OrderSort::NewestFirst | OrderSort::OldestFirst => 0,
            OrderSort::HighestTotalFirst => order.total.0,
            OrderSort::OldestChangeFirst => order.updated_at.0,
        };
        Position { value, no: order.no }
    }

    /// Whether it comes later in the list than another.
    pub(crate) fn is_after(self, other: Position, sort: OrderSort) -> bool {
        match sort {
            OrderSort::NewestFirst | OrderSort::HighestTotalFirst => self < other,
            OrderSort::OldestFirst | OrderSort::OldestChangeFirst => self > other,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderPage {
    /// No more than were asked for. There may be fewer, even none, where the list goes on: what is
    /// looked at for a page is bounded, however few orders a filter lets through.
    pub orders: Vec<Arc<Order>>,
    /// Where the next page begins; nothing at the end of the list.
    pub next: Option<Position>,
    /// Where an index was asked that is fed a moment later: it has all up to this event.
    pub as_of_seq: Option<u64>,
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

/// Stores in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShopQuery {
    pub after: Option<StoreId>,
    pub limit: u32,
    /// Of these only; absent: all.
    pub stores: Option<Vec<StoreId>>,
}
