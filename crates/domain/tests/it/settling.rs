//! What becomes of an order's payments when it is cancelled, shipped or collected by hand.

use domain::{
    Command, Decision, EffectId, Money, OrderNo, Refusal, Subject,
    effect::{Action, Wish},
    id::IntentId,
    order::{PaymentMethod, PaymentStatus, Status},
    payment::{IntentState, PaymentState},
    refund::RefundState,
};

use crate::{
    house::{House, cancel, collect, confirm, customer, ship, staff},
    refusals::Case,
    till::{
        amount, authorized, complete, effects, give, hold, lines, paid, pay, pending, restocked,
        settle,
    },
};

/// The kinds of the events that a command adds.
fn told(house: &mut House, command: &Command) -> Vec<&'static str> {
    let before = house.world.events.len();
    house.must(command);
    house.world.events[before..].iter().map(|it| it.event.kind()).collect()
}

/// Effects that no command of this test brings about.
fn begin(house: &mut House, no: OrderNo, wishes: Vec<Wish>) {
    let decision = house.decide(&staff(), &hold(no)).unwrap();
    house.apply(Decision { events: Vec::new(), wishes, ..decision });
}

/// As [`effects`] tells them.
fn named(effects: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    effects.iter().map(|(name, what)| ((*name).into(), *what)).collect()
}

#[test]
fn a_paid_order_that_is_cancelled_gives_the_money_back() {
    let mut house = House::new();
    let no = paid(&mut house);
    assert_eq!(told(&mut house, &cancel(no)), ["order.cancelled", "refund.created"]);
    assert_eq!(effects(&house), named(&[("re_1_1", "refund_payment")]));
    let order = house.order(no);
    let refund = &order.refunds[0];
    assert_eq!((refund.amount, refund.status), (Money(5500), RefundState::Pending));
    assert_eq!(refund.reason.as_deref(), Some("order cancelled"));
    assert_eq!((order.status, order.payment_status()), (Status::Cancelled, PaymentStatus::Paid));
    assert!(order.credit_note.is_some(), "its invoice is credited");
    assert_eq!(house.shelf("desk"), (10, 0));
    settle(&mut house, no, 1, RefundState::Succeeded).unwrap();
    assert_eq!(house.order(no).payment_status(), PaymentStatus::Refunded);
}

#[test]
fn only_what_is_left_goes_back_by_cancelling() {
    let mut house = House::new();
    let no = paid(&mut house);
    for back in ["10", "20", "5"] {
        give(&mut house, no, amount(back));
    }
    settle(&mut house, no, 1, RefundState::Succeeded).unwrap();
    settle(&mut house, no, 2, RefundState::Failed).unwrap();
    house.must(&cancel(no));
    assert_eq!(house.order(no).refunds[3].amount, Money(4000), "one is back, one on its way");
    for k in [3, 4] {
        settle(&mut house, no, k, RefundState::Succeeded).unwrap();
    }
    assert_eq!(house.order(no).payment_status(), PaymentStatus::Refunded);
    let mut house = House::new();
    let no = paid(&mut house);
    give(&mut house, no, amount("55"));
    assert_eq!(told(&mut house, &cancel(no)), ["order.cancelled"], "all of it is on its way");
}

#[test]
fn every_payment_is_undone_in_its_own_way() {
    let mut house = House::new();
    let no = pending(&mut house);
    pay(&mut house, no, 1, PaymentState::Captured, 2000);
    pay(&mut house, no, 2, PaymentState::Failed, 5500);
    pay(&mut house, no, 3, PaymentState::Authorized, 5500);
    pay(&mut house, no, 4, PaymentState::Open, 5500);
    pay(&mut house, no, 5, PaymentState::Processing, 5500);
    pay(&mut house, no, 6, PaymentState::Captured, 3500);
    let events = told(&mut house, &cancel(no));
    assert_eq!(events, ["order.cancelled", "refund.created", "refund.created"]);
    let expected = [
        ("re_1_1", "refund_payment"),
        ("re_1_2", "refund_payment"),
        // A declined intent may be tried again by its customer, until it is cancelled.
        ("void_1_2", "cancel_payment"),
        ("void_1_3", "cancel_payment"),
        ("void_1_4", "cancel_payment"),
        ("void_1_5", "cancel_payment"),
    ];
    assert_eq!(effects(&house), named(&expected));
    let back: Vec<_> = house.order(no).refunds.iter().map(|it| it.amount.0).collect();
    assert_eq!(back, [2000, 3500]);
    let payments: Vec<_> =
        house.order(no).refunds.iter().map(|it| it.payment.as_ref().unwrap().as_str()).collect();
    assert_eq!(payments, ["pay_1_1", "pay_1_6"]);
}

#[test]
fn a_customer_cancels_what_is_pending_and_not_what_is_paid() {
    let mut house = House::new();
    let no = pending(&mut house);
    pay(&mut house, no, 1, PaymentState::Open, 5500);
    house.run(&customer("ann"), &cancel(no)).unwrap();
    assert_eq!(effects(&house), named(&[("void_1_1", "cancel_payment")]));
    let mut house = House::new();
    let no = paid(&mut house);
    let refused = house.run(&customer("ann"), &cancel(no));
    assert_eq!(refused, Err(Refusal::CancelForbidden(no).into()));
    assert_eq!(effects(&house), [], "a refusal asks nobody");
}

#[test]
fn authorized_money_is_taken_at_shipment() {
    let mut house = House::new();
    let no = authorized(&mut house);
    assert_eq!(house.order(no).payment_status(), PaymentStatus::Authorized);
    assert_eq!(told(&mut house, &ship(no)), ["shipment.created", "order.shipped"]);
    let effect = house.world.effects.get(&EffectId::new("cap_1_1")).unwrap();
    let payment = &house.order(no).payments[0];
    let capture = Action::CapturePayment {
        payment: payment.id.clone(),
        intent: IntentId::new("pi_1"),
        amount: Money(5500),
        currency: house.order(no).currency,
    };
    assert_eq!(effect.action, capture);
    assert_eq!(payment.status, PaymentState::Authorized, "only the provider says that it has");
    assert_eq!(effects(&house).len(), 1);
}

#[test]
fn no_more_is_taken_at_shipment_than_the_order_needs() {
    let shipped = |prepare: fn(&mut House) -> OrderNo| {
        let mut house = House::new();
        let no = prepare(&mut house);
        house.must(&ship(no));
        effects(&house).into_iter().filter(|(name, _)| name.starts_with("cap_")).collect::<Vec<_>>()
    };
    assert_eq!(shipped(paid), [], "it is paid");
    let second = shipped(|house| {
        let no = authorized(house);
        pay(house, no, 2, PaymentState::Authorized, 5500);
        no
    });
    assert_eq!(second, named(&[("cap_1_1", "capture_payment")]));
    let beside_paid = shipped(|house| {
        let no = paid(house);
        pay(house, no, 2, PaymentState::Authorized, 5500);
        no
    });
    assert_eq!(beside_paid, []);
    let loser = shipped(|house| {
        let no = pending(house);
        pay(house, no, 1, PaymentState::Open, 5500);
        // A customer who has begun twice: the first is ended, and is authorized all the same.
        let ending = house.decide(&staff(), &cancel(no)).unwrap().wishes;
        pay(house, no, 2, PaymentState::Authorized, 5500);
        complete(house, no);
        begin(house, no, ending);
        pay(house, no, 1, PaymentState::Authorized, 5500);
        no
    });
    assert_eq!(loser, named(&[("cap_1_2", "capture_payment")]));
    let on_account = shipped(|house| {
        let no = pending(house);
        house.must(&confirm(no));
        pay(house, no, 1, PaymentState::Authorized, 5500);
        no
    });
    assert_eq!(on_account, []);
}

#[test]
fn what_was_cancelled_does_not_ship() {
    let mut house = House::new();
    let no = paid(&mut house);
    give(&mut house, no, restocked(&[(1, 2), (2, 2)]));
    house.must(&ship(no));
    let items: Vec<_> = house.order(no).shipments[0].items.iter().map(|it| it.line).collect();
    assert_eq!((items, house.shelf("desk")), (vec![1], (9, 0)));

    let mut house = House::new();
    let no = paid(&mut house);
    give(&mut house, no, restocked(&[(1, 3), (2, 2)]));
    house.must(&cancel(no));
    assert_eq!(house.order(no).refunds[1].amount, Money(500), "the shipping goes back too");

    let mut house = House::new();
    let no = paid(&mut house);
    house.ship_one(no);
    give(&mut house, no, restocked(&[(1, 2), (2, 2)]));
    assert_eq!(told(&mut house, &ship(no)), ["order.shipped"], "the last parcel has left before");
    assert_eq!(house.order(no).status, Status::Shipped);

    let mut house = House::new();
    let no = paid(&mut house);
    give(&mut house, no, lines(&[(1, 3), (2, 2)]));
    house.must(&ship(no));
    assert_eq!(house.shelf("desk"), (7, 0), "a refund alone keeps no goods back");
}

#[test]
fn what_the_provider_could_not_take_is_collected_by_hand() {
    for state in [PaymentState::Failed, PaymentState::Cancelled] {
        let mut house = House::new();
        let no = authorized(&mut house);
        pay(&mut house, no, 1, state, 5500);
        house.must(&collect(no));
        assert_eq!(house.order(no).payment_status(), PaymentStatus::Paid);
        assert_eq!(house.order(no).payments[1].id.as_str(), "pay_1_2");
    }
}

#[test]
fn what_is_payable_on_account_is_collected_by_hand() {
    let mut house = House::new();
    let no = pending(&mut house);
    pay(&mut house, no, 1, PaymentState::Open, 5500);
    house.must(&confirm(no));
    house.must(&collect(no));
    let order = house.order(no);
    assert_eq!(order.payment_status(), PaymentStatus::Paid);
    let collected = &order.payments[1];
    assert_eq!((collected.method, collected.intent.as_ref()), (PaymentMethod::CreditCard, None));
    let ended = named(&[("void_1_1", "cancel_payment")]);
    assert_eq!(effects(&house), ended, "the customer shall not pay once more");
    assert_eq!(house.run(&staff(), &collect(no)), Err(Refusal::AlreadyPaid(no).into()));
}

/// Rows for the table of refusals.
pub(crate) fn refused() -> Vec<Case> {
    let case = |what, asked: fn(OrderNo) -> Command, refusal, prepare: &dyn Fn(&mut House) -> _| {
        let mut house = House::new();
        let asked = asked(prepare(&mut house));
        Case { what, house, who: staff(), asked, subject: Subject::Request, refusal }
    };
    let no = OrderNo(1);
    let lapsed = Refusal::PaymentNotCompleted { order: no, state: Some(IntentState::Cancelled) };
    let mut cases = vec![
        case("everything was cancelled", ship, Refusal::NothingToShip(no), &|house| {
            let no = paid(house);
            give(house, no, restocked(&[(1, 3), (2, 2)]));
            no
        }),
        // Staff have released it, and still nobody has paid.
        case("its promise has lapsed", ship, lapsed, &|house| {
            let no = authorized(house);
            pay(house, no, 1, PaymentState::Cancelled, 5500);
            no
        }),
        case("paid and partly shipped", cancel, Refusal::PartiallyShipped(no), &|house| {
            let no = paid(house);
            house.ship_one(no);
            no
        }),
    ];
    // Whoever collected by hand beside the provider would be paid twice.
    for (state, said) in [
        (PaymentState::Open, IntentState::Open),
        (PaymentState::Processing, IntentState::Processing),
        (PaymentState::Authorized, IntentState::Authorized),
    ] {
        let refusal = Refusal::PaymentNotCompleted { order: no, state: Some(said) };
        cases.push(case("the provider is at it", collect, refusal, &|house| {
            let no = pending(house);
            pay(house, no, 1, state, 5500);
            complete(house, no);
            no
        }));
    }
    cases
}
