//! What lies on the shelf, as people count it.

use domain::{
    AdminEvent, Command, Outcome,
    stock::{Stock, StockKey, adjust::AdjustStock, set::SetStock},
    version::Expected,
};

use crate::house::{House, id, shelf, staff, variant};

/// Ten on hand, three of them reserved; what a count or a movement leaves, and the log's delta.
fn check(command: Command, expected: (i64, i64)) {
    let mut house = House::new();
    house.stock("desk", 10, 3);
    assert_eq!(house.run(&staff(), &command), Ok(Outcome::Stock(shelf("desk"))), "{command:?}");
    assert_eq!(house.shelf("desk"), (expected.0, 3), "{command:?}");
    let logged = &house.world.admin_events[0].event;
    let AdminEvent::StockChanged(changed) = logged else { panic!("{logged:?}") };
    assert_eq!((changed.on_hand, changed.delta), expected, "{command:?}");
    assert_eq!(house.world.stock.get(&shelf("desk")).unwrap().version, 2);
}

#[test]
fn stock_is_set_and_adjusted() {
    let (stock, reason, expected) = (shelf("desk"), None, Expected::Any);
    let set = |on_hand| {
        let (stock, reason, expected) = (stock.clone(), reason.clone(), expected.clone());
        Command::SetStock(SetStock { stock, on_hand, reason, expected })
    };
    let adjust = |delta| {
        let (stock, reason, expected) = (stock.clone(), reason.clone(), expected.clone());
        Command::AdjustStock(AdjustStock { stock, delta, reason, expected })
    };
    check(set(25), (25, 15));
    check(set(3), (3, -7));
    check(set(10), (10, 0));
    check(set(Stock::MAX), (Stock::MAX, Stock::MAX - 10));
    check(adjust(5), (15, 5));
    check(adjust(-7), (3, -7));
    check(adjust(Stock::MAX - 10), (Stock::MAX, Stock::MAX - 10));
}

#[test]
fn what_was_never_counted_is_nothing() {
    let mut house = House::new();
    house.product("chair", |it| it.variants = vec![variant("oak", None)]);
    let stock = StockKey::main(id("chair"), Some(id("oak")));
    let expected = Expected::OneOf(vec![0]);
    let reason = Some("came in".into());
    house.must(&Command::AdjustStock(AdjustStock { stock, delta: 4, reason, expected }));
    let stock = StockKey::main(id("chair"), Some(id("oak")));
    let found = house.world.stock.get(&stock);
    assert_eq!(found, Some(&Stock { on_hand: 4, reserved: 0, version: 1 }));
}
