//! What the provider says of an intent, in time.

use domain::{
    Command, Currency, Decision, EffectId, Money, Outcome, PaymentId, Refusal, StoreId,
    effect::{Action, Wish},
    payment::{IntentNews, IntentState},
};

use super::{
    arrows::{Arrow, Does, NOTHING, Says},
    states::{
        DAY_MS, MINUTE_MS, NO, State, TOTAL, another_amount, another_currency, another_order,
        intent, news, record, recording, system, told,
    },
};
use crate::house::{House, NOON, customer, ship, staff};

const PAID: &str = "payment.captured order.paid order.confirmed";

pub(super) fn rows() -> Vec<Arrow> {
    [taken(), not_taken(), mismatched(), captured(), unmoved()].into_iter().flatten().collect()
}

pub(super) fn does(writes: &'static str, effects: &'static str, leaves: &'static str) -> Does {
    Does { writes, effects, leaves, ..NOTHING }
}

pub(super) fn not_completed(state: IntentState) -> [Says; 2] {
    twice(Refusal::PaymentNotCompleted { order: NO, state: Some(state) })
}

pub(super) fn twice(refusal: Refusal) -> [Says; 2] {
    [Says::Refused(refusal.clone()), Says::Refused(refusal)]
}

/// For an answer to an effect, which no person brings.
pub(super) fn by_job(name: &'static str, from: State, what: Command, does: Does) -> Arrow {
    let says = if does.writes.is_empty() { Says::Recorded } else { Says::Order };
    Arrow { name, from, who: system(), what, does, says, again: Says::Recorded }
}

fn taken() -> Vec<Arrow> {
    let fine = || [Says::Order, Says::Refused(Refusal::AlreadyPaid(NO))];
    let held = || [Says::Order, Says::Order];
    let mut rows = Vec::new();
    for from in [State::Open, State::Processing, State::Declined] {
        let paid = does(PAID, "", "confirmed: captured");
        rows.extend(Arrow::news("N1", from, told(1, IntentState::Succeeded), paid, fine()));
        let authorized = does("payment.authorized order.confirmed", "", "confirmed: authorized");
        rows.extend(Arrow::news("N2", from, told(1, IntentState::Authorized), authorized, held()));
    }
    // The other one is ended, whichever it is: a customer may try again with a declined intent.
    let second = does(PAID, "void_1_1 begun", "confirmed: failed, captured");
    let first = does(PAID, "void_1_2 begun", "confirmed: captured, open");
    for (k, does) in [(1, first), (2, second)] {
        let news = told(k, IntentState::Succeeded);
        rows.extend(Arrow::news("N1", State::OpenAgain, news, does, fine()));
    }
    let second = does(
        "payment.authorized order.confirmed",
        "void_1_1 begun",
        "confirmed: failed, authorized",
    );
    let news = told(2, IntentState::Authorized);
    rows.extend(Arrow::news("N2", State::OpenAgain, news, second, held()));
    let on_account = does("payment.captured order.paid", "", "confirmed: captured");
    let news = told(1, IntentState::Succeeded);
    rows.extend(Arrow::news("N8", State::OnAccount, news.clone(), on_account, fine()));
    let unrecorded = does("payment.captured order.paid", "", "confirmed: captured");
    rows.extend(Arrow::news("N8", State::OnAccountStarting, news.clone(), unrecorded, fine()));
    let quicker = does(PAID, "", "confirmed: captured");
    rows.extend(Arrow::news("N14", State::Starting, news, quicker, fine()));
    rows
}

fn not_taken() -> Vec<Arrow> {
    use IntentState::{Cancelled, Declined, Open, Processing};
    let mut rows = Vec::new();
    let mut row = |name, from, state, does| {
        rows.extend(Arrow::news(name, from, told(1, state), does, not_completed(state)));
    };
    let processing = does("payment.processing", "", "pending: processing");
    let declined = does("payment.failed", "", "pending: failed");
    let cancelled = does("payment.cancelled order.cancelled", "", "cancelled: cancelled");
    row("N3", State::Open, Processing, processing);
    row("N3", State::Declined, Processing, processing);
    row("N4", State::Open, Declined, declined);
    row("N4", State::Processing, Declined, declined);
    row("N5", State::Open, Cancelled, cancelled);
    row("N5", State::Processing, Cancelled, cancelled);
    row("N10", State::Declined, Cancelled, does("payment.cancelled", "", "pending: cancelled"));
    let lapsed = does("payment.cancelled order.held", "", "confirmed on hold: cancelled");
    row("N11", State::Authorized, Cancelled, lapsed);
    row("N13", State::Open, Open, does("", "", "pending: open"));
    row("N13", State::Starting, Open, does("", "", "pending:"));
    row("N14", State::Starting, Processing, processing);
    row("N14", State::Starting, Declined, declined);
    row("N14", State::Starting, Cancelled, cancelled);
    // As long as another one is alive, or has brought something, the order is not over.
    let (does, cancelled) =
        (does("payment.cancelled", "", "pending: cancelled, open"), told(1, Cancelled));
    let says = not_completed(Cancelled);
    rows.extend(Arrow::news("N10", State::OpenAgain, cancelled, does, says));
    let mismatched = Does {
        first: |house| _ = house.by(&system(), &record(another_amount())),
        writes: "payment.cancelled",
        effects: "",
        leaves: "pending on hold: captured, cancelled",
    };
    let (second, says) = (told(2, Cancelled), not_completed(Cancelled));
    rows.extend(Arrow::news("N10", State::OpenAgain, second, mismatched, says));
    rows
}

fn mismatched() -> Vec<Arrow> {
    let mismatch = || twice(Refusal::PaymentMismatch(NO));
    let mut rows = Vec::new();
    for from in [State::Open, State::Processing, State::Declined] {
        let taken = does("payment.captured order.held", "", "pending on hold: captured");
        rows.extend(Arrow::news("N6", from, record(another_amount()), taken, mismatch()));
        let held = does("payment.authorized order.held", "", "pending on hold: authorized");
        let news = IntentNews { state: IntentState::Authorized, ..another_amount() };
        rows.extend(Arrow::news("N6", from, record(news), held, mismatch()));
    }
    // Nobody would ask about the other one again: it is ended, although it was declined.
    let second = IntentNews { amount: Money(TOTAL + 1), ..news(2, IntentState::Succeeded) };
    let taken =
        does("payment.captured order.held", "void_1_1 begun", "pending on hold: failed, captured");
    rows.extend(Arrow::news("N6", State::OpenAgain, record(second.clone()), taken, mismatch()));
    let held = does(
        "payment.authorized order.held",
        "void_1_1 begun",
        "pending on hold: failed, authorized",
    );
    let second = IntentNews { state: IntentState::Authorized, ..second };
    rows.extend(Arrow::news("N6", State::OpenAgain, record(second), held, mismatch()));
    let nowhere = IntentNews { order: None, ..news(1, IntentState::Succeeded) };
    for news in [another_currency(), another_order(), nowhere] {
        let unbooked = does("payment.failed order.held", "", "pending on hold: failed");
        rows.extend(Arrow::news("N9", State::Open, record(news), unbooked, mismatch()));
    }
    rows
}

/// What becomes of money that was authorized, when the goods have left.
fn captured() -> Vec<Arrow> {
    let capture = |state| recording(Some(news(1, state)), Some("cap_1_1"));
    let row = |name, what, writes, effects, leaves| {
        let does = Does { first: ship_and_capture, ..does(writes, effects, leaves) };
        by_job(name, State::Authorized, what, does)
    };
    let (done, off, failed) = ("cap_1_1 done", "cap_1_1 put off", "cap_1_1 failed");
    let taken = "payment.captured order.paid";
    let given_up = recording(None, Some("cap_1_1"));
    vec![
        row("N7", capture(IntentState::Succeeded), taken, done, "shipped: captured"),
        row(
            "N12",
            capture(IntentState::Cancelled),
            "payment.cancelled",
            done,
            "shipped: cancelled",
        ),
        row("N12", capture(IntentState::Declined), "payment.failed", done, "shipped: failed"),
        row("N12", given_up, "payment.failed", failed, "shipped: failed"),
        row("L8", capture(IntentState::Authorized), "", off, "shipped: authorized"),
    ]
}

fn ship_and_capture(house: &mut House) {
    house.by(&staff(), &ship(NO));
    begin_capture(house);
}

fn begin_capture(house: &mut House) {
    let (payment, intent) = (PaymentId::new("pay_1_1"), intent(1));
    let (amount, currency) = (Money(TOTAL), Currency::USD);
    let action = Action::CapturePayment { payment, intent, amount, currency };
    house.apply(Decision {
        store: StoreId::FIRST,
        order: Some(NO),
        events: Vec::new(),
        admin_events: Vec::new(),
        person: None,
        secret: None,
        personal: None,
        cart: None,
        velocities: Vec::new(),
        wishes: vec![Wish { id: EffectId::new("cap_1_1"), action }],
        effects: Vec::new(),
        closes: None,
        refusal: None,
        outcome: Outcome::Order(NO),
    });
}

/// News of others' intents, and old news.
fn unmoved() -> Vec<Arrow> {
    use IntentState::{Authorized, Cancelled, Declined, Open, Processing, Succeeded};
    let mut rows = Vec::new();
    let nothing = |leaves| does("", "", leaves);
    let of_another_shop = news(9, Succeeded);
    let second_intent = IntentNews { intent: intent(9), ..news(1, Succeeded) };
    let unnamed = IntentNews { payment: None, ..news(9, Succeeded) };
    for news in [of_another_shop, second_intent, unnamed] {
        let (news, says) = (record(news), not_completed(Succeeded));
        rows.extend(Arrow::news("N15", State::Open, news, nothing("pending: open"), says));
    }
    for state in [Open, Declined, Processing, Authorized, Cancelled] {
        let says = twice(Refusal::AlreadyPaid(NO));
        let leaves = nothing("confirmed: captured");
        rows.extend(Arrow::news("N16", State::Paid, told(1, state), leaves, says));
    }
    for state in [Open, Declined, Processing] {
        let leaves = nothing("confirmed: authorized");
        let says = not_completed(state);
        rows.extend(Arrow::news("N16", State::Authorized, told(1, state), leaves, says));
    }
    for state in [Open, Declined, Processing, Authorized] {
        let leaves = nothing("cancelled: cancelled");
        let (from, says) = (State::CancelledByProvider, not_completed(state));
        rows.extend(Arrow::news("N16", from, told(1, state), leaves, says));
    }
    rows
}

#[test]
fn who_asks_about_an_order_without_an_intent_is_told_so() {
    let none = Refusal::PaymentNotCompleted { order: NO, state: None };
    for (from, refusal) in [
        (State::Unasked, none.clone()),
        (State::Starting, none.clone()),
        (State::Cancelled, none),
        (State::Paid, Refusal::AlreadyPaid(NO)),
    ] {
        let refused = from.house().run(&customer("ann"), &recording(None, None)).unwrap_err();
        assert_eq!(*refused.first(), refusal, "{from:?}");
    }
    let mut house = House::new();
    house.must(&crate::house::command(crate::house::place(&[("desk", 3)])));
    let refused = house.run(&customer("ann"), &recording(None, None)).unwrap_err();
    assert_eq!(*refused.first(), Refusal::NotPrepaid(NO), "in cash");
}

#[test]
fn the_time_to_pay_stands_still_while_the_provider_works() {
    let mut house = State::Open.house();
    let until = |house: &House| house.order(NO).expires_at.unwrap().0 - NOON.0;
    assert_eq!(until(&house), 30 * MINUTE_MS);
    house.clock.0 += 20 * MINUTE_MS;
    house.by(&system(), &told(1, IntentState::Processing));
    assert_eq!(until(&house), 7 * DAY_MS);
    house.clock.0 += 2 * DAY_MS;
    house.by(&system(), &told(1, IntentState::Declined));
    assert_eq!(until(&house), 2 * DAY_MS + 50 * MINUTE_MS, "there is time for another card");
    house.by(&system(), &told(1, IntentState::Processing));
    house.clock.0 += 5 * DAY_MS - 30 * MINUTE_MS;
    house.by(&system(), &told(1, IntentState::Declined));
    assert_eq!(until(&house), 7 * DAY_MS, "seven days are all there is");
}

#[test]
fn what_was_taken_is_booked_as_it_was_taken() {
    let house = State::Mismatched.house();
    let order = house.order(NO);
    assert_eq!(order.payments[0].amount, Money(TOTAL - 1));
    assert_eq!(order.hold_reason.as_deref(), Some("payment_mismatch"));
    assert_eq!((order.expires_at, order.retrieval_no), (None, None));
    let house = State::Paid.house();
    assert_eq!(house.order(NO).totals().unwrap().paid, Money(TOTAL));
    let house = State::Declined.house();
    assert_eq!(house.order(NO).payments[0].failure.as_deref(), Some("No funds."));
}

/// A person who has looked at it may release it; the same news do not hold it again.
#[test]
fn a_mismatch_is_told_once() {
    for news in [another_amount(), another_currency()] {
        let mut house = State::Open.house();
        house.by(&system(), &record(news.clone()));
        house.tell(
            NO,
            vec![domain::Event::OrderReleased(domain::event::OrderReleased { reason: None })],
        );
        house.by(&system(), &record(news));
        assert!(!house.order(NO).on_hold);
    }
}

#[test]
fn only_the_owner_is_told() {
    let mut house = State::Open.house();
    let refused = house.run(&customer("bob"), &told(1, IntentState::Succeeded)).unwrap_err();
    assert_eq!(*refused.first(), Refusal::OrderNotFound(NO));
    let nobodys = House::new().run(&system(), &told(1, IntentState::Succeeded)).unwrap_err();
    assert_eq!(*nobodys.first(), Refusal::OrderNotFound(NO), "another shop's notice");
}
