//! Lists give what a filter asks for, in its order, however they are cut into pages.

use domain::{
    Keys, Moment, Order, OrderNo, RetrievalId, StoreId,
    order::{Status, moves},
};
use store::{OrderFilter, OrderQuery, OrderSort, ProductQuery};

use crate::{
    fixture::Fixture,
    samples::{NOON, full_order, id, keys, method, product, shelf, stock, young_order},
};

const ORDERS: u64 = 300;

/// Time stands still for five orders and then goes on by ten milliseconds.
fn at(no: u64) -> i64 {
    NOON + i64::try_from(no / 5 * 10).unwrap()
}

fn orders() -> Vec<Order> {
    let customers = [Some("ann"), None, Some("Bob"), Some("bob"), Some("c-1"), None, Some("ann")];
    (1..=ORDERS)
        .map(|no| {
            let customer = customers[usize::try_from(no % 7).unwrap()];
            let store = u32::try_from(no * no % 3).unwrap() + 1;
            let mut order = young_order(no, store, customer, at(no));
            order.status = Status::ALL[usize::try_from(no * 11 / 3 % 5).unwrap()];
            if order.status != Status::Pending {
                order.retrieval_no = Some(1000 + no);
            }
            order
        })
        .collect()
}

fn fill(it: &Fixture) -> Vec<Order> {
    let orders = orders();
    it.write(&Keys::default(), |world| {
        for order in &orders {
            world.orders.put(order.no, order.clone());
        }
    });
    orders
}

fn wanted(order: &Order, filter: &OrderFilter) -> bool {
    let any_customer = filter.customers.is_empty();
    (any_customer || order.customer.as_ref().is_some_and(|it| filter.customers.contains(it)))
        && (filter.statuses.is_empty() || filter.statuses.contains(&order.status))
        && (filter.stores.is_empty() || filter.stores.contains(&order.store))
        && filter.created_from.is_none_or(|from| from <= order.created_at)
        && filter.created_to.is_none_or(|to| order.created_at <= to)
}

fn filters() -> Vec<OrderFilter> {
    use Status::{Cancelled, Confirmed, Pending, Shipped};
    let customers = [vec![], vec!["ann"], vec!["bob", "ann", "bob"], vec!["nobody"]];
    let statuses = [
        vec![],
        vec![Confirmed],
        vec![Shipped, Pending],
        vec![Cancelled, Cancelled],
        Status::ALL.to_vec(),
    ];
    let stores = [vec![], vec![StoreId(1)], vec![StoreId(3), StoreId(1)], vec![StoreId(9)]];
    let moment = |no| Some(Moment(at(no)));
    let times = [
        (None, None),
        (moment(150), None),
        (None, moment(150)),
        (Some(Moment(at(100) + 1)), Some(Moment(at(200) - 1))),
        (moment(70), moment(70)),
        (Some(Moment(at(ORDERS) + 1)), None),
        (None, Some(Moment(at(1) - 1))),
        (moment(200), moment(100)),
    ];
    let mut filters = Vec::new();
    for customers in customers {
        for statuses in &statuses {
            for stores in &stores {
                for (created_from, created_to) in times {
                    filters.push(OrderFilter {
                        customers: customers.iter().map(|it| id(it)).collect(),
                        statuses: statuses.clone(),
                        stores: stores.clone(),
                        created_from,
                        created_to,
                        ..OrderFilter::default()
                    });
                }
            }
        }
    }
    filters
}

pub(crate) fn pages_of_orders(it: &Fixture) {
    let orders = fill(it);
    for (index, filter) in filters().into_iter().enumerate() {
        let mut expected: Vec<OrderNo> =
            orders.iter().filter(|it| wanted(it, &filter)).map(|it| it.no).collect();
        let count = it.wait(it.reads().count_orders(filter.clone())).unwrap();
        assert_eq!(usize::try_from(count), Ok(expected.len()), "{filter:?}");
        // Short pages for short lists, so that long ones don't take for ever.
        let limit = if expected.len() > 60 { 90 } else { 13 + u32::try_from(index % 5).unwrap() };
        check_pages(it, &filter, OrderSort::OldestFirst, limit, &expected);
        expected.reverse();
        check_pages(it, &filter, OrderSort::NewestFirst, limit, &expected);
    }
    let everything = OrderFilter::default();
    let oldest_first: Vec<OrderNo> = orders.iter().map(|it| it.no).collect();
    check_pages(it, &everything, OrderSort::OldestFirst, 1, &oldest_first);
    check_pages(it, &everything, OrderSort::OldestFirst, 10_000, &oldest_first);
}

/// Walks all pages.
fn check_pages(
    it: &Fixture,
    filter: &OrderFilter,
    sort: OrderSort,
    limit: u32,
    expected: &[OrderNo],
) {
    let reads = it.reads();
    let mut after = None;
    let mut found = Vec::new();
    loop {
        let query = OrderQuery { filter: filter.clone(), sort, after, limit, with_persons: false };
        let page = it.wait(reads.orders(query)).unwrap();
        assert_eq!(page.as_of_seq, None, "one's own orders are there at once");
        assert!(page.orders.len() <= usize::try_from(limit).unwrap());
        found.extend(page.orders.iter().map(|it| it.no));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, expected, "{filter:?} {sort:?} {limit}");
}

/// An index alone says where the list ends.
pub(crate) fn a_last_page_that_is_full_is_known_to_be_the_last(it: &Fixture) {
    fill(it);
    let confirmed = vec![Status::Confirmed];
    for filter in [
        OrderFilter::default(),
        OrderFilter { statuses: confirmed, ..OrderFilter::default() },
        OrderFilter { customers: vec![id("ann")], ..OrderFilter::default() },
    ] {
        let limit = it.wait(it.reads().count_orders(filter.clone())).unwrap();
        let limit = u32::try_from(limit).unwrap();
        for sort in [OrderSort::NewestFirst, OrderSort::OldestFirst] {
            let query = |limit| OrderQuery {
                filter: filter.clone(),
                sort,
                after: None,
                limit,
                with_persons: false,
            };
            let page = it.wait(it.reads().orders(query(limit))).unwrap();
            assert_eq!((page.orders.len(), page.next), (limit as usize, None), "{filter:?}");
            let page = it.wait(it.reads().orders(query(limit - 1))).unwrap();
            assert_eq!(page.next, page.orders.last().map(|it| it.no.into()), "{filter:?}");
        }
    }
}

pub(crate) fn a_changed_order_moves_to_another_list(it: &Fixture) {
    fill(it);
    let in_status = |status| {
        let filter = OrderFilter { statuses: vec![status], ..OrderFilter::default() };
        it.wait(it.reads().count_orders(filter)).unwrap()
    };
    let from_to = moves::MOVES[0];
    let before = (in_status(from_to.from), in_status(from_to.to));
    let pending = OrderFilter { statuses: vec![from_to.from], ..OrderFilter::default() };
    let newest = OrderQuery {
        filter: pending,
        sort: OrderSort::default(),
        after: None,
        limit: 1,
        with_persons: false,
    };
    let first = || it.wait(it.reads().orders(newest.clone())).unwrap().orders[0].no;
    let no = first();
    it.write(&keys(|keys| _ = keys.orders.insert(no)), |world| {
        world.orders.change(&no, |order| {
            order.status = from_to.to;
            order.retrieval_no = Some(7);
        });
    });
    assert_eq!((in_status(from_to.from), in_status(from_to.to)), (before.0 - 1, before.1 + 1));
    assert_ne!(first(), no);
    let changed = it.wait(it.reads().order(no)).unwrap().unwrap();
    let found = it.wait(it.reads().order_by_retrieval(changed.retrieval_id().unwrap()));
    assert_eq!(found, Ok(Some(no)));
}

pub(crate) fn orders_by_retrieval(it: &Fixture) {
    let orders = fill(it);
    let reads = it.reads();
    for order in &orders {
        let id = RetrievalId { store: order.store, no: 1000 + order.no.0 };
        let found = it.wait(reads.order_by_retrieval(id)).unwrap();
        assert_eq!(found, order.retrieval_no.map(|_| order.no), "{id}");
        let elsewhere = RetrievalId { store: StoreId(order.store.0 + 1), ..id };
        assert_eq!(it.wait(reads.order_by_retrieval(elsewhere)), Ok(None), "{elsewhere}");
    }
}

pub(crate) fn complete_orders_of_a_store(it: &Fixture) {
    let order = |no: u64, store: u32, complete: Option<u64>, reference: Option<&str>| {
        let mut order = full_order(no);
        order.store = StoreId(store);
        order.retrieval_no = complete;
        let merchant = order.merchant.get_or_insert_default();
        let known = merchant.reference.get_or_insert_default();
        known.reference_id = reference.map(Into::into);
        order
    };
    // They become complete in another order than they are placed in.
    let orders = [
        order(1, 1, Some(2), Some("cart")),
        order(2, 2, Some(1), Some("cart")),
        order(3, 1, Some(1), Some("cart")),
        order(4, 1, None, Some("open")),
        order(5, 1, Some(3), None),
    ];
    it.write(&keys(|keys| keys.orders.extend(orders.iter().map(|it| it.no))), |world| {
        for order in &orders {
            world.orders.put(order.no, order.clone());
        }
    });
    let reads = it.reads();
    let whole = |store: u32, no: u64| {
        let id = RetrievalId { store: StoreId(store), no };
        it.wait(reads.order_by_retrieval(id)).unwrap().map(|it| it.0)
    };
    assert_eq!(
        [whole(1, 1), whole(1, 2), whole(1, 3), whole(1, 4)],
        [Some(3), Some(1), Some(5), None]
    );
    assert_eq!([whole(2, 1), whole(2, 2), whole(3, 1)], [Some(2), None, None]);
    let named = |store: u32, reference: &str| {
        let found = reads.order_by_reference(StoreId(store), reference.into());
        it.wait(found).unwrap().map(|it| it.no.0)
    };
    assert_eq!(named(1, "cart"), Some(1), "the last that became complete");
    assert_eq!(named(2, "cart"), Some(2));
    assert_eq!([named(1, "open"), named(1, "Cart"), named(3, "cart")], [None; 3]);
    let pages = |after: u64, limit: u32| -> Vec<u64> {
        let page = it.wait(reads.completed_orders(StoreId(1), after, limit)).unwrap();
        assert!(page.iter().all(|it| it.person.is_none()));
        page.iter().map(|it| it.no.0).collect()
    };
    assert_eq!(pages(0, 9), [3, 1, 5]);
    assert_eq!(pages(0, 2), [3, 1]);
    assert_eq!(pages(2, 2), [5]);
    assert_eq!(pages(3, 2), [0; 0]);
    // An order that becomes complete later is found from then on.
    it.write(&keys(|keys| _ = keys.orders.insert(OrderNo(4))), |world| {
        world.orders.change(&OrderNo(4), |order| order.retrieval_no = Some(4));
    });
    assert_eq!((named(1, "open"), pages(3, 2)), (Some(4), vec![4]));
}

/// Ids whose order differs between the bytes and most languages.
const IDS: [&str; 9] = ["-a", "B", "Z.1", "_a", "a", "a-1", "a.1", "a1", "b"];

pub(crate) fn pages_of_products(it: &Fixture) {
    let mut every: Vec<_> = IDS.iter().map(|name| product(name)).collect();
    for (index, product) in every.iter_mut().enumerate() {
        product.active = index % 3 != 1;
    }
    let named = keys(|keys| keys.products.extend(every.iter().map(|it| it.id.clone())));
    it.write(&named, |world| {
        for product in every.iter().rev() {
            world.products.put(product.id.clone(), product.clone());
        }
    });
    every.sort_by(|a, b| a.id.cmp(&b.id));
    for active_only in [false, true] {
        for limit in [1, 2, 4, 100] {
            let mut left = every.iter().filter(|it| it.active || !active_only);
            let mut after = None;
            loop {
                let query = ProductQuery { after, limit, active_only };
                let page = it.wait(it.reads().products(query)).unwrap();
                let expected = left.by_ref().take(usize::try_from(limit).unwrap());
                assert_eq!(page, expected.cloned().collect::<Vec<_>>(), "{active_only} {limit}");
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone());
            }
        }
    }
}

pub(crate) fn pages_of_stock(it: &Fixture) {
    let variants = [None, Some("-"), Some("B"), Some("a")];
    let mut every = Vec::new();
    for (number, name) in (0..).zip(IDS) {
        for variant in variants {
            let mut key = shelf(name, variant);
            every.push((key.clone(), stock(100 + number, number)));
            key.location = id("Aisle-2");
            every.push((key, stock(number, 0)));
        }
    }
    let named = keys(|keys| keys.stock.extend(every.iter().map(|(key, _)| key.clone())));
    it.write(&named, |world| {
        for (key, stock) in &every {
            world.stock.put(key.clone(), *stock);
        }
    });
    every.sort_by(|a, b| a.0.cmp(&b.0));
    for limit in [1, 5, 1000] {
        let mut left = every.as_slice();
        let mut after = None;
        loop {
            let page = it.wait(it.reads().stock_after(after, limit)).unwrap();
            let (this, rest) = left.split_at(left.len().min(usize::try_from(limit).unwrap()));
            assert_eq!(page, this, "{limit}");
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            left = rest;
        }
    }
    let mut one = it.wait(it.reads().stock(id("a"))).unwrap();
    one.sort_by(|a, b| a.0.cmp(&b.0));
    let expected: Vec<_> = every.iter().filter(|(key, _)| key.product == id("a")).collect();
    assert!(one.iter().eq(expected), "{one:?}");
}

pub(crate) fn delivery_methods_come_by_id(it: &Fixture) {
    let every: Vec<_> = IDS.iter().rev().map(|name| method(name)).collect();
    let named = keys(|keys| keys.delivery_methods.extend(every.iter().map(|it| it.id.clone())));
    it.write(&named, |world| {
        for method in &every {
            world.delivery_methods.put(method.id.clone(), method.clone());
        }
    });
    let found = it.wait(it.reads().delivery_methods()).unwrap();
    let found: Vec<&str> = found.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(found, IDS);
}
