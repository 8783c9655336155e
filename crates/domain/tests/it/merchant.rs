//! What a shop's own system tells of an order: its id, how far it has come, where the parcels are.

use domain::{
    Actor, Command, Event, Moment, OrderNo, Refusal, StoreId, Subject,
    event::OrderVendorStatusChanged,
    order::{
        MerchantStatus, PaymentMethod, Status, VendorStatus,
        set_merchant_order_id::SetMerchantOrderId, set_vendor_status::SetVendorStatus,
    },
    shipment::set_tracking::SetTracking,
};

use crate::{
    house::{House, NOON, actor, arrive, cancel, confirm, deliver, ship, ship_some, staff},
    refusals::Case,
    till::{hold, release},
};

fn adopt(order: OrderNo, id: &str) -> Command {
    Command::SetMerchantOrderId(SetMerchantOrderId { order, merchant_order_id: id.into() })
}

fn report(order: OrderNo, vendor_status: VendorStatus) -> Command {
    Command::SetVendorStatus(SetVendorStatus { order, vendor_status })
}

fn track(order: OrderNo, numbers: &[&str]) -> Command {
    let numbers = numbers.iter().map(|it| String::from(*it)).collect();
    Command::SetTracking(SetTracking { order, numbers })
}

/// The kinds of the events that a command adds.
fn added(house: &mut House, command: &Command) -> Vec<&'static str> {
    let seen = house.world.events.len();
    house.must(command);
    house.world.events[seen..].iter().map(|it| it.event.kind()).collect()
}

#[test]
fn an_order_gets_the_shops_own_id_in_every_state() {
    for status in Status::ALL {
        let mut house = House::new();
        let no = house.order_in(status);
        let version = house.order(no).version;
        assert_eq!(added(&mut house, &adopt(no, "12-3")), ["order.merchant_updated"]);
        assert_eq!(added(&mut house, &adopt(no, "12-3")), [""; 0], "once more is the same");
        assert_eq!(house.order(no).version, version + 1);
        assert_eq!(added(&mut house, &adopt(no, "12-4")), ["order.merchant_updated"]);
        assert_eq!(house.order(no).merchant_order_id(), Some("12-4"), "{status:?}");
    }
}

/// From each status that a shop sees, what it may say, and what that makes of the order.
#[test]
fn a_shop_says_how_far_it_has_come() {
    use VendorStatus::{
        CancellationRequest, EndOfDayComplete, LabelsPrintedDate, PreparingOrder, ShipmentReady,
    };
    type Prepare = fn(&mut House, OrderNo);
    let states: [(MerchantStatus, bool, Prepare); 10] = [
        (MerchantStatus::InProcess, true, |_, _| {}),
        (MerchantStatus::Vendor(PreparingOrder), true, |it, no| {
            it.must(&report(no, PreparingOrder));
        }),
        (MerchantStatus::Vendor(ShipmentReady), true, |it, no| it.must(&report(no, ShipmentReady))),
        (MerchantStatus::Vendor(LabelsPrintedDate), true, |it, no| {
            it.must(&report(no, LabelsPrintedDate));
        }),
        (MerchantStatus::Vendor(CancellationRequest), false, |it, no| {
            it.must(&report(no, CancellationRequest));
        }),
        (MerchantStatus::Vendor(EndOfDayComplete), false, |it, no| {
            it.must(&report(no, EndOfDayComplete));
        }),
        (MerchantStatus::Vendor(EndOfDayComplete), false, |it, no| it.must(&ship(no))),
        (MerchantStatus::Vendor(EndOfDayComplete), false, |it, no| {
            [ship(no), deliver(no)].iter().for_each(|command| it.must(command));
        }),
        (MerchantStatus::OnHold, false, |it, no| it.must(&hold(no))),
        (MerchantStatus::Cancelled, false, |it, no| it.must(&cancel(no))),
    ];
    for (status, is_settable, prepare) in states {
        for wanted in VendorStatus::ALL {
            let mut house = House::new();
            let no = house.order_in(Status::Confirmed);
            prepare(&mut house, no);
            assert_eq!(house.order(no).merchant_status(), status);
            let before = house.order(no).clone();
            let result = house.run(&staff(), &report(no, wanted));
            let what = format!("{status:?} to {wanted:?}");
            if status == MerchantStatus::Vendor(wanted) {
                assert!(result.is_ok() && *house.order(no) == before, "{what}: the same success");
            } else if !is_settable {
                let refusal = Refusal::VendorStatusFixed { order: no, status };
                assert_eq!(result, Err(refusal.into()), "{what}");
            } else {
                assert!(result.is_ok(), "{what}");
                let order = house.order(no);
                assert_eq!(order.merchant_status(), MerchantStatus::Vendor(wanted), "{what}");
                let is_shipped = wanted == EndOfDayComplete;
                assert_eq!(order.status == Status::Shipped, is_shipped, "{what}");
                assert_eq!(house.shelf("desk").0, if is_shipped { 7 } else { 10 }, "{what}");
            }
        }
    }
}

#[test]
fn the_end_of_the_day_ships_what_is_left() {
    let mut house = House::new();
    let no = house.order_in(Status::Confirmed);
    house.must(&ship_some(no, &[(1, 1)]));
    let events = added(&mut house, &report(no, VendorStatus::EndOfDayComplete));
    assert_eq!(events, ["order.vendor_status_changed", "shipment.created", "order.shipped"]);
    assert_eq!((house.order(no).shipments.len(), house.shelf("desk")), (2, (7, 0)));
}

#[test]
fn numbers_that_are_new_ship_or_join_the_last_shipment() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CashOnDelivery);
    house.must(&ship_some(no, &[(1, 1)]));
    let shipped = ["shipment.created", "order.shipped"];
    assert_eq!(added(&mut house, &track(no, &["1Z", "2Z"])), shipped);
    let numbers = |house: &House| -> Vec<Vec<String>> {
        let parcels = house.order(no).shipments.iter();
        parcels.map(|it| it.tracking_numbers().map(Into::into).collect()).collect()
    };
    assert_eq!(numbers(&house), [vec![], vec!["1Z".to_owned(), "2Z".into()]]);
    assert_eq!(added(&mut house, &track(no, &["2Z"])), [""; 0], "known already");
    assert_eq!(added(&mut house, &track(no, &["2Z", "3Z"])), ["shipment.updated"]);
    assert_eq!(numbers(&house)[1], ["1Z", "2Z", "3Z"]);
    [arrive(no, 1), arrive(no, 2)].iter().for_each(|it| house.must(it));
    assert_eq!(house.order(no).status, Status::Delivered);
    assert_eq!(added(&mut house, &track(no, &["4Z"])), ["shipment.updated"]);
    assert_eq!(numbers(&house)[1], ["1Z", "2Z", "3Z", "4Z"], "also when it has arrived");
}

#[test]
fn the_moment_of_the_status_is_when_it_became_so() {
    let mut house = House::new();
    let no = house.order_in(Status::Pending);
    let later = |house: &mut House, command: Command| {
        house.clock = house.clock.plus_ms(1000);
        house.must(&command);
        let order = house.order(no);
        let since = order.merchant_status_since().map(|it| it.0 - NOON.0);
        (order.merchant_status(), since)
    };
    assert_eq!(house.order(no).merchant_status_since(), None, "it is not complete yet");
    let vendor = MerchantStatus::Vendor;
    let preparing = VendorStatus::PreparingOrder;
    let in_process = MerchantStatus::InProcess;
    assert_eq!(later(&mut house, confirm(no)), (in_process, Some(1000)));
    assert_eq!(later(&mut house, adopt(no, "1")), (in_process, Some(1000)), "another matter");
    assert_eq!(later(&mut house, report(no, preparing)), (vendor(preparing), Some(3000)));
    assert_eq!(later(&mut house, hold(no)), (MerchantStatus::OnHold, Some(4000)));
    assert_eq!(later(&mut house, release(no)), (vendor(preparing), Some(5000)));
    let complete = vendor(VendorStatus::EndOfDayComplete);
    assert_eq!(later(&mut house, ship(no)), (complete, Some(6000)));
    assert_eq!(later(&mut house, deliver(no)), (complete, Some(6000)));
}

/// What a release has written that knew of none of this.
#[test]
fn an_older_order_has_the_moment_of_its_last_move() {
    let mut house = House::new();
    let no = house.order_in(Status::Shipped);
    let mut order = house.order(no).clone();
    order.status_since = None;
    assert_eq!(order.merchant_status_since(), order.shipped_at);
    let changed = OrderVendorStatusChanged { vendor_status: VendorStatus::ShipmentReady };
    order.evolve(Moment(NOON.0 + 7), &Event::OrderVendorStatusChanged(changed));
    assert_eq!(order.merchant_status_since(), order.shipped_at, "it was shipped before");
}

/// Rows for the table of refusals.
pub(crate) fn refused() -> Vec<Case> {
    let no = OrderNo(1);
    let another = || Actor { stores: Some(vec![StoreId(2)]), ..actor(domain::Role::Integration) };
    let case = |what, status, asked, refusal| {
        let mut house = House::new();
        house.order_in(status);
        Case { what, house, who: staff(), asked, subject: Subject::Request, refusal }
    };
    let missing = || Refusal::OrderNotFound(no);
    let shut = |from| Refusal::AlreadyProcessed { order: no, from, to: Status::Shipped };
    let fixed = |status| Refusal::VendorStatusFixed { order: no, status };
    let preparing = VendorStatus::PreparingOrder;
    let of_another =
        |what, asked| Case { who: another(), ..case(what, Status::Confirmed, asked, missing()) };
    vec![
        of_another("another shop gives it an id", adopt(no, "1")),
        of_another("another shop says how far it has come", report(no, preparing)),
        of_another("another shop ships it", track(no, &["1Z"])),
        case(
            "said to be prepared though it is cancelled",
            Status::Cancelled,
            report(no, preparing),
            fixed(MerchantStatus::Cancelled),
        ),
        case(
            "said to be prepared before it is complete",
            Status::Pending,
            report(no, preparing),
            fixed(MerchantStatus::InProcess),
        ),
        case(
            "tracked before it is complete",
            Status::Pending,
            track(no, &["1Z"]),
            shut(Status::Pending),
        ),
        case(
            "tracked though it is cancelled",
            Status::Cancelled,
            track(no, &["1Z"]),
            shut(Status::Cancelled),
        ),
    ]
}
