//! Orders on hold: which can be, and that nothing of them ships.

use domain::{
    OrderNo, Outcome, Refusal, Subject,
    order::{PaymentMethod, Status},
};

use crate::{
    house::{House, cancel, collect, confirm, ship, staff},
    refusals::Case,
    till::{hold, release},
};

#[test]
fn what_has_not_left_the_house_can_be_held_and_released() {
    for status in [Status::Pending, Status::Confirmed] {
        let mut house = House::new();
        let no = house.order_in(status);
        let version = house.order(no).version;
        assert_eq!(house.run(&staff(), &hold(no)), Ok(Outcome::Order(no)), "{status:?}");
        let order = house.order(no);
        assert_eq!((order.on_hold, order.hold_reason.as_deref()), (true, Some("calls back")));
        assert_eq!((order.status, order.version), (status, version + 1));
        assert_eq!(house.run(&staff(), &release(no)), Ok(Outcome::Order(no)), "{status:?}");
        let order = house.order(no);
        assert_eq!((order.on_hold, order.hold_reason.as_deref()), (false, None));
        assert_eq!((order.status, order.version), (status, version + 2));
        house.must(&hold(no));
        assert!(house.order(no).on_hold, "it can be held again");
    }
}

#[test]
fn a_held_order_goes_on_but_for_shipping() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::CreditCard);
    house.must(&hold(no));
    house.must(&confirm(no));
    assert!(house.order(no).invoice.is_some(), "a hold does not delay completeness");
    house.must(&collect(no));
    assert_eq!(house.run(&staff(), &ship(no)), Err(Refusal::OnHold(no).into()));
    house.must(&release(no));
    house.must(&ship(no));
    let mut house = House::new();
    let no = house.order_in(Status::Confirmed);
    house.must(&hold(no));
    house.must(&cancel(no));
    assert_eq!(house.order(no).status, Status::Cancelled);
    house.must(&release(no));
    assert!(!house.order(no).on_hold, "it is released wherever it stands");
}

/// Rows for the table of refusals.
pub(crate) fn refused() -> Vec<Case> {
    let no = OrderNo(1);
    let case = |what, status, asked: fn(OrderNo) -> _, refusal, prepare: fn(&mut House, _)| {
        let mut house = House::new();
        let no = house.order_in(status);
        prepare(&mut house, no);
        Case { what, house, who: staff(), asked: asked(no), subject: Subject::Request, refusal }
    };
    let held = |house: &mut House, no| house.must(&hold(no));
    let shut = |status| Refusal::NotHoldable { order: no, status };
    use Status::{Cancelled, Confirmed, Delivered, Pending, Shipped};
    vec![
        case("held twice", Pending, hold, Refusal::OnHold(no), held),
        case("held twice when confirmed", Confirmed, hold, Refusal::OnHold(no), held),
        case("on its way", Shipped, hold, shut(Shipped), |_, _| {}),
        case("with the customer", Delivered, hold, shut(Delivered), |_, _| {}),
        case("cancelled", Cancelled, hold, shut(Cancelled), |_, _| {}),
        case("cancelled while it was held", Pending, hold, shut(Cancelled), |house, no| {
            [hold(no), cancel(no)].iter().for_each(|it| house.must(it));
        }),
        case("released though not held", Pending, release, Refusal::NotOnHold(no), |_, _| {}),
        case("released twice", Confirmed, release, Refusal::NotOnHold(no), |house, no| {
            [hold(no), release(no)].iter().for_each(|it| house.must(it));
        }),
        case("released on its way", Shipped, release, Refusal::NotOnHold(no), |_, _| {}),
    ]
}
