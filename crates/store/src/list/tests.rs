//! Random lists of random orders, whose numbers lie far apart, read from plain indexes within small
//! bounds: whatever leads and wherever a page is cut off, all pages together are what the filter
//! means, in its order, and no page looks at more than it may.

use std::{cell::Cell, collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use domain::{
    Currency, CustomerId, Moment, Money, Order, OrderNo, ProductId, RetrievalId, StoreId,
    address::{Contact, Person},
    event::OrderCreated,
    order::{OrderKind, PaymentMethod, ReviewStatus, Shipping, Status},
};
use futures_util::FutureExt;
use proptest::{bool::weighted, collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::projection::Entries;

const LOOK: usize = 12;

/// Two orders in three are in the segment of the one before.
const STEP: u64 = (1 << SEGMENT_BITS) / 3;

/// Every order there is, and how many rows were looked at.
struct Plain {
    orders: BTreeMap<u64, Order>,
    looked_at: Cell<usize>,
}

impl Plain {
    fn numbers(&self, window: Window, wants: impl Fn(&Order) -> bool, most: usize) -> Vec<u64> {
        let wanted = self.orders.values().filter(|it| wants(it));
        let mut numbers = wanted.map(|it| it.no.0).collect();
        window.sort(&mut numbers);
        numbers.truncate(most);
        numbers
    }
}

impl Index for Plain {
    const BOUNDS: Bounds =
        Bounds { look: LOOK, sorted: 9, rows_together: 5, entries: 30, segments_together: 3 };

    async fn last(&mut self) -> Result<u64, StoreError> {
        Ok(self.orders.keys().next_back().copied().unwrap_or(0))
    }

    async fn first_since(&mut self, at: Moment) -> Result<u64, StoreError> {
        let first = self.orders.values().find(|it| it.created_at >= at).map(|it| it.no.0);
        Ok(first.unwrap_or(self.last().await? + 1))
    }

    async fn every(&mut self, window: Window, most: usize) -> Result<Vec<u64>, StoreError> {
        Ok(self.numbers(window, |_| true, most))
    }

    async fn states(&mut self, stores: &[StoreId]) -> Result<Option<Vec<State>>, StoreError> {
        let mut states: Vec<State> = Vec::new();
        for state in self.orders.values().map(State::of) {
            if !states.contains(&state) && (stores.is_empty() || stores.contains(&state.store)) {
                states.push(state);
            }
        }
        // A shop with more of them than can be walked side by side.
        Ok((states.len() <= 6).then_some(states))
    }

    async fn in_states(
        &mut self,
        states: &[State],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        Ok(self.numbers(window, |it| states.contains(&State::of(it)), most))
    }

    async fn count_in_states(
        &mut self,
        states: &[State],
        window: Window,
    ) -> Result<u64, StoreError> {
        Ok(self.numbers(window, |it| states.contains(&State::of(it)), usize::MAX).len() as u64)
    }

    async fn of_customers(
        &mut self,
        customers: &[CustomerId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let is_theirs = |it: &Order| it.customer.as_ref().is_some_and(|it| customers.contains(it));
        Ok(self.numbers(window, is_theirs, most))
    }

    async fn of_products(
        &mut self,
        products: &[ProductId],
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let is_sold = |it: &Order| {
            let sold = Entries::of(it).products;
            products.iter().any(|it| sold.contains(it.as_str()))
        };
        Ok(self.numbers(window, is_sold, most))
    }

    async fn of_word(
        &mut self,
        begin: &str,
        window: Window,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let has_word = |it: &Order| Entries::of(it).words.iter().any(|it| it.starts_with(begin));
        Ok(self.numbers(window, has_word, most))
    }

    async fn by_retrieval(&mut self, id: RetrievalId) -> Result<Option<u64>, StoreError> {
        let found = self.orders.values().find(|it| it.retrieval_id() == Some(id));
        Ok(found.map(|it| it.no.0))
    }

    async fn changed_since(&mut self, at: Moment, most: usize) -> Result<Vec<u64>, StoreError> {
        let changed = self.orders.values().filter(|it| it.updated_at >= at);
        Ok(changed.map(|it| it.no.0).take(most).collect())
    }

    async fn by_total(
        &mut self,
        after: Option<Position>,
        segments: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let sort = OrderSort::HighestTotalFirst;
        let within = self.orders.values().filter(|it| segments.contains(&long_segment_of(it.no.0)));
        let places = within.map(|it| Position::of(it, sort));
        let mut places: Vec<_> =
            places.filter(|it| after.is_none_or(|after| it.is_after(after, sort))).collect();
        places.sort_by(|one, other| other.cmp(one));
        places.truncate(most);
        Ok(places)
    }

    async fn by_change(
        &mut self,
        after: Option<Position>,
        since: Option<Moment>,
        most: usize,
    ) -> Result<Vec<Position>, StoreError> {
        let sort = OrderSort::OldestChangeFirst;
        let places = self.orders.values().map(|it| Position::of(it, sort));
        let places = places.filter(|it| since.is_none_or(|since| it.value >= since.0));
        let mut places: Vec<_> =
            places.filter(|it| after.is_none_or(|after| it.is_after(after, sort))).collect();
        places.sort_unstable();
        places.truncate(most);
        Ok(places)
    }

    async fn rows(&mut self, numbers: &[u64]) -> Result<Vec<Listed>, StoreError> {
        self.looked_at.set(self.looked_at.get() + numbers.len());
        let found = numbers.iter().filter_map(|no| self.orders.get(no)).map(|order| Listed {
            no: order.no.0,
            state: State::of(order),
            customer: order.customer.as_ref().map(ToString::to_string),
            total: order.total.0,
            updated_at: order.updated_at.0,
        });
        Ok(found.collect())
    }

    async fn orders(
        &mut self,
        numbers: &[u64],
        with_persons: bool,
    ) -> Result<Vec<Arc<Order>>, StoreError> {
        let found = numbers.iter().filter_map(|no| self.orders.get(no)).cloned();
        let person = |it: Order| Order { person: it.person.filter(|_| with_persons), ..it };
        Ok(found.map(person).map(Arc::new).collect())
    }

    async fn fed_to(&mut self) -> Result<u64, StoreError> {
        Ok(7)
    }
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

#[test]
fn all_pages_are_what_the_filter_means() {
    let config =
        ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(orders in vec(order(), 0..60), filter in filter(), sort in sort(),
            limit in 1..9_u32, pause in 0..3_i64)| {
        check(orders, filter, sort, limit, pause);
    });
}

fn check(orders: Vec<Order>, filter: OrderFilter, sort: OrderSort, limit: u32, pause: i64) {
    let mut plain = Plain { orders: BTreeMap::new(), looked_at: Cell::new(0) };
    for (place, mut order) in (1..).zip(orders) {
        order.no = OrderNo(u64::try_from(place).unwrap() * STEP);
        order.created_at = Moment(place * pause);
        order.updated_at = Moment(order.updated_at.0.max(place * pause));
        plain.orders.insert(order.no.0, order);
    }
    let mut expected: Vec<&Order> = plain.orders.values().filter(|it| filter.matches(it)).collect();
    expected.sort_by(|one, other| {
        match Position::of(one, sort).is_after(Position::of(other, sort), sort) {
            true => Ordering::Greater,
            false => Ordering::Less,
        }
    });
    let expected: Vec<u64> = expected.iter().map(|it| it.no.0).collect();
    let mut query = OrderQuery { filter, sort, after: None, limit, with_persons: false };
    let (mut found, mut pages) = (Vec::new(), 0);
    loop {
        plain.looked_at.set(0);
        let page = super::orders(&mut plain, &query).now_or_never().unwrap().unwrap();
        assert!(plain.looked_at.get() <= LOOK, "{query:?}");
        assert!(page.orders.len() <= limit as usize, "{query:?}");
        assert!(page.orders.iter().all(|it| it.person.is_none()), "{query:?}");
        found.extend(page.orders.iter().map(|it| it.no.0));
        query.after = page.next;
        pages += 1;
        assert!(pages < 200, "the pages never end: {query:?}");
        if query.after.is_none() {
            break;
        }
    }
    assert_eq!(found, expected, "{query:?}");
    let count = count(&mut plain, &query.filter).now_or_never().unwrap();
    // Numbers that nobody has are counted only where nothing is asked.
    if query.filter != OrderFilter::default() && !parts(&query.filter).is_empty() {
        assert_eq!(count, Ok(expected.len() as u64), "{query:?}");
    }
}

fn order() -> impl Strategy<Value = Order> {
    let parts = (
        1..3_u32,
        option::of(select(&["ann", "bob"][..])),
        select(&[Status::Pending, Status::Confirmed][..]),
        weighted(0.2),
        select(&[10, 20, 30][..]),
        select(&["p1", "p2", "p3"][..]),
        option::of(select(&["jane@x.org", "jan@x.org", "joe@x.org"][..])),
        0..20_i64,
    );
    parts.prop_map(|(store, customer, status, on_hold, total, product, email, updated_at)| {
        let created = OrderCreated {
            kind: OrderKind::Sale,
            customer: customer.map(id),
            currency: Currency::USD,
            lines: Vec::new(),
            shipping: Shipping { method: None, amount: Money(0), tax_lines: Vec::new() },
            adjustments: Vec::new(),
            total: Money(total),
            payment_method: PaymentMethod::CashOnDelivery,
            expires_at: None,
            with_payment: false,
            merchant: None,
            metadata: [].into(),
        };
        let mut order = Order::created(OrderNo(1), StoreId(store), Moment(0), &created);
        order.lines.push(line(product));
        (order.status, order.on_hold, order.updated_at) = (status, on_hold, Moment(updated_at));
        order.person = email.map(|email| {
            let contact = Contact { email: Some(email.into()), phone: None };
            Box::new(Person { contact, ..Person::default() })
        });
        order
    })
}

fn line(product: &str) -> domain::order::Line {
    serde_json::from_value(serde_json::json!({
        "no": 1, "product": product, "name": product, "quantity": 1, "price": 1, "total": 1,
    }))
    .unwrap()
}

fn sort() -> impl Strategy<Value = OrderSort> {
    select(
        &[
            OrderSort::NewestFirst,
            OrderSort::OldestFirst,
            OrderSort::HighestTotalFirst,
            OrderSort::OldestChangeFirst,
        ][..],
    )
}

fn filter() -> impl Strategy<Value = OrderFilter> {
    let moment = || option::weighted(0.15, (0..100_i64).prop_map(Moment));
    let parts = (
        some(&["ann", "bob", "cid"][..]),
        some(&[Status::Pending, Status::Shipped][..]),
        some(&[ReviewStatus::None][..]),
        option::weighted(0.2, any::<bool>()),
        some(&[1, 2, 9][..]),
        some(&["p1", "p2", "p9"][..]),
        (moment(), moment(), moment()),
        option::weighted(0.1, (0..60 * STEP).prop_map(OrderNo)),
        option::weighted(0.4, select(&["jan", "jane", "j x", "ann", "ORD1365", "x"][..])),
    );
    parts.prop_map(|parts| {
        let (customers, statuses, review_statuses, on_hold, stores, products, times, up_to, asked) =
            parts;
        OrderFilter {
            customers: customers.into_iter().map(id).collect(),
            statuses,
            review_statuses,
            on_hold,
            stores: stores.into_iter().map(StoreId).collect(),
            products: products.into_iter().map(id).collect(),
            created_from: times.0,
            created_to: times.1,
            updated_since: times.2,
            up_to,
            search: asked.map(Search::new),
            ..OrderFilter::default()
        }
    })
}

fn some<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![3 => Just(Vec::new()), 1 => vec(select(all), 1..3)]
}
