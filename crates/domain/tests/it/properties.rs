//! What holds after any sequence of commands.

use std::collections::BTreeMap;

use domain::{
    AdminEvent, Command, Money, Order, OrderNo,
    counter::Counter,
    order::{PaymentMethod, Status},
    stock::{StockKey, adjust::AdjustStock, set::SetStock},
    version::Expected,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::house::{
    House, arrive, cancel, collect, command, confirm, customer, deliver, id, place, reopen, shelf,
    ship, ship_open, ship_some, staff,
};

const PRODUCTS: [&str; 3] = ["desk", "chair", "book"];

#[derive(Clone, Debug)]
enum Deed {
    Run(Command),
    /// Ann does it herself.
    Ann(Command),
    /// A card order appears that nobody has asked an intent for.
    PrepaidOrder,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_agree_after_any_sequence(deeds in vec(deed(), 1..80)) {
        let mut house = House::new();
        house.product("chair", |it| it.price = Money(333));
        house.stock("desk", 0, 0);
        house.must(&set("desk", 30));
        house.must(&set("chair", 30));
        for deed in deeds {
            perform(&mut house, deed);
        }
        check_orders(&house);
        check_stock(&house);
        check_numbers(&house);
    }
}

fn perform(house: &mut House, deed: Deed) {
    // A refusal is as good an answer as any: what matters is what stands in the books.
    match deed {
        Deed::Run(command) => _ = house.run(&staff(), &command),
        Deed::Ann(command) => _ = house.run(&customer("ann"), &command),
        Deed::PrepaidOrder => {
            if house.shelf("desk").0 - house.shelf("desk").1 >= 3 {
                house.order_paid_by(PaymentMethod::CreditCard);
            }
        }
    }
}

fn check_orders(house: &House) {
    for order in house.world.orders.iter() {
        let events = house.world.events.iter().filter(|it| it.order == Some(order.no));
        let folded = Order::fold(events).unwrap();
        assert_eq!(folded, Order { person: None, ..order.clone() }, "an order is its events");
        let totals = order.totals().unwrap();
        let parts = [totals.subtotal, totals.shipping, totals.tax];
        let sum = Money::sum(parts).unwrap().minus(totals.discount).unwrap();
        assert_eq!(sum, order.total, "the parts are the whole");
        assert!(totals.refunded <= totals.paid && totals.paid <= order.total);
        for line in &order.lines {
            assert_eq!(line.price.times(line.quantity.get()), Ok(line.total));
            let done = line.counts.cancelled + line.counts.shipped;
            assert!(done <= line.quantity.get(), "{line:?}");
            assert!(line.counts.returned <= line.counts.shipped);
            let parcels = order.shipments.iter().flat_map(|it| &it.items);
            let of_line = parcels.filter(|it| it.line == line.no).map(|it| it.quantity.get());
            assert_eq!(of_line.sum::<u32>(), line.counts.shipped, "what was shipped is in parcels");
        }
        let arrived = order.shipments.iter().all(|it| it.delivered_at.is_some());
        let (all, some) = (Status::Delivered, Status::Shipped);
        assert!(order.status != all || arrived, "all of a delivered order has arrived");
        assert!(order.status != some || !arrived || order.shipments.is_empty());
    }
}

fn check_stock(house: &House) {
    let mut expected: BTreeMap<StockKey, (i64, i64)> = BTreeMap::new();
    for logged in &house.world.admin_events {
        if let AdminEvent::StockChanged(it) = &logged.event {
            expected.entry(it.stock.clone()).or_default().0 += it.delta;
        }
    }
    for line in house.world.orders.iter().flat_map(|it| &it.lines) {
        if let Some(key) = line.stock_key() {
            let (on_hand, reserved) = expected.entry(key).or_default();
            *on_hand -= i64::from(line.counts.shipped);
            *reserved += i64::from(line.open());
        }
    }
    for (key, (on_hand, reserved)) in expected {
        let stock = house.world.stock.get(&key).unwrap();
        assert_eq!((stock.on_hand, stock.reserved), (on_hand, reserved), "{key:?}");
        assert!(stock.reserved >= 0 && stock.available() >= 0, "{key:?}: {stock:?}");
    }
}

fn check_numbers(house: &House) {
    let store = domain::StoreId::FIRST;
    let mut given: Vec<_> = house.world.orders.iter().filter_map(|it| it.retrieval_no).collect();
    given.sort_unstable();
    let last = house.counter(Counter::Retrieval(store));
    assert_eq!(given, (1..=last).collect::<Vec<_>>(), "retrieval numbers have no gap");
    let notes = house.world.orders.iter().filter(|it| it.credit_note.is_some()).count();
    let last = house.counter(Counter::CreditNote(store, 2025));
    assert_eq!(usize::try_from(last), Ok(notes), "nor have credit notes");
    let seqs: Vec<u64> = house.world.events.iter().map(|it| it.seq).collect();
    assert_eq!(seqs, (1..=house.counter(Counter::Event)).collect::<Vec<_>>());
    assert!(house.world.events.is_sorted_by_key(|it| it.at));
}

fn deed() -> impl Strategy<Value = Deed> {
    let order = || (1..15_u64).prop_map(OrderNo);
    let on_order = select(&[confirm, cancel, ship, deliver, collect, reopen][..]);
    let moves = (on_order, order()).prop_map(|(build, no): (fn(OrderNo) -> Command, _)| build(no));
    let items = vec((select(&PRODUCTS[..]), 1..4_u32), 1..4);
    let placed = items.prop_map(|items| command(place(&items)));
    let counted = (select(&PRODUCTS[..]), 0..40_i64).prop_map(|(product, it)| set(product, it));
    let moved = (select(&PRODUCTS[..]), -9..9_i64).prop_map(|(product, delta)| {
        let (stock, reason, expected) = (shelf(product), None, Expected::Any);
        Command::AdjustStock(AdjustStock { stock, delta, reason, expected })
    });
    prop_oneof![
        4 => placed.prop_map(Deed::Run),
        8 => moves.prop_map(Deed::Run),
        1 => order().prop_map(|no| Deed::Ann(cancel(no))),
        1 => Just(Deed::PrepaidOrder),
        3 => parcels(),
        1 => counted.prop_map(Deed::Run),
        1 => moved.prop_map(Deed::Run),
    ]
}

fn parcels() -> impl Strategy<Value = Deed> {
    let order = || (1..15_u64).prop_map(OrderNo);
    let items = vec((1..5_u32, 1..3_u32), 1..3);
    let some = (order(), items).prop_map(|(no, items)| ship_some(no, &items));
    let arrived = (order(), 1..4_u32).prop_map(|(no, k)| arrive(no, k));
    prop_oneof![3 => some, 1 => order().prop_map(ship_open), 2 => arrived].prop_map(Deed::Run)
}

fn set(product: &str, on_hand: i64) -> Command {
    let stock = StockKey::main(id(product), None);
    Command::SetStock(SetStock { stock, on_hand, reason: None, expected: Expected::Any })
}
