//! What is given back of an order: how much, from which payment, and what becomes of the goods.

use domain::{
    Command, Currency, EffectId, Money, OrderNo, Outcome, Refusal, Role, Subject,
    effect::{Action, EffectState, Yield},
    money::MoneyFault,
    order::{Adjustment, AdjustmentScope, PaymentMethod, PaymentStatus, Status, TaxLine},
    payment::PaymentState,
    refund::{Refund, RefundState, record::RecordRefund},
};

use crate::{
    house::{House, actor, cancel, collect, deliver, line, ship, staff},
    refusals::Case,
    till::{
        amount, effects, give, lines, paid, parts, pay, pending, pending_of, refund, restocked,
        settle, take_all,
    },
};

#[test]
fn the_provider_that_took_the_money_is_asked_to_give_it_back() {
    let mut house = House::new();
    let no = paid(&mut house);
    let asked = give(&mut house, no, amount("10.00"));
    assert_eq!(asked.id, "re_1_1");
    assert_eq!((asked.status, asked.amount), (RefundState::Pending, Money(1000)));
    assert_eq!((asked.method.as_str(), asked.reason.as_deref()), ("credit_card", Some("broken")));
    assert_eq!(house.order(no).payment_status(), PaymentStatus::Paid, "nothing is back yet");
    let effect = house.world.effects.get(&EffectId::new("re_1_1")).unwrap();
    let payment = &house.order(no).payments[0];
    let action = Action::RefundPayment {
        payment: payment.id.clone(),
        intent: payment.intent.clone().unwrap(),
        amount: Money(1000),
        currency: Currency::USD,
    };
    assert_eq!((&effect.action, &effect.state), (&action, &EffectState::Open));

    assert_eq!(settle(&mut house, no, 1, RefundState::Succeeded), Ok(Outcome::Recorded));
    assert_eq!(house.order(no).payment_status(), PaymentStatus::PartiallyRefunded);
    assert_eq!(house.order(no).totals().unwrap().refunded, Money(1000));
    let effect = house.world.effects.get(&EffectId::new("re_1_1")).unwrap();
    assert_eq!(effect.state, EffectState::Done(Yield::Nothing));
    give(&mut house, no, amount("45.00"));
    settle(&mut house, no, 2, RefundState::Succeeded).unwrap();
    assert_eq!(house.order(no).payment_status(), PaymentStatus::Refunded);
    let told: Vec<_> = house.world.events.iter().map(|it| it.event.kind()).collect();
    let refunded = ["refund.created", "order.refunded", "refund.created", "order.refunded"];
    assert_eq!(told[told.len() - 4..], refunded);
}

#[test]
fn what_was_taken_by_hand_goes_back_by_record() {
    let mut house = House::new();
    let no = house.order_paid_by(PaymentMethod::BankTransfer);
    house.must(&collect(no));
    let given = give(&mut house, no, amount("5.5"));
    assert_eq!((given.status, given.amount), (RefundState::Succeeded, Money(550)));
    assert_eq!(given.method, "manual");
    assert_eq!(given.payment.as_ref(), Some(&house.order(no).payments[0].id));
    assert_eq!(effects(&house), [], "no provider is asked");
    assert_eq!(house.order(no).payment_status(), PaymentStatus::PartiallyRefunded);
    let told = house.world.events.last().unwrap().event.kind();
    assert_eq!(told, "order.refunded");
}

#[test]
fn a_refund_ends_once() {
    for (first, kind) in
        [(RefundState::Succeeded, "order.refunded"), (RefundState::Failed, "order.refund_failed")]
    {
        let mut house = House::new();
        let no = paid(&mut house);
        give(&mut house, no, lines(&[(1, 2)]));
        settle(&mut house, no, 1, RefundState::Pending).unwrap();
        assert!(house.world.effects.get(&EffectId::new("re_1_1")).unwrap().is_open());
        settle(&mut house, no, 1, first).unwrap();
        assert_eq!(house.world.events.last().unwrap().event.kind(), kind);
        let (order, log) = (house.order(no).clone(), house.world.events.len());
        let effect = house.world.effects.get(&EffectId::new("re_1_1")).unwrap().clone();
        for again in [RefundState::Succeeded, RefundState::Failed, RefundState::Pending] {
            assert_eq!(settle(&mut house, no, 1, again), Ok(Outcome::Recorded));
        }
        assert_eq!((house.order(no), house.world.events.len()), (&order, log), "{first:?}");
        assert_eq!(house.world.effects.get(&EffectId::new("re_1_1")), Some(&effect));
    }
}

#[test]
fn a_refund_that_fails_can_be_asked_for_again() {
    let mut house = House::new();
    let no = paid(&mut house);
    house.must(&ship(no));
    assert_eq!(house.shelf("desk"), (7, 0));
    let asked = give(&mut house, no, restocked(&[(1, 2)]));
    assert_eq!((asked.items[0].returned, house.shelf("desk")), (2, (9, 0)));
    settle(&mut house, no, 1, RefundState::Failed).unwrap();
    let failed = &house.order(no).refunds[0];
    let why = Some("The card is closed.");
    assert_eq!((failed.status, failed.failure.as_deref()), (RefundState::Failed, why));
    assert_eq!(house.order(no).payment_status(), PaymentStatus::Paid);
    assert_eq!(house.order(no).lines[0].counts.returned, 2, "the goods are here all the same");

    // The same two desks: they don't come in twice. The third does.
    let again = give(&mut house, no, restocked(&[(1, 3)])).items[0];
    assert_eq!((again.already_back, again.returned, again.amount), (2, 1, Money(3000)));
    assert_eq!(house.shelf("desk"), (10, 0));
    settle(&mut house, no, 2, RefundState::Failed).unwrap();
    let third = give(&mut house, no, restocked(&[(1, 3)])).items[0];
    assert_eq!((third.already_back, third.returned), (3, 0));
    settle(&mut house, no, 3, RefundState::Succeeded).unwrap();
    assert_eq!(house.shelf("desk"), (10, 0));
    let counts = house.order(no).lines[0].counts;
    assert_eq!((counts.shipped, counts.returned, counts.refunded), (3, 3, 3));
}

/// What a refund of parts comes to, on an order that has come so far: its amount, what it makes of
/// each line (cancelled, returned), and the desks on hand and reserved afterwards, of ten.
#[track_caller]
fn check(
    so_far: fn(&mut House, OrderNo),
    what: domain::refund::request::Wanted,
    expected: (i64, &[(u32, u32)], (i64, i64)),
) {
    let mut house = House::new();
    let no = paid(&mut house);
    so_far(&mut house, no);
    let status = house.order(no).status;
    let given = give(&mut house, no, what);
    let goods: Vec<_> = given.items.iter().map(|it| (it.cancelled, it.returned)).collect();
    assert_eq!((given.amount.0, &goods[..], house.shelf("desk")), expected);
    let sum = Money::sum(given.items.iter().map(|it| it.amount)).unwrap();
    assert_eq!(sum.plus(given.shipping), Ok(given.amount), "the parts are the refund");
    assert_eq!(house.order(no).status, status, "a refund moves no order");
}

#[test]
fn goods_that_did_not_leave_are_cancelled_and_the_others_come_back() {
    let new: fn(&mut House, OrderNo) = |_, _| {};
    let partly: fn(&mut House, OrderNo) = House::ship_one;
    let sent: fn(&mut House, OrderNo) = |house, no| house.must(&ship(no));
    let there: fn(&mut House, OrderNo) = |house, no| {
        [ship(no), deliver(no)].iter().for_each(|it| house.must(it));
    };
    check(new, lines(&[(1, 1)]), (1000, &[(0, 0)], (10, 3)));
    check(new, restocked(&[(1, 1)]), (1000, &[(1, 0)], (10, 2)));
    check(new, restocked(&[(2, 2), (1, 3)]), (5000, &[(3, 0), (2, 0)], (10, 0)));
    check(new, restocked(&[(1, 1), (1, 1)]), (2000, &[(2, 0)], (10, 1)));
    check(new, parts(&[(1, 1)], Some("2.50"), false), (1250, &[(0, 0)], (10, 3)));
    check(new, parts(&[], Some("5.00"), true), (500, &[], (10, 3)));
    check(new, parts(&[(1, 3), (2, 2)], Some("5"), true), (5500, &[(3, 0), (2, 0)], (10, 0)));
    check(partly, restocked(&[(1, 1)]), (1000, &[(1, 0)], (9, 1)));
    check(partly, restocked(&[(1, 3)]), (3000, &[(2, 1)], (10, 0)));
    check(partly, lines(&[(1, 3)]), (3000, &[(0, 0)], (9, 2)));
    check(sent, restocked(&[(1, 2)]), (2000, &[(0, 2)], (9, 0)));
    check(there, restocked(&[(1, 3)]), (3000, &[(0, 3)], (10, 0)));
    check(there, lines(&[(1, 3)]), (3000, &[(0, 0)], (7, 0)));
}

#[test]
fn an_order_that_is_cancelled_or_still_pending_can_be_refunded_too() {
    let mut house = House::new();
    let no = pending(&mut house);
    pay(&mut house, no, 1, PaymentState::Captured, 4000);
    assert_eq!(give(&mut house, no, amount("10")).amount, Money(1000));
    house.must(&cancel(no));
    assert_eq!(house.order(no).status, Status::Cancelled);
    settle(&mut house, no, 1, RefundState::Failed).unwrap();
    let given = give(&mut house, no, restocked(&[(1, 1)]));
    assert_eq!((given.items[0].cancelled, house.shelf("desk")), (0, (10, 0)), "none is held");
    assert_eq!(given.amount, Money(1000));
}

#[test]
fn a_refund_is_of_the_first_payment_that_has_enough_left() {
    let mut house = House::new();
    let no = pending(&mut house);
    pay(&mut house, no, 1, PaymentState::Failed, 5500);
    pay(&mut house, no, 2, PaymentState::Captured, 2000);
    pay(&mut house, no, 3, PaymentState::Captured, 3500);
    let from = |it: Refund| it.payment.unwrap().to_string();
    assert_eq!(from(give(&mut house, no, amount("15"))), "pay_1_2");
    assert_eq!(from(give(&mut house, no, amount("6"))), "pay_1_3");
    assert_eq!(from(give(&mut house, no, amount("5"))), "pay_1_2");
    let exceeds = |refundable, requested| {
        let (refundable, requested) = (Money(refundable), Money(requested));
        Err(Refusal::RefundExceedsPayment { refundable, requested, currency: Currency::USD }.into())
    };
    assert_eq!(house.run(&staff(), &refund(no, amount("30"))), exceeds(2900, 3000));
    assert_eq!(from(give(&mut house, no, amount("29"))), "pay_1_3");
    assert_eq!(house.run(&staff(), &refund(no, amount("0.01"))), exceeds(0, 1));
    let names: Vec<String> = effects(&house).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["re_1_1", "re_1_2", "re_1_3", "re_1_4"]);
}

/// Three of a thing for 10.00, less 1.00 and with 0.83 of tax on top, are 9.83; the other thing is
/// 9.60; the shipping is 5.00 and 0.40 of tax, less 1.00.
#[test]
fn a_part_has_its_share_of_discounts_and_of_taxes_on_top() {
    let mut house = House::new();
    let mut thing = line(1, "book", 3, false);
    thing.total = Money(1000);
    let tax = |amount, included| TaxLine {
        code: "US-NY".into(),
        rate_ppm: 80_000,
        amount: Money(amount),
        included,
    };
    thing.tax_lines = vec![tax(83, false), tax(500, true)];
    let other = line(2, "book", 1, false);
    let no = pending_of(&mut house, Currency::USD, vec![thing, other]);
    house.world.orders.change(&no, |it| {
        let adjustment = |scope, amount, allocations| Adjustment {
            id: "adj_1".into(),
            scope,
            kind: "discount".into(),
            name: None,
            amount: Money(amount),
            source: "spring".into(),
            allocations,
        };
        it.adjustments = vec![
            adjustment(AdjustmentScope::Line, -40, vec![(1, Money(-40))]),
            adjustment(AdjustmentScope::Order, -100, vec![(1, Money(-60)), (2, Money(-40))]),
            adjustment(AdjustmentScope::Shipping, -100, Vec::new()),
        ];
        it.shipping.tax_lines = vec![tax(40, false), tax(9, true)];
        it.total = Money(983 + 960 + 440);
    });
    take_all(&mut house, no);
    let exceeds = |refundable, requested| {
        let (refundable, requested) = (Money(refundable), Money(requested));
        Refusal::RefundExceedsPayment { refundable, requested, currency: Currency::USD }
    };
    // A third is 3.276…, two thirds are 6.553…
    assert_eq!(give(&mut house, no, lines(&[(1, 1)])).amount, Money(328));
    assert_eq!(give(&mut house, no, lines(&[(1, 1)])).amount, Money(327));
    assert_eq!(give(&mut house, no, lines(&[(1, 1)])).amount, Money(328));
    assert_eq!(give(&mut house, no, lines(&[(2, 1)])).amount, Money(960));
    assert_eq!(give(&mut house, no, parts(&[], Some("4.00"), false)).amount, Money(400));
    let too_much = house.run(&staff(), &refund(no, parts(&[], Some("0.41"), false)));
    assert_eq!(*too_much.unwrap_err().first(), exceeds(40, 41));
    assert_eq!(give(&mut house, no, parts(&[], Some("0.40"), false)).amount, Money(40));
    let more = house.run(&staff(), &refund(no, amount("0.01")));
    assert_eq!(*more.unwrap_err().first(), exceeds(0, 1), "that was all of it");
}

/// Of three for 1.00 the second is worth 0.34: whoever gets it back after the first has failed
/// gets 0.33, and the parts are the whole again.
#[test]
fn a_failed_refund_leaves_no_gap_in_the_sum() {
    let mut house = House::new();
    let mut thing = line(1, "book", 3, false);
    thing.total = Money(100);
    let no = pending_of(&mut house, Currency::USD, vec![thing]);
    take_all(&mut house, no);
    assert_eq!(give(&mut house, no, lines(&[(1, 1)])).amount, Money(33));
    assert_eq!(give(&mut house, no, lines(&[(1, 1)])).amount, Money(34));
    settle(&mut house, no, 1, RefundState::Failed).unwrap();
    assert_eq!(give(&mut house, no, lines(&[(1, 1)])).amount, Money(33));
    assert_eq!(give(&mut house, no, lines(&[(1, 1)])).amount, Money(33));
}

#[test]
fn a_refund_that_nobody_has_asked_for_is_not_recorded() {
    let mut house = House::new();
    let no = paid(&mut house);
    let before = house.order(no).clone();
    assert_eq!(settle(&mut house, no, 7, RefundState::Succeeded), Ok(Outcome::Recorded));
    assert_eq!(*house.order(no), before);
    let record = RecordRefund {
        order: OrderNo(77),
        effect: EffectId::new("re_77_1"),
        state: RefundState::Succeeded,
        message: None,
    };
    let refused = house.run(&actor(Role::System), &Command::RecordRefund(record));
    assert_eq!(refused, Err(Refusal::OrderNotFound(OrderNo(77)).into()));
}

/// Rows for the table of refusals.
pub(crate) fn refused() -> Vec<Case> {
    let case = |what, wanted, subject, refusal, prepare: fn(&mut House, _)| {
        let mut house = House::new();
        let no = paid(&mut house);
        prepare(&mut house, no);
        Case { what, house, who: staff(), asked: refund(no, wanted), subject, refusal }
    };
    let nothing: fn(&mut House, OrderNo) = |_, _| {};
    let one_back: fn(&mut House, OrderNo) = |house, no| _ = give(house, no, lines(&[(1, 1)]));
    let exceeds = |refundable, requested| Refusal::RefundExceedsPayment {
        refundable: Money(refundable),
        requested: Money(requested),
        currency: Currency::USD,
    };
    let line =
        |refundable, requested| Refusal::RefundExceedsLine { line: 1, refundable, requested };
    let no_line = || Refusal::LineNotFound { line: 3 };
    let decimals = || Refusal::InvalidAmount(MoneyFault::TooManyDecimals { allowed: 2 });
    let zero = || Refusal::AmountNotPositive;
    use Subject::{Amount, RefundItem, RefundShipping, Request};
    let mut cases = vec![
        case("no such line", lines(&[(1, 1), (3, 1)]), RefundItem(1), no_line(), nothing),
        case("too many decimals", amount("0.001"), Amount, decimals(), nothing),
        case(
            "shipping with too many decimals",
            parts(&[], Some("1.005"), false),
            RefundShipping,
            decimals(),
            nothing,
        ),
        case("nothing", amount("0.00"), Amount, zero(), nothing),
        case("less than nothing", amount("-1"), Amount, zero(), nothing),
        case("no part", lines(&[]), Request, zero(), nothing),
        case("no shipping", parts(&[], Some("0.00"), false), Request, zero(), nothing),
        case(
            "less than no shipping",
            parts(&[(1, 1)], Some("-1"), false),
            RefundShipping,
            zero(),
            nothing,
        ),
        case("more than was bought", lines(&[(1, 4)]), RefundItem(0), line(3, 4), nothing),
        case("more than is left", lines(&[(1, 3)]), RefundItem(0), line(2, 3), one_back),
        case(
            "more than is left, in two",
            lines(&[(1, 1), (2, 1), (1, 2)]),
            RefundItem(2),
            line(2, 3),
            one_back,
        ),
        case("more than was paid", amount("55.01"), Request, exceeds(5500, 5501), nothing),
        case(
            "more than was paid, less what is on its way",
            amount("45.01"),
            Request,
            exceeds(4500, 4501),
            one_back,
        ),
        case(
            "more than the shipping",
            parts(&[(1, 1)], Some("5.01"), false),
            RefundShipping,
            exceeds(500, 501),
            nothing,
        ),
        case(
            "the line is of the payment that went back as an amount",
            lines(&[(1, 1)]),
            Request,
            exceeds(500, 1000),
            |house, no| _ = give(house, no, amount("50")),
        ),
        case(
            "a faulty field before what is too much",
            parts(&[(1, 4), (3, 1)], Some("1.005"), false),
            RefundShipping,
            decimals(),
            nothing,
        ),
    ];
    for state in [
        PaymentState::Open,
        PaymentState::Processing,
        PaymentState::Authorized,
        PaymentState::Failed,
        PaymentState::Cancelled,
    ] {
        let mut house = House::new();
        let no = pending(&mut house);
        pay(&mut house, no, 1, state, 5500);
        let asked = refund(no, amount("1"));
        let (subject, refusal) = (Request, exceeds(0, 100));
        let what = "nothing was captured";
        cases.push(Case { what, house, who: staff(), asked, subject, refusal });
    }
    cases
}
