//! What is fed behind the writers comes up to them, and may be made anew.

use domain::{Event, Keys, Order, OrderNo, counter::Counter, event::OrderPaid};
use store::{Columns, Entries, OrderFilter, OrderPage, OrderQuery, OrderSort, Search, Segment};

use crate::{
    fixture::Fixture,
    samples::{created, full_order, id, recorded},
};

/// Orders, and the events that tell of them.
fn place(it: &Fixture, orders: &[Order]) {
    it.write(&Keys::default(), |world| {
        for order in orders {
            let seq = world.counters.next(Counter::Event);
            world.counters.take(Counter::Event, seq);
            let event = Event::OrderCreated(Box::new(created()));
            world.events.push(recorded(seq, order.store.0, Some(order.no.0), event));
            world.orders.put(order.no, order.clone());
        }
    });
}

fn orders() -> Vec<Order> {
    let order = |no| Order { retrieval_no: Some(no), ..full_order(no) };
    (1..=9).map(order).collect()
}

fn page(it: &Fixture, filter: OrderFilter, sort: OrderSort) -> OrderPage {
    let query = OrderQuery { filter, sort, after: None, limit: 100, with_persons: false };
    it.wait(it.reads().orders(query)).unwrap()
}

pub(crate) fn a_list_that_may_lag_says_how_far_it_has_come(it: &Fixture) {
    let product = OrderFilter { products: vec![id("p1")], ..OrderFilter::default() };
    let word = OrderFilter { search: Some(Search::new("jane")), ..OrderFilter::default() };
    let lagging = [
        (product, OrderSort::NewestFirst),
        (word, OrderSort::OldestFirst),
        (OrderFilter::default(), OrderSort::HighestTotalFirst),
    ];
    for (filter, sort) in &lagging {
        let page = page(it, filter.clone(), *sort);
        assert_eq!((page.orders, page.next, page.as_of_seq), (Vec::new(), None, Some(0)));
    }
    place(it, &orders());
    // An event that says nothing new of where an order is found counts too.
    it.write(&Keys::default(), |world| {
        world.counters.take(Counter::Event, 10);
        let currency = domain::Currency::USD;
        let paid = Event::OrderPaid(OrderPaid { amount: domain::Money(1), currency });
        world.events.push(recorded(10, 1, Some(3), paid));
    });
    it.settle();
    for (filter, sort) in &lagging {
        let page = page(it, filter.clone(), *sort);
        assert_eq!((page.orders.len(), page.as_of_seq), (9, Some(10)), "{filter:?}");
    }
    let at_once = page(it, OrderFilter::default(), OrderSort::OldestChangeFirst);
    assert_eq!((at_once.orders.len(), at_once.as_of_seq), (9, None));
}

pub(crate) fn what_was_fed_may_be_fed_again(it: &Fixture) {
    let (first, rest) = (&orders()[..4], &orders()[4..]);
    place(it, first);
    it.settle();
    let fed = it.wait(it.reads().segment(0)).unwrap();
    assert_eq!(fed.as_of_seq, 4);
    for order in first {
        assert_eq!(fed.entries.get(&order.no), Some(&Entries::of(order)));
    }
    assert_eq!(it.wait(it.store().forget_entries()), Ok(()));
    it.settle();
    assert_eq!(it.wait(it.reads().segment(0)), Ok(fed));
    place(it, rest);
    it.settle();
    let fed = it.wait(it.reads().segment(0)).unwrap();
    assert!(fed.entries.keys().copied().eq((1..=9).map(OrderNo)), "{fed:?}");
    assert_eq!(it.wait(it.reads().segment(1)).unwrap().entries, Segment::default().entries);
}

pub(crate) fn rows_say_what_their_orders_say(it: &Fixture) {
    let mut orders = orders();
    place(it, &orders);
    let waiting = Order { expires_at: Some(domain::Moment(7)), ..orders[3].clone() };
    let settled = Order { expires_at: None, ..orders[5].clone() };
    it.write(&crate::samples::keys(|keys| keys.orders.extend([waiting.no, settled.no])), |world| {
        world.orders.put(waiting.no, waiting.clone());
        world.orders.put(settled.no, settled.clone());
    });
    (orders[3], orders[5]) = (waiting, settled);
    let columns = |after, limit| it.wait(it.reads().columns(OrderNo(after), limit)).unwrap();
    let expected: Vec<Columns> = orders.iter().map(Columns::of).collect();
    assert_eq!(columns(0, 100), expected);
    assert_eq!(columns(3, 2), expected[3..5]);
    assert_eq!(columns(9, 2), []);
    assert_eq!(expected[3].differing(&orders[3]), Vec::<&str>::new());
    let moved = Order { expires_at: None, created_at: domain::Moment(8), ..orders[3].clone() };
    assert_eq!(expected[3].differing(&moved), ["created_at", "expires_at"]);
}
