//! Goods in several places: which of them serves a line, and what each shelf holds then.

use domain::{
    Command, Event, OrderNo, Refusal, Subject,
    order::PaymentMethod,
    stock::{Stock, StockKey, set::SetStock},
    version::Expected,
};

use crate::{
    house::{House, cancel, collect, command, id, place, shelf, ship_open, ship_some, staff},
    refusals::Case,
    till::{give, restocked},
};

fn at(location: &str) -> StockKey {
    StockKey { location: id(location), ..shelf("desk") }
}

fn set(location: &str, on_hand: i64) -> Command {
    let (stock, reason, expected) = (at(location), None, Expected::Any);
    Command::SetStock(SetStock { stock, on_hand, reason, expected })
}

/// Four desks in the main location, and so many in others.
fn house(elsewhere: &[(&str, i64)]) -> House {
    let mut house = House::new();
    house.must(&set("main", 4));
    elsewhere.iter().for_each(|(location, on_hand)| house.must(&set(location, *on_hand)));
    house
}

/// The location of each line of an order of so many desks a line.
fn served(house: &mut House, desks: &[u32]) -> Vec<String> {
    let items: Vec<_> = desks.iter().map(|it| ("desk", *it)).collect();
    house.must(&command(place(&items)));
    let order = house.world.orders.iter().max_by_key(|it| it.no).unwrap();
    order.lines.iter().map(|it| it.location.as_ref().unwrap().to_string()).collect()
}

fn check(elsewhere: &[(&str, i64)], desks: &[u32], expected: &[&str]) {
    assert_eq!(served(&mut house(elsewhere), desks), expected, "{elsewhere:?} {desks:?}");
}

#[test]
fn a_line_is_served_whole_by_the_first_that_has_enough() {
    check(&[], &[4], &["main"]);
    check(&[("attic", 9)], &[4], &["main"]);
    check(&[("attic", 9)], &[5], &["attic"]);
    check(&[("zoo", 9), ("attic", 9)], &[5], &["attic"]);
    check(&[("zoo", 9), ("attic", 4)], &[5], &["zoo"]);
    check(&[("attic", 9)], &[3, 3], &["main", "attic"]);
    check(&[("attic", 9)], &[3, 3, 1], &["main", "attic", "main"]);
    check(&[("attic", 5)], &[5, 4], &["attic", "main"]);
    check(&[("attic", 9)], &[9, 4], &["attic", "main"]);
    check(&[("attic", 2), ("zoo", 3)], &[4, 3, 2], &["main", "zoo", "attic"]);
}

#[test]
fn orders_of_one_batch_take_what_is_left_elsewhere() {
    let mut house = house(&[("attic", 3)]);
    assert_eq!(served(&mut house, &[3]), ["main"]);
    assert_eq!(served(&mut house, &[2]), ["attic"]);
    assert_eq!(served(&mut house, &[1]), ["main"]);
    assert_eq!(served(&mut house, &[1]), ["attic"]);
    house.run(&staff(), &command(place(&[("desk", 1)]))).unwrap_err();
}

/// What is told of an order that can't be served.
fn short(elsewhere: &[(&str, i64)], desks: &[u32]) -> Vec<(Subject, i64, i64)> {
    let items: Vec<_> = desks.iter().map(|it| ("desk", *it)).collect();
    let refused = house(elsewhere).run(&staff(), &command(place(&items))).unwrap_err();
    let told = refused.iter().map(|(subject, refusal)| {
        let Refusal::InsufficientStock { name: _, available, requested } = refusal else {
            panic!("{refusal:?}")
        };
        (*subject, *available, *requested)
    });
    told.collect()
}

#[test]
fn what_no_location_can_serve_is_told_once() {
    let first = Subject::ItemQuantity(0);
    assert_eq!(short(&[], &[5]), [(first, 4, 5)]);
    assert_eq!(short(&[], &[3, 2]), [(first, 4, 5)]);
    assert_eq!(short(&[("attic", 4)], &[5]), [(first, 4, 5)], "eight in all, but no five");
    assert_eq!(short(&[("attic", 7), ("zoo", 6)], &[8]), [(first, 7, 8)]);
    assert_eq!(short(&[("attic", 7)], &[4, 7, 1]), [(first, 7, 12)]);
}

#[test]
fn each_shelf_keeps_its_own_books() {
    let mut house = house(&[("attic", 9)]);
    let mut place = place(&[("desk", 2), ("desk", 5)]);
    place.payment_method = PaymentMethod::CashOnDelivery;
    house.must(&command(place));
    let no = OrderNo(1);
    let books = |house: &House| {
        ["main", "attic"].map(|it| {
            let Stock { on_hand, reserved, version: _ } = *house.world.stock.get(&at(it)).unwrap();
            (on_hand, reserved)
        })
    };
    assert_eq!(books(&house), [(4, 2), (9, 5)]);
    house.must(&ship_some(no, &[(2, 1)]));
    assert_eq!(books(&house), [(4, 2), (8, 4)]);
    house.must(&collect(no));
    give(&mut house, no, restocked(&[(1, 1), (2, 4)]));
    assert_eq!(books(&house), [(4, 1), (8, 0)]);
    house.must(&ship_open(no));
    assert_eq!(books(&house), [(3, 0), (8, 0)]);
    give(&mut house, no, restocked(&[(2, 1)]));
    assert_eq!(books(&house), [(3, 0), (9, 0)], "it comes back to where it was");

    house.must(&command(crate::house::place(&[("desk", 9)])));
    assert_eq!(books(&house), [(3, 0), (9, 9)]);
    house.must(&cancel(OrderNo(2)));
    assert_eq!(books(&house), [(3, 0), (9, 0)]);
}

#[test]
fn each_shelf_tells_that_it_runs_low() {
    let mut house = house(&[("attic", 9)]);
    house.product("desk", |it| it.low_stock_at = Some(2));
    served(&mut house, &[2, 7]);
    let low = house.world.events.iter().filter_map(|it| {
        let Event::StockLow(low) = &it.event else { return None };
        Some((low.stock.location.to_string(), low.available))
    });
    assert_eq!(low.collect::<Vec<_>>(), [("attic".to_owned(), 2), ("main".to_owned(), 2)]);
}

/// The main location and as many others as there may be.
fn full() -> House {
    let mut house = house(&[]);
    for it in 0..Stock::LOCATIONS_MAX {
        house.must(&set(&format!("place-{it}"), 1));
    }
    house
}

#[test]
fn a_product_that_lies_everywhere_is_still_counted() {
    let mut house = full();
    [set("main", 5), set("place-7", 6)].iter().for_each(|it| house.must(it));
    assert_eq!(served(&mut house, &[6]), ["place-7"]);
}

/// Rows for the table of refusals.
pub(crate) fn refused() -> Vec<Case> {
    vec![Case {
        what: "one place too many",
        house: full(),
        who: staff(),
        asked: set("attic", 1),
        subject: Subject::Request,
        refusal: Refusal::TooManyLocations(id("desk")),
    }]
}
