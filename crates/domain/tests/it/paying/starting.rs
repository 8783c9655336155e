//! Placing with a payment, and asking for an intent.

use domain::{
    Money, Refusal,
    counter::Counter,
    effect::Action,
    order::{PaymentMethod, PaymentStatus, Status},
    payment::{Capture, IntentRequest},
};

use super::{
    arrows::{Arrow, Does, NOTHING, Says, effects, standing},
    sound::check_books,
    states::{ASKING, MINUTE_MS, NO, PLACING, State, TOTAL, prepaid, start},
};
use crate::house::{House, NOON, command, customer, place};

pub(super) fn rows() -> Vec<Arrow> {
    let row = |name, from, effects, leaves, says: Says| Arrow {
        name,
        from,
        who: customer("ann"),
        what: start(),
        does: Does { effects, leaves, ..NOTHING },
        again: says.clone(),
        says,
    };
    let (first, second) = (|| Says::Awaits("pay_1_1"), || Says::Awaits("pay_1_2"));
    let not_payable = |status| Says::Refused(Refusal::NotPayable { order: NO, status });
    let mut also_waits = row("S2", State::Starting, "pay_1_1 awaited", "pending:", first());
    also_waits.does.first = |house| house.key = Some(ASKING);
    vec![
        row("S1", State::Unasked, "pay_1_1 begun", "pending:", first()),
        row("S1", State::Declined, "pay_1_2 begun", "pending: failed", second()),
        row("S2", State::Starting, "", "pending:", first()),
        also_waits,
        row("S3", State::Open, "", "pending: open", first()),
        row("S3", State::OpenAgain, "", "pending: failed, open", second()),
        row("S4", State::Processing, "", "pending: processing", not_payable(Status::Pending)),
        row("S4", State::Authorized, "", "confirmed: authorized", not_payable(Status::Confirmed)),
        row("S4", State::OnAccount, "", "confirmed: open", not_payable(Status::Confirmed)),
        row("S4", State::Expired, "", "cancelled: open", not_payable(Status::Cancelled)),
        row("S4", State::Cancelled, "", "cancelled: failed", not_payable(Status::Cancelled)),
        row("S4", State::Paid, "", "confirmed: captured", Says::Refused(Refusal::AlreadyPaid(NO))),
        row(
            "S4",
            State::Mismatched,
            "",
            "pending on hold: captured",
            Says::Refused(Refusal::PaymentMismatch(NO)),
        ),
    ]
}

#[test]
fn p1_is_pending_and_asks_for_an_intent() {
    let mut house = State::Starting.house();
    assert_eq!(standing(&house), "pending:");
    let kinds: Vec<_> = house.world.events.iter().map(|it| it.event.kind()).collect();
    assert_eq!(kinds, ["order.created"]);
    let order = house.order(NO);
    assert_eq!(order.expires_at, Some(NOON.plus_ms(30 * MINUTE_MS)));
    assert_eq!((order.retrieval_no, order.payment_status()), (None, PaymentStatus::Unpaid));
    let [effect] = &effects(&house)[..] else { panic!() };
    let request = IntentRequest {
        order: NO,
        payment: domain::PaymentId::new("pay_1_1"),
        amount: Money(TOTAL),
        currency: order.currency,
        capture: Capture::AtOnce,
    };
    assert_eq!(effect.action, Action::InitializePayment(request));
    assert_eq!((effect.id.as_str(), &effect.keys[..]), ("pay_1_1", &[PLACING][..]));
    check_books(&house);
    // The next one has another number, and another effect.
    house.by(&customer("ann"), &command(prepaid()));
    assert_eq!(house.counter(Counter::Order), 2);
    assert_eq!(effects(&house)[1].id.as_str(), "pay_2_1");
}

#[test]
fn p2_needs_no_provider_where_there_is_nothing_to_pay() {
    let mut house = House::new();
    house.world.policy.minimums = std::sync::Arc::new([("USD", Money(50))].into());
    house.product("desk", |it| it.price = Money::ZERO);
    house.method("standard", |it| it.price = Money::ZERO);
    let mut order = prepaid();
    order.items.truncate(1);
    house.by(&customer("ann"), &command(order));
    let kinds: Vec<_> = house.world.events.iter().map(|it| it.event.kind()).collect();
    assert_eq!(kinds, ["order.created", "order.confirmed", "order.paid"]);
    assert_eq!(house.order(NO).payment_status(), PaymentStatus::Paid);
    assert_eq!(house.order(NO).expires_at, None);
    assert!(effects(&house).is_empty());
}

#[test]
fn an_order_in_cash_begins_no_effect_however_it_is_placed() {
    for prepay in [false, true] {
        let mut house = House::new();
        let mut order = place(&[("desk", 3)]);
        (order.payment_method, order.prepay) = (PaymentMethod::Invoice, prepay);
        house.by(&customer("ann"), &command(order));
        assert_eq!(standing(&house), "confirmed:");
        assert!(effects(&house).is_empty());
        assert!(!house.order(NO).with_payment);
    }
}

#[test]
fn what_the_provider_is_asked_is_what_the_shop_has_set() {
    let mut house = House::new();
    house.world.policy.capture = Capture::AtShipment;
    house.world.policy.reservation_ms = 5 * MINUTE_MS;
    house.by(&customer("ann"), &command(prepaid()));
    assert_eq!(house.order(NO).expires_at, Some(NOON.plus_ms(5 * MINUTE_MS)));
    let [effect] = &effects(&house)[..] else { panic!() };
    let Action::InitializePayment(request) = &effect.action else { panic!("{effect:?}") };
    assert_eq!(request.capture, Capture::AtShipment);
}

/// Below the minimum it is refused, together with all else, but not for want of a price.
#[test]
fn the_least_that_can_be_paid() {
    let refused = |prepare: fn(&mut House), count: u32| {
        let mut house = House::new();
        house.world.policy.minimums = std::sync::Arc::new([("USD", Money(1501))].into());
        prepare(&mut house);
        let mut order = prepaid();
        order.items = place(&[("desk", count)]).items;
        let refused = house.run(&customer("ann"), &command(order));
        refused.map_or_else(|it| it.iter().map(|(_, it)| it.clone()).collect(), |_| Vec::new())
    };
    let too_small = |total| Refusal::AmountTooSmall {
        total: Money(total),
        minimum: Money(1501),
        currency: domain::Currency::USD,
    };
    assert_eq!(refused(|_| {}, 1), [too_small(1500)]);
    assert_eq!(refused(|_| {}, 2), []);
    assert_eq!(refused(|house| house.product("desk", |it| it.price = Money(1001)), 1), []);
    let no_stock =
        Refusal::InsufficientStock { name: "The desk".into(), available: 0, requested: 1 };
    assert_eq!(refused(|house| house.stock("desk", 0, 0), 1), [no_stock, too_small(1500)]);
    let unpriced = refused(|house| house.product("desk", |it| it.active = false), 1);
    assert_eq!(unpriced.len(), 1, "the rest is no total: {unpriced:?}");
    let unshipped = refused(|house| house.method("standard", |it| it.active = false), 1);
    assert_eq!(unshipped.len(), 1, "the rest is no total: {unshipped:?}");
}
