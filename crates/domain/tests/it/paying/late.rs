//! Money that comes too late, twice, or to an order that does not want it.

use domain::{
    Money, Refusal,
    order::{CancelCause, Status},
    payment::IntentState,
    refund::RefundState,
};

use super::arrows::Says;
use super::{
    arrows::{Arrow, Does},
    news::{by_job, does, not_completed, twice},
    sound::kept,
    states::{NO, State, TOTAL, another_amount, news, not_made, record, recording, system, told},
};
use crate::house::{House, collect, staff};

pub(super) fn rows() -> Vec<Arrow> {
    [paid(), not_wanted(), voided()].into_iter().flatten().collect()
}

const BACK: &str = "payment.captured refund.created";

fn paid() -> Vec<Arrow> {
    let succeeded = || told(1, IntentState::Succeeded);
    let gone = || {
        let (from, to) = (Status::Cancelled, Status::Confirmed);
        twice(Refusal::AlreadyProcessed { order: NO, from, to })
    };
    let already = || twice(Refusal::AlreadyPaid(NO));
    let mut rows = Vec::new();
    let reinstated = does(
        "payment.captured order.paid order.reinstated order.confirmed",
        "",
        "confirmed: captured",
    );
    for from in [State::Expired, State::ExpiredStarting] {
        let says = [Says::Order, Says::Refused(Refusal::AlreadyPaid(NO))];
        rows.extend(Arrow::news("L1", from, succeeded(), reinstated, says));
    }
    let back = does(BACK, "re_1_1 begun", "cancelled: captured");
    let sold = Does { first: |house| house.stock("desk", 2, 0), ..back };
    rows.extend(Arrow::news("L2", State::Expired, succeeded(), sold, gone()));
    rows.extend(Arrow::news("L2", State::Expired, record(another_amount()), back, gone()));
    for from in [State::Cancelled, State::CancelledByProvider] {
        rows.extend(Arrow::news("L3", from, succeeded(), back, gone()));
    }
    let by_the_second: fn(&mut House) =
        |house| _ = house.by(&system(), &told(2, IntentState::Succeeded));
    let twice_paid = Does {
        first: by_the_second,
        ..does(BACK, "re_1_1 begun", "confirmed: captured, captured")
    };
    rows.extend(Arrow::news("L4", State::OpenAgain, succeeded(), twice_paid, already()));
    let by_hand = Does { first: |house| _ = house.by(&staff(), &collect(NO)), ..twice_paid };
    rows.extend(Arrow::news("L4", State::OnAccount, succeeded(), by_hand, already()));
    rows.extend(Arrow::news("L4", State::OnAccountStarting, succeeded(), by_hand, already()));
    rows
}

fn not_wanted() -> Vec<Arrow> {
    use IntentState::{Authorized, Declined, Open, Processing};
    let mut rows = Vec::new();
    let mut row = |name, from, state, does| {
        rows.extend(Arrow::news(name, from, told(1, state), does, not_completed(state)));
    };
    let begun = "void_1_1 begun";
    // Where the order has ended the payment already, it is not ended again.
    for (from, effects) in
        [(State::Expired, ""), (State::ExpiredStarting, begun), (State::Cancelled, begun)]
    {
        let authorized = does("payment.authorized", effects, "cancelled: authorized");
        row("L5", from, Authorized, authorized);
        let processing = does("payment.processing", effects, "cancelled: processing");
        row("L6", from, Processing, processing);
    }
    for (from, effects) in [(State::OnAccount, ""), (State::OnAccountStarting, begun)] {
        row("L5", from, Authorized, does("payment.authorized", effects, "confirmed: authorized"));
        row("L6", from, Processing, does("payment.processing", effects, "confirmed: processing"));
        row("L6", from, Declined, does("payment.failed", effects, "confirmed: failed"));
    }
    row("L6", State::Cancelled, Declined, does("", begun, "cancelled: failed"));
    row("L10", State::Expired, Open, does("", "", "cancelled: open"));
    row("L10", State::ExpiredStarting, Open, does("", begun, "cancelled:"));
    row("L10", State::Cancelled, Open, does("", begun, "cancelled: failed"));
    let by_the_second: fn(&mut House) =
        |house| _ = house.by(&system(), &told(2, IntentState::Succeeded));
    let beside = does("payment.authorized", "", "confirmed: authorized, captured");
    let beside = Does { first: by_the_second, ..beside };
    let says = twice(Refusal::AlreadyPaid(NO));
    rows.extend(Arrow::news("L5", State::OpenAgain, told(1, Authorized), beside, says));
    let by_the_second: fn(&mut House) = |house| _ = house.by(&system(), &told(2, Authorized));
    let beside = does("payment.authorized", "", "confirmed: authorized, authorized");
    let beside = Does { first: by_the_second, ..beside };
    let says = not_completed(Authorized);
    rows.extend(Arrow::news("L5", State::OpenAgain, told(1, Authorized), beside, says));
    rows
}

fn voided() -> Vec<Arrow> {
    let void = |state| recording(Some(news(1, state)), Some("void_1_1"));
    let done = "void_1_1 done";
    let unknown: fn(&mut House) = |house| _ = house.by(&system(), &not_made(1, true));
    let ended = does("payment.cancelled", done, "cancelled: cancelled");
    let too_late = does(
        "payment.captured refund.created",
        "re_1_1 begun, void_1_1 done",
        "cancelled: captured",
    );
    let sold = Does { first: |house| house.stock("desk", 2, 0), ..too_late };
    let unmade = does("payment.cancelled", done, "pending: cancelled");
    let off = does("", "void_1_1 put off", "cancelled: open");
    let given_up = does("", "void_1_1 failed", "cancelled: open");
    let on_account = does("payment.cancelled", done, "confirmed: cancelled");
    vec![
        by_job("L7", State::Expired, void(IntentState::Cancelled), ended),
        by_job("L7", State::OnAccount, void(IntentState::Cancelled), on_account),
        by_job(
            "L7",
            State::Starting,
            void(IntentState::Cancelled),
            Does { first: unknown, ..ended },
        ),
        by_job(
            "L7",
            State::StartingByItself,
            void(IntentState::Cancelled),
            Does { first: unknown, ..unmade },
        ),
        by_job("L2", State::Expired, void(IntentState::Succeeded), sold),
        by_job("L8", State::Expired, void(IntentState::Open), off),
        by_job("L9", State::Expired, recording(None, Some("void_1_1")), given_up),
    ]
}

#[test]
fn all_of_what_came_too_late_goes_back() {
    let mut house = State::Cancelled.house();
    house.by(&system(), &told(1, IntentState::Succeeded));
    let order = house.order(NO);
    let refund = &order.refunds[0];
    assert_eq!((refund.amount, refund.status), (Money(TOTAL), RefundState::Pending));
    assert_eq!((refund.id.as_str(), refund.method.as_str()), ("re_1_1", "credit_card"));
    assert_eq!(kept(order), 0);
    assert_eq!(order.cancelled_by, Some(CancelCause::Provider), "it stays cancelled");
}

#[test]
fn what_comes_back_is_complete_and_holds_its_stock() {
    let mut house = State::Expired.house();
    assert_eq!(house.shelf("desk"), (10, 0));
    house.by(&system(), &told(1, IntentState::Succeeded));
    let order = house.order(NO);
    assert_eq!(house.shelf("desk"), (10, 3));
    assert_eq!(order.invoice.as_ref().unwrap().to_string(), "INV-2025-000001");
    assert_eq!((order.cancelled_at, order.cancelled_by, order.expires_at), (None, None, None));
    assert_eq!(kept(order), TOTAL);
}

/// Of two orders for the last goods, both expired and both paid late, one comes back.
#[test]
fn goods_come_back_to_the_first_who_pays() {
    let mut house = State::Expired.house();
    house.stock("desk", 5, 0);
    let two =
        house.by(&crate::house::customer("ann"), &crate::house::command(super::states::prepaid()));
    assert_eq!(two, domain::Outcome::Awaits(domain::EffectId::new("pay_2_1")));
    house.by(&system(), &told(1, IntentState::Succeeded));
    assert_eq!(house.order(NO).status, Status::Cancelled, "the desks are promised to another");
    assert_eq!(kept(house.order(NO)), 0);
}
