//! Time that runs out, and staff who do not wait for the provider.

use domain::{
    Moment, Refusal,
    order::{CancelCause, Status},
    payment::IntentState,
};

use super::{
    arrows::{Arrow, Does, Says},
    news::{does, not_completed},
    states::{DAY_MS, MINUTE_MS, NO, State, expire, system, told},
};
use crate::house::{House, confirm, staff};

pub(super) fn rows() -> Vec<Arrow> {
    [expiry(), confirmation()].into_iter().flatten().collect()
}

fn expiry() -> Vec<Arrow> {
    let row = |name, from, does| Arrow {
        name,
        from,
        who: system(),
        what: expire(),
        does,
        says: Says::Recorded,
        again: Says::Recorded,
    };
    let half_an_hour: fn(&mut House) = |house| house.clock.0 += 30 * MINUTE_MS;
    let almost: fn(&mut House) = |house| house.clock.0 += 30 * MINUTE_MS - 1;
    let seven_days: fn(&mut House) = |house| house.clock.0 += 7 * DAY_MS;
    let almost_seven: fn(&mut House) = |house| house.clock.0 += 7 * DAY_MS - 1;
    let gone = |first, effects, leaves| Does { first, ..does("order.cancelled", effects, leaves) };
    let stays = |first, leaves| Does { first, ..does("", "", leaves) };
    let void = "void_1_1 begun";
    let both = "void_1_1 begun, void_1_2 begun";
    let over = gone(seven_days, void, "cancelled: processing");
    let mut rows = vec![
        row("X1", State::Starting, gone(half_an_hour, "", "cancelled:")),
        row("X1", State::Open, gone(half_an_hour, void, "cancelled: open")),
        row("X1", State::Declined, gone(half_an_hour, void, "cancelled: failed")),
        row("X1", State::OpenAgain, gone(half_an_hour, both, "cancelled: failed, open")),
        row("X2", State::Processing, over),
        row("X3", State::Open, stays(almost, "pending: open")),
        row("X3", State::Processing, stays(almost_seven, "pending: processing")),
        row("X3", State::Mismatched, stays(seven_days, "pending on hold: captured")),
        row("X3", State::Authorized, stays(seven_days, "confirmed: authorized")),
        row("X3", State::Paid, stays(seven_days, "confirmed: captured")),
        row("X3", State::OnAccount, stays(seven_days, "confirmed: open")),
        row("X3", State::Cancelled, stays(seven_days, "cancelled: failed")),
        row("X3", State::Expired, stays(seven_days, "cancelled: open")),
        // Nobody pays what has no time set.
        row("X3", State::Unasked, stays(seven_days, "pending:")),
    ];
    // The job asks the provider first, and is told that it still works on it.
    let still = told(1, IntentState::Processing);
    let says = not_completed(IntentState::Processing);
    rows.extend(Arrow::news("X2", State::Processing, still, over, says));
    rows
}

fn confirmation() -> Vec<Arrow> {
    let row = |from, effects, leaves| {
        let (from_status, to) = (Status::Confirmed, Status::Confirmed);
        let refused = Refusal::AlreadyProcessed { order: NO, from: from_status, to };
        let does = does("order.confirmed", effects, leaves);
        let again = Says::Refused(refused);
        Arrow { name: "C1", from, who: staff(), what: confirm(NO), does, says: Says::Order, again }
    };
    let both = "void_1_1 begun, void_1_2 begun";
    vec![
        row(State::Unasked, "", "confirmed:"),
        row(State::Starting, "", "confirmed:"),
        row(State::Open, "void_1_1 begun", "confirmed: open"),
        row(State::Processing, "void_1_1 begun", "confirmed: processing"),
        row(State::Declined, "void_1_1 begun", "confirmed: failed"),
        row(State::OpenAgain, both, "confirmed: failed, open"),
        row(State::Mismatched, "", "confirmed on hold: captured"),
    ]
}

#[test]
fn the_log_says_that_it_has_expired() {
    let house = State::Expired.house();
    let order = house.order(NO);
    assert_eq!((order.cancelled_by, order.expires_at), (Some(CancelCause::Expired), None));
    assert!(house.order(NO).credit_note.is_none());
    assert_eq!(house.shelf("desk"), (10, 0));
}

#[test]
fn what_staff_confirm_does_not_run_out() {
    let house = State::OnAccount.house();
    assert!(house.order(NO).on_account);
    assert_eq!(house.order(NO).expires_at, None::<Moment>);
}
