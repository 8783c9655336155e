//! Random orders, changed at random, in random lists: every store gives the same pages in the end,
//! whatever its indexes.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Event, Moment, Money, Order, OrderNo, PaymentId,
    address::{Address, Contact, Person},
    counter::Counter,
    event::{OrderCreated, OrderShipped, ShipmentCreated},
    order::{PaymentMethod, PaymentStatus, ReviewStatus, ShippingStatus, Status},
    payment::{Payment, PaymentState},
    shipment::Shipment,
};
use proptest::{bool::weighted, collection::vec, option, prelude::*, sample::select};
use store::{Entries, OrderFilter, OrderQuery, OrderSort, Search, Segment};

use crate::{
    differential::config,
    driver,
    fixture::{self, Fixture},
    samples::{NOON, id, keys, recorded, young_order},
};

const CUSTOMERS: [&str; 4] = ["ann", "bob", "Bob", "ORD3"];
const PRODUCTS: [&str; 4] = ["p1", "p10", "p2", "never"];
const NAMES: [&str; 6] =
    ["Jane Doe", "Jane O'Brien", "jan de Vries", "MÜLLER & Söhne", "\u{1f4e6} %_", ""];
/// More words that begin alike than are looked at one by one.
const EMAILS: [&str; 12] = [
    "jane@example.com",
    "J.Doe@Example.org",
    "müller@example.com",
    "jana@example.com",
    "janb@example.com",
    "janc@example.com",
    "janf@example.com",
    "jang@example.com",
    "janh@example.com",
    "jani@example.com",
    "janj@example.com",
    "jank@example.com",
];
const TRACKING: [&str; 3] = ["JD 0001 4600", "00340434161094000000", "jane"];
const ASKED: [&str; 15] = [
    "jane",
    "jan",
    "jan d",
    "JANE d",
    "o'brien",
    "brien",
    "müll",
    "example",
    "jane@example.com",
    "ORD3",
    "ord17",
    "1-5",
    "jd00",
    "%",
    "bob",
];

const PAYMENT_STATUSES: [PaymentStatus; 3] =
    [PaymentStatus::Unpaid, PaymentStatus::Authorized, PaymentStatus::Paid];
const SHIPPING_STATUSES: [ShippingStatus; 3] =
    [ShippingStatus::Pending, ShippingStatus::Processing, ShippingStatus::Shipped];
const REVIEW_STATUSES: [ReviewStatus; 3] =
    [ReviewStatus::None, ReviewStatus::UnderReview, ReviewStatus::Passed];

#[test]
fn sqlite_lists_what_memory_lists() {
    proptest!(config(12), |(batches in vec(batch(), 1..12), lists in vec(list(), 60))| {
        assert_equal(fixture::sqlite(), &batches, &lists);
    });
}

#[test]
fn postgres_lists_what_memory_lists() {
    proptest!(config(6), |(batches in vec(batch(), 1..12), lists in vec(list(), 60))| {
        assert_equal(fixture::postgres(), &batches, &lists);
    });
}

fn assert_equal(mut found: Fixture, batches: &[Batch], lists: &[List]) {
    let expected = fixture::memory();
    let mut orders = BTreeMap::new();
    for batch in batches {
        if batch.reopens {
            found.reopen();
        }
        let changed = batch.play(&mut orders);
        write(&expected, &changed);
        write(&found, &changed);
    }
    found.settle();
    for list in lists {
        let (expected, found) = (list.walk(&expected), list.walk(&found));
        assert_eq!(found, expected, "{list:?}");
    }
    let segment = found.wait(found.reads().segment(0)).unwrap();
    assert_eq!(segment, expected.wait(expected.reads().segment(0)).unwrap());
    for order in orders.values() {
        let entries = segment.entries.get(&order.no);
        assert_eq!((Segment::of(order.no), entries), (0, Some(&Entries::of(order))));
    }
}

fn write(it: &Fixture, changed: &[(Order, Event)]) {
    let named = keys(|keys| keys.orders.extend(changed.iter().map(|(order, _)| order.no)));
    it.write(&named, |world| {
        for (order, event) in changed {
            let seq = world.counters.next(Counter::Event);
            world.counters.take(Counter::Event, seq);
            world.events.push(recorded(seq, order.store.0, Some(order.no.0), event.clone()));
            world.orders.put(order.no, order.clone());
        }
    });
}

#[derive(Clone, Debug)]
struct Batch {
    placed: Vec<Placed>,
    changed: Vec<Changed>,
    /// By another process than the one before it.
    reopens: bool,
    /// Milliseconds since the batch before: often none.
    pause: i64,
}

#[derive(Clone, Debug)]
struct Placed {
    store: u32,
    customer: Option<&'static str>,
    total: i64,
    products: Vec<&'static str>,
    names: Option<(&'static str, &'static str)>,
    email: Option<&'static str>,
    has_retrieval: bool,
}

#[derive(Clone, Debug)]
struct Changed {
    which: usize,
    state: (Status, ShippingStatus, ReviewStatus, bool),
    payment: Option<PaymentState>,
    tracking: Option<&'static str>,
}

impl Batch {
    /// What it makes of the orders that there are. Those that it changes come first.
    fn play(&self, orders: &mut BTreeMap<OrderNo, Order>) -> Vec<(Order, Event)> {
        let newest = orders.values().map(|it| it.updated_at).max();
        let at = newest.map_or(Moment(NOON), |it| it.plus_ms(self.pause));
        let mut made = BTreeMap::new();
        for change in &self.changed {
            let Some(order) = orders.values_mut().nth(change.which % 40) else { continue };
            change.make(order, at);
            let tracking = order.shipments.last().cloned().filter(|_| change.tracking.is_some());
            let event = match tracking {
                Some(shipment) => Event::ShipmentCreated(ShipmentCreated { shipment }),
                None => Event::OrderShipped(OrderShipped { reason: None }),
            };
            // Of two changes in a batch the log may have the less telling one last.
            made.entry(order.no).or_insert_with(Vec::new).push(event);
        }
        for placed in &self.placed {
            let no = OrderNo(u64::try_from(orders.len()).unwrap() + 1);
            let (order, event) = placed.order(no, at);
            orders.insert(no, order);
            made.entry(no).or_insert_with(Vec::new).push(event);
        }
        let of = |no: &OrderNo| orders[no].clone();
        made.iter()
            .flat_map(|(no, events)| events.iter().map(move |it| (of(no), it.clone())))
            .collect()
    }
}

impl Placed {
    fn order(&self, no: OrderNo, at: Moment) -> (Order, Event) {
        let mut order = young_order(no.0, self.store, self.customer, at.0);
        let line = order.lines[0].clone();
        let lines = self.products.iter().map(|product| {
            let mut line = line.clone();
            line.product = (*product != "never").then(|| id(product));
            line
        });
        order.lines = lines.collect();
        order.total = Money(self.total);
        order.retrieval_no = self.has_retrieval.then_some(no.0);
        let address = |name: &str| {
            let name = (!name.is_empty()).then(|| name.to_owned());
            Address {
                company: name.clone().filter(|it| it.contains('&')),
                name,
                ..driver::address("US")
            }
        };
        let person = self.names.map(|(shipping, billing)| {
            Box::new(Person {
                shipping_address: Some(address(shipping)),
                billing_address: Some(address(billing)),
                contact: Contact { email: self.email.map(Into::into), phone: None },
                notes: None,
            })
        });
        order.person = person;
        let created = OrderCreated {
            kind: order.kind,
            customer: order.customer.clone(),
            currency: order.currency,
            lines: order.lines.clone(),
            shipping: order.shipping.clone(),
            adjustments: Vec::new(),
            total: order.total,
            payment_method: order.payment_method,
            expires_at: None,
            with_payment: false,
            merchant: None,
            metadata: order.metadata.clone(),
        };
        (order, Event::OrderCreated(Box::new(created)))
    }
}

impl Changed {
    fn make(&self, order: &mut Order, at: Moment) {
        (order.status, order.shipping_status, order.review_status, order.on_hold) = self.state;
        order.updated_at = at;
        order.version += 1;
        order.payments = self
            .payment
            .map(|status| Payment {
                id: PaymentId::new("pay_1"),
                method: PaymentMethod::CreditCard,
                intent: None,
                status,
                amount: order.total,
                failure: None,
                at,
            })
            .into_iter()
            .collect();
        if let Some(number) = self.tracking {
            order.shipments.push(Shipment {
                id: "shp_1".into(),
                items: Vec::new(),
                carrier: None,
                tracking_number: Some(number.into()),
                further_tracking_numbers: Vec::new(),
                at,
                delivered_at: None,
            });
        }
    }
}

#[derive(Clone, Debug)]
struct List {
    filter: OrderFilter,
    sort: OrderSort,
    limit: u32,
    with_persons: bool,
}

impl List {
    /// All pages, the count, and whether indexes that lag were asked.
    fn walk(&self, it: &Fixture) -> (Vec<Order>, u64, bool) {
        let reads = it.reads();
        let mut after = None;
        let mut found = Vec::new();
        loop {
            let List { filter, sort, limit, with_persons } = self.clone();
            let query = OrderQuery { filter, sort, after, limit, with_persons };
            let page = it.wait(reads.orders(query)).unwrap();
            assert!(page.orders.len() <= usize::try_from(self.limit).unwrap());
            found.extend(page.orders.into_iter().map(Arc::unwrap_or_clone));
            after = page.next;
            if after.is_none() {
                let count = it.wait(reads.count_orders(self.filter.clone())).unwrap();
                return (found, count, page.as_of_seq.is_some());
            }
        }
    }
}

fn batch() -> impl Strategy<Value = Batch> {
    let parts = (vec(placed(), 0..12), vec(changed(), 0..6), weighted(0.1), 0..3_i64);
    parts.prop_map(|(placed, changed, reopens, pause)| Batch { placed, changed, reopens, pause })
}

fn placed() -> impl Strategy<Value = Placed> {
    let names = option::weighted(0.8, (select(&NAMES[..]), select(&NAMES[..])));
    let parts = (
        1..4_u32,
        option::of(select(&CUSTOMERS[..])),
        select(&[0, 1, 999, 1000, i64::MAX][..]),
        vec(select(&PRODUCTS[..]), 1..4),
        names,
        option::of(select(&EMAILS[..])),
        weighted(0.5),
    );
    parts.prop_map(|(store, customer, total, products, names, email, has_retrieval)| Placed {
        store,
        customer,
        total,
        products,
        names,
        email,
        has_retrieval,
    })
}

fn changed() -> impl Strategy<Value = Changed> {
    let state = (
        select(&Status::ALL[..]),
        select(&SHIPPING_STATUSES[..]),
        select(&REVIEW_STATUSES[..]),
        weighted(0.3),
    );
    let payment = option::of(select(&[PaymentState::Authorized, PaymentState::Captured][..]));
    let parts = (0..40_usize, state, payment, option::weighted(0.3, select(&TRACKING[..])));
    parts.prop_map(|(which, state, payment, tracking)| Changed { which, state, payment, tracking })
}

fn list() -> impl Strategy<Value = List> {
    let sort = select(
        &[
            OrderSort::NewestFirst,
            OrderSort::OldestFirst,
            OrderSort::HighestTotalFirst,
            OrderSort::OldestChangeFirst,
        ][..],
    );
    (filter(), sort, 1..30_u32, weighted(0.2))
        .prop_map(|(filter, sort, limit, with_persons)| List { filter, sort, limit, with_persons })
}

fn filter() -> impl Strategy<Value = OrderFilter> {
    let moment = || option::weighted(0.1, (NOON - 1..NOON + 12).prop_map(Moment));
    let states = (
        some(&Status::ALL[..]),
        some(&PAYMENT_STATUSES[..]),
        some(&SHIPPING_STATUSES[..]),
        some(&REVIEW_STATUSES[..]),
        option::weighted(0.15, any::<bool>()),
        some(&[1, 2, 3, 9][..]),
    );
    let rest = (
        some(&CUSTOMERS[..]),
        some(&PRODUCTS[..]),
        moment(),
        moment(),
        moment(),
        option::weighted(0.1, (0..90_u64).prop_map(OrderNo)),
        option::weighted(0.25, select(&ASKED[..])),
    );
    (states, rest).prop_map(|(states, rest)| {
        let (statuses, payment_statuses, shipping_statuses, review_statuses, on_hold, stores) =
            states;
        let (customers, products, created_from, created_to, updated_since, up_to, asked) = rest;
        OrderFilter {
            customers: customers.into_iter().map(id).collect(),
            statuses,
            payment_statuses,
            shipping_statuses,
            review_statuses,
            on_hold,
            stores: stores.into_iter().map(domain::StoreId).collect(),
            products: products.into_iter().map(id).collect(),
            created_from,
            created_to,
            updated_since,
            up_to,
            search: asked.map(Search::new),
        }
    })
}

/// Mostly none, else a few of them, some twice.
fn some<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![4 => Just(Vec::new()), 1 => vec(select(all), 1..4)]
}
