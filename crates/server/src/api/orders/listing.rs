//! What a list of orders is asked: its filter, its sort, and what its entries have.

use domain::{
    CustomerId, Moment, OrderNo, ProductId, StoreId,
    order::{PaymentStatus, ReviewStatus, ShippingStatus, Status},
};
use store::{OrderFilter, OrderQuery, OrderSort, Position, Search};

use crate::{
    call::{Call, NO_STORE, narrowed},
    cursor::{self, Binding, Part},
    problem::Problem,
    query::Query,
    refused,
    view::order::Expanded,
};

const SORTS: [(&str, OrderSort); 4] = [
    ("-created_at", OrderSort::NewestFirst),
    ("created_at", OrderSort::OldestFirst),
    ("-total", OrderSort::HighestTotalFirst),
    ("updated_at", OrderSort::OldestChangeFirst),
];

#[derive(Clone, Copy)]
enum Expand {
    Items,
    Addresses,
    Payments,
}

const EXPANDS: [(&str, Expand); 3] =
    [("items", Expand::Items), ("addresses", Expand::Addresses), ("payments", Expand::Payments)];

pub(super) struct Listing {
    pub(super) query: OrderQuery,
    pub(super) expanded: Expanded,
    pub(super) count: bool,
    binding: Binding,
}

/// A list is answered by the page, or streamed as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Page,
    Whole,
}

impl Listing {
    pub(super) fn read(query: &mut Query<'_>, extent: Extent) -> Listing {
        let binding = query.binding("orders");
        let filter = filter(query);
        let sort = query.word("sort", &SORTS).unwrap_or_default();
        let mut expanded = Expanded::default();
        for part in query.words("expand", &EXPANDS) {
            match part {
                Expand::Items => expanded.items = true,
                Expand::Addresses => expanded.addresses = true,
                Expand::Payments => expanded.payments = true,
            }
        }
        let (mut limit, mut after, mut count) = (0, None, false);
        // A stream has neither pages nor a place for a count.
        if extent == Extent::Page {
            limit = query.limit();
            after = query.cursor(binding).and_then(|it| position(&it));
            count = query.flag("count").unwrap_or(false);
        }
        let with_persons = expanded.addresses;
        let query = OrderQuery { filter, sort, after, limit, with_persons };
        Listing { query, expanded, count, binding }
    }

    /// Leaves of the list what the caller may see.
    pub(super) fn narrow(&mut self, call: &Call) -> Result<(), Problem> {
        let filter = &mut self.query.filter;
        if call.reader()?.is_customer() {
            let me = call.customer()?;
            if filter.customers.iter().any(|named| *named != me) {
                return Err(refused::another_customer());
            }
            filter.customers = vec![me];
            hide_reviews(filter);
        }
        if let Some(stores) = call.stores() {
            filter.stores = narrowed(std::mem::take(&mut filter.stores), stores);
        }
        Ok(())
    }

    pub(super) fn cursor(&self, next: Position) -> String {
        let no = Part::Number(i64::try_from(next.no.0).unwrap_or(i64::MAX));
        match self.query.sort {
            OrderSort::NewestFirst | OrderSort::OldestFirst => cursor::encode(self.binding, &[no]),
            OrderSort::HighestTotalFirst | OrderSort::OldestChangeFirst => {
                cursor::encode(self.binding, &[Part::Number(next.value), no])
            }
        }
    }
}

fn position(parts: &[Part]) -> Option<Position> {
    let (value, no) = match parts {
        [Part::Number(no)] => (0, no),
        [Part::Number(value), Part::Number(no)] => (*value, no),
        _ => return None,
    };
    Some(Position { value, no: OrderNo(u64::try_from(*no).ok()?) })
}

/// What is under review looks to its customer as if there were none.
fn hide_reviews(filter: &mut OrderFilter) {
    let asked = &mut filter.review_statuses;
    if asked.is_empty() {
        return;
    }
    asked.retain(|it| *it != ReviewStatus::UnderReview);
    if asked.is_empty() {
        filter.stores = vec![NO_STORE];
    } else if asked.contains(&ReviewStatus::None) {
        asked.push(ReviewStatus::UnderReview);
    }
}

fn filter(query: &mut Query<'_>) -> OrderFilter {
    let stores = query.integers("store_id", 1..=u32::MAX.into());
    OrderFilter {
        customers: customers(query),
        statuses: query.words("status", &Status::ALL.map(|it| (it.name(), it))),
        payment_statuses: query
            .words("payment_status", &PaymentStatus::ALL.map(|it| (it.name(), it))),
        shipping_statuses: query
            .words("shipping_status", &ShippingStatus::ALL.map(|it| (it.name(), it))),
        review_statuses: query.words("review_status", &ReviewStatus::ALL.map(|it| (it.name(), it))),
        on_hold: query.flag("on_hold"),
        stores: stores.into_iter().filter_map(|it| u32::try_from(it).ok()).map(StoreId).collect(),
        products: parsed::<ProductId>(query.ids("product_id")),
        created_from: query.time("created_from").map(Moment),
        created_to: query.time("created_to").map(Moment),
        updated_since: query.time("updated_since").map(Moment),
        up_to: None,
        search: query.text("q", 1..=SEARCH_CHARS_MAX).map(|it| Search::new(&it)),
    }
}

const SEARCH_CHARS_MAX: usize = 200;

/// In either spelling, but not in both.
fn customers(query: &mut Query<'_>) -> Vec<CustomerId> {
    let snake = query.ids("user_id");
    let camel = query.ids("customerId");
    if !snake.is_empty() && !camel.is_empty() {
        query.fault("customerId", "duplicate_parameter", "must not be given beside user_id");
    }
    parsed(if snake.is_empty() { camel } else { snake })
}

fn parsed<T: std::str::FromStr>(ids: Vec<String>) -> Vec<T> {
    ids.iter().filter_map(|it| it.parse().ok()).collect()
}
