//! Part by part: what each shipment moves, and when an order is shipped and delivered.

use domain::{
    Command, Event, Expected, OrderNo, Refusal, Subject,
    order::{PaymentMethod, ShippingStatus, Status},
    refund::RefundState,
    shipment::update::UpdateShipment,
};

use crate::{
    house::{
        House, actor, arrive, cancel, customer, deliver, quantity, ship, ship_open, ship_some,
        staff,
    },
    refusals::Case,
    till::{authorized, effects, give, hold, paid, release, restocked, settle},
};

type Build = fn(OrderNo) -> Command;

const ONE_DESK: Build = |no| ship_some(no, &[(1, 1)]);
const THE_REST: Build = |no| ship_some(no, &[(2, 2), (1, 2)]);
const FIRST_ARRIVES: Build = |no| arrive(no, 1);
const SECOND_ARRIVES: Build = |no| arrive(no, 2);

/// Of a confirmed order of three desks (ten are there) and two books: its states, the shelf, and
/// the events that the last command has added.
fn check(
    commands: &[Build],
    states: (Status, ShippingStatus),
    shelf: (i64, i64),
    added: &[&'static str],
) {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CashOnDelivery);
    let mut seen = 0;
    for command in commands {
        seen = house.world.events.len();
        house.must(&command(no));
    }
    let order = house.order(no);
    assert_eq!((order.status, order.shipping_status), states, "{added:?}");
    assert_eq!(house.shelf("desk"), shelf, "{added:?}");
    let kinds: Vec<_> = house.world.events[seen..].iter().map(|it| it.event.kind()).collect();
    assert_eq!(kinds, added);
}

#[test]
fn an_order_leaves_in_parts_and_the_last_makes_it_shipped() {
    let partly = (Status::Confirmed, ShippingStatus::PartiallyShipped);
    let shipped = (Status::Shipped, ShippingStatus::Shipped);
    let last = ["shipment.created", "order.shipped"];
    check(&[ONE_DESK], partly, (9, 2), &["shipment.created"]);
    check(&[ONE_DESK, ONE_DESK], partly, (8, 1), &["shipment.created"]);
    check(&[|no| ship_some(no, &[(1, 3)])], partly, (7, 0), &["shipment.created"]);
    check(&[ONE_DESK, THE_REST], shipped, (7, 0), &last);
    check(&[|no| ship_some(no, &[(1, 1), (2, 2), (1, 2)])], shipped, (7, 0), &last);
    check(&[ship_open], shipped, (7, 0), &last);
    check(&[ONE_DESK, ship_open], shipped, (7, 0), &last);
    check(&[ONE_DESK, ship], shipped, (7, 0), &last);
}

#[test]
fn the_last_that_arrives_makes_a_shipped_order_delivered() {
    let partly = (Status::Confirmed, ShippingStatus::PartiallyShipped);
    let shipped = (Status::Shipped, ShippingStatus::Shipped);
    let delivered = (Status::Delivered, ShippingStatus::Delivered);
    let last = ["shipment.updated", "order.delivered"];
    check(&[ONE_DESK, FIRST_ARRIVES], partly, (9, 2), &["shipment.updated"]);
    check(&[ONE_DESK, FIRST_ARRIVES, FIRST_ARRIVES], partly, (9, 2), &[]);
    let on_its_way = [ONE_DESK, FIRST_ARRIVES, THE_REST];
    check(&on_its_way, shipped, (7, 0), &["shipment.created", "order.shipped"]);
    check(&[&on_its_way[..], &[SECOND_ARRIVES]].concat(), delivered, (7, 0), &last);
    check(&[ONE_DESK, THE_REST, SECOND_ARRIVES], shipped, (7, 0), &["shipment.updated"]);
    check(&[ONE_DESK, THE_REST, SECOND_ARRIVES, FIRST_ARRIVES], delivered, (7, 0), &last);
    check(&[ship_open, FIRST_ARRIVES], delivered, (7, 0), &last);
    check(&[ship_open, FIRST_ARRIVES, FIRST_ARRIVES], delivered, (7, 0), &[]);
    check(&[ship_open, deliver, FIRST_ARRIVES], delivered, (7, 0), &[]);
}

/// What had not left was cancelled after all that had left has arrived.
#[test]
fn an_arrival_is_told_again_when_the_order_is_shipped_later() {
    let mut house = House::new();
    let no = paid(&mut house);
    [ONE_DESK(no), FIRST_ARRIVES(no)].iter().for_each(|it| house.must(it));
    give(&mut house, no, restocked(&[(1, 2), (2, 2)]));
    house.must(&ship(no));
    assert_eq!(house.order(no).status, Status::Shipped);
    update(&mut house, no, None, Some("0034"));
    assert_eq!(house.order(no).status, Status::Shipped, "a number is no arrival");
    house.must(&FIRST_ARRIVES(no));
    assert_eq!(house.order(no).status, Status::Delivered);
}

#[test]
fn who_delivers_the_order_delivers_what_is_on_its_way() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CashOnDelivery);
    house.must(&ONE_DESK(no));
    house.must(&THE_REST(no));
    house.clock.0 += 1000;
    house.must(&FIRST_ARRIVES(no));
    let first = house.clock;
    house.clock.0 += 1000;
    house.must(&deliver(no));
    let arrived: Vec<_> = house.order(no).shipments.iter().map(|it| it.delivered_at).collect();
    assert_eq!(arrived, [Some(first), Some(house.clock)]);
}

/// The carrier and the number of the first shipment.
fn update(house: &mut House, no: OrderNo, carrier: Option<&str>, number: Option<&str>) {
    house.must(&Command::UpdateShipment(UpdateShipment {
        order: no,
        shipment: "shp_1_1".into(),
        carrier: carrier.map(Into::into),
        tracking_number: number.map(Into::into),
        delivered: false,
        expected: Expected::Any,
    }));
}

#[test]
fn tracking_may_be_told_later_at_any_time() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CashOnDelivery);
    house.must(&ONE_DESK(no));
    let tracking = |house: &House| {
        let shipment = &house.order(no).shipments[0];
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        (text(&shipment.carrier), text(&shipment.tracking_number), house.order(no).version)
    };
    assert_eq!(tracking(&house), ("DHL".into(), String::new(), 3));
    update(&mut house, no, None, Some("0034"));
    assert_eq!(tracking(&house), ("DHL".into(), "0034".into(), 4));
    house.must(&hold(no));
    update(&mut house, no, Some("UPS"), None);
    assert_eq!(tracking(&house), ("UPS".into(), "0034".into(), 6));
    update(&mut house, no, Some("UPS"), Some("0034"));
    assert_eq!(tracking(&house).2, 6, "what says nothing new is no event");
    [release(no), ship_open(no), deliver(no)].iter().for_each(|it| house.must(it));
    update(&mut house, no, None, Some("0035"));
    assert_eq!(tracking(&house).1, "0035");
    assert_eq!(house.order(no).status, Status::Delivered);
}

#[test]
fn what_is_authorized_is_taken_with_the_last_part() {
    let mut house = House::new();
    let no = authorized(&mut house);
    house.must(&ONE_DESK(no));
    assert_eq!(effects(&house), []);
    house.must(&THE_REST(no));
    assert_eq!(effects(&house), [("cap_1_1".to_owned(), "capture_payment")]);
}

#[test]
fn what_was_cancelled_of_a_line_is_not_shipped() {
    let mut house = House::new();
    let no = paid(&mut house);
    house.must(&ONE_DESK(no));
    give(&mut house, no, restocked(&[(1, 1)]));
    settle(&mut house, no, 1, RefundState::Succeeded).unwrap();
    let too_many = house.run(&staff(), &THE_REST(no)).unwrap_err();
    let refusal = Refusal::ShipmentExceedsLine { line: 1, open: 1, requested: 2 };
    assert_eq!(too_many.iter().collect::<Vec<_>>(), [&(Subject::ShipmentItem(1), refusal)]);
    house.must(&ship_open(no));
    let order = house.order(no);
    let Some(Event::OrderShipped(_)) = house.world.events.last().map(|it| &it.event) else {
        panic!("one cancelled, two shipped: nothing is open")
    };
    let items: Vec<_> = order.shipments[1].items.iter().map(|it| (it.line, it.quantity)).collect();
    assert_eq!(items, [(1, quantity(1)), (2, quantity(2))]);
    assert_eq!(house.shelf("desk"), (8, 0));
}

#[test]
fn every_line_that_is_too_much_is_told() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CashOnDelivery);
    let asked = ship_some(no, &[(2, 2), (1, 4), (2, 1)]);
    let refused = house.run(&staff(), &asked).unwrap_err();
    let subjects: Vec<_> = refused.iter().map(|(subject, _)| *subject).collect();
    assert_eq!(subjects, [Subject::ShipmentItem(1), Subject::ShipmentItem(2)]);
    let asked = ship_some(no, &[(1, 1), (7, 1), (8, 1)]);
    let refused = house.run(&staff(), &asked).unwrap_err();
    let subjects: Vec<_> = refused.iter().map(|(subject, _)| *subject).collect();
    assert_eq!(subjects, [Subject::ShipmentItem(1), Subject::ShipmentItem(2)]);
    assert_eq!(house.shelf("desk"), (10, 3), "a refusal changes nothing");
}

/// Rows for the table of refusals.
pub(crate) fn refused() -> Vec<Case> {
    let no = OrderNo(1);
    let case = |what, subject, asked: Command, refusal, prepare: &[Build]| {
        let mut house = House::new();
        house.order_paid_by(PaymentMethod::CashOnDelivery);
        prepare.iter().for_each(|it| house.must(&it(no)));
        Case { what, house, who: staff(), asked, subject, refusal }
    };
    let request = Subject::Request;
    let processed = |from| Refusal::AlreadyProcessed { order: no, from, to: Status::Shipped };
    let unknown = Refusal::ShipmentNotFound("shp_1_2".into());
    let exceeds = Refusal::ShipmentExceedsLine { line: 1, open: 2, requested: 3 };
    let (first, second) = (Subject::ShipmentItem(0), Subject::ShipmentItem(1));
    vec![
        case("no such shipment", request, arrive(no, 2), unknown, &[ONE_DESK]),
        case("too many", first, ship_some(no, &[(1, 3)]), exceeds, &[ONE_DESK]),
        case(
            "no such line",
            second,
            ship_some(no, &[(1, 9), (3, 1)]),
            Refusal::LineNotFound { line: 3 },
            &[ship_open],
        ),
        case("on hold", request, ONE_DESK(no), Refusal::OnHold(no), &[hold]),
        case("all shipped", request, ONE_DESK(no), processed(Status::Shipped), &[ship_open]),
        case("cancelled", request, ship_open(no), processed(Status::Cancelled), &[cancel]),
        Case {
            who: customer("bob"),
            ..case("another's", request, ship_open(no), Refusal::OrderNotFound(no), &[])
        },
        Case {
            who: domain::Actor { stores: Some(vec![]), ..actor(domain::Role::Staff) },
            ..case(
                "of another store",
                request,
                arrive(no, 1),
                Refusal::OrderNotFound(no),
                &[ONE_DESK],
            )
        },
    ]
}
