//! The end of the effect that asks for an intent: it was made, or it was not.

use domain::{
    Command, EffectId,
    effect::{Action, EffectState, LEASE_MS, Yield, claim::ClaimEffects},
    idempotency::{Fingerprint, KeyHash, Remembered},
    order::CancelCause,
    payment::IntentState,
};

use super::{
    arrows::{Arrow, Does, NOTHING, Says},
    states::{
        ASKING, NO, PLACING, State, another_amount, expire, intent, made, not_made, record, start,
        system, told,
    },
};
use crate::house::{House, NOON, customer};

pub(super) fn rows() -> Vec<Arrow> {
    let row = |name, from, what, does| Arrow {
        name,
        from,
        who: system(),
        what,
        does,
        says: Says::Recorded,
        again: Says::Recorded,
    };
    let does = |writes, effects, leaves| Does { writes, effects, leaves, ..NOTHING };
    let unneeded = "pay_1_1 done, void_1_1 begun";
    let (failed, voided) = ("pay_1_1 failed", "pay_1_1 failed, void_1_1 begun");
    let open = does("payment.created", "pay_1_1 done", "pending: open");
    let gone = "payment.failed order.cancelled";
    let asked_again: fn(&mut House) = |house| _ = house.by(&customer("ann"), &start());
    let given_up: fn(&mut House) = |house| _ = house.by(&system(), &not_made(1, true));
    vec![
        row("I1", State::Starting, made(1), open),
        row("I1", State::StartingByItself, made(1), open),
        row(
            "I1",
            State::Declined,
            made(2),
            Does {
                first: asked_again,
                ..does("payment.created", "pay_1_2 done", "pending: failed, open")
            },
        ),
        row("I2", State::Starting, not_made(1, false), does(gone, failed, "cancelled: failed")),
        row("I2", State::Starting, not_made(1, true), does(gone, voided, "cancelled: failed")),
        row(
            "I2",
            State::Starting,
            not_made(1, true),
            Does {
                first: |house| _ = house.by(&system(), &told(1, IntentState::Processing)),
                ..does("order.cancelled", voided, "cancelled: processing")
            },
        ),
        row(
            "I3",
            State::StartingByItself,
            not_made(1, false),
            does("payment.failed", failed, "pending: failed"),
        ),
        row(
            "I3",
            State::StartingByItself,
            not_made(1, true),
            does("payment.failed", voided, "pending: failed"),
        ),
        row(
            "I3",
            State::Declined,
            not_made(2, false),
            Does {
                first: asked_again,
                ..does("payment.failed", "pay_1_2 failed", "pending: failed, failed")
            },
        ),
        // What was paid is something else, and waits for a person.
        row(
            "I8",
            State::Starting,
            not_made(1, false),
            Does {
                first: |house| _ = house.by(&system(), &record(another_amount())),
                ..does("", "pay_1_1 done", "pending on hold: captured")
            },
        ),
        // Asked for after a decline, and meanwhile the declined one has brought another amount.
        row(
            "I8",
            State::Declined,
            made(2),
            Does {
                first: |house| {
                    house.by(&customer("ann"), &start());
                    house.by(&system(), &record(another_amount()));
                },
                ..does("", "pay_1_2 failed, void_1_2 begun", "pending on hold: captured")
            },
        ),
        row("I4", State::ExpiredStarting, made(1), does("", voided, "cancelled:")),
        row("I5", State::ExpiredStarting, not_made(1, false), does("", failed, "cancelled:")),
        row("I5", State::ExpiredStarting, not_made(1, true), does("", voided, "cancelled:")),
        row("I8", State::OnAccountStarting, made(1), does("", unneeded, "confirmed:")),
        row("I8", State::OnAccountStarting, not_made(1, true), does("", unneeded, "confirmed:")),
        row(
            "I8",
            State::OnAccountStarting,
            not_made(1, false),
            does("", "pay_1_1 done", "confirmed:"),
        ),
        row(
            "I6",
            State::OnAccountStarting,
            made(1),
            Does {
                first: |house| _ = house.by(&system(), &not_made(1, false)),
                ..does("", "void_1_1 begun", "confirmed:")
            },
        ),
        // Another has worked on it before, and is dead: it may have made one.
        row(
            "I2",
            State::Starting,
            not_made(1, false),
            Does {
                first: |house| claim_later(house, "pay_1_1"),
                ..does(gone, voided, "cancelled: failed")
            },
        ),
        row("I6", State::Cancelled, made(1), does("", "void_1_1 begun", "cancelled: failed")),
        row(
            "I6",
            State::Cancelled,
            not_made(1, true),
            does("", "void_1_1 begun", "cancelled: failed"),
        ),
        row("I6", State::Cancelled, not_made(1, false), does("", "", "cancelled: failed")),
        row(
            "I6",
            State::Starting,
            made(1),
            Does { first: given_up, ..does("", "", "cancelled: failed") },
        ),
        row(
            "I7",
            State::Starting,
            made(1),
            Does {
                first: |house| _ = house.by(&system(), &told(1, IntentState::Processing)),
                ..does("", "pay_1_1 done", "pending: processing")
            },
        ),
        row(
            "I7",
            State::Starting,
            made(1),
            Does {
                first: |house| _ = house.by(&system(), &told(1, IntentState::Succeeded)),
                ..does("", "pay_1_1 done", "confirmed: captured")
            },
        ),
        row(
            "I4",
            State::Starting,
            made(1),
            Does {
                first: |house| {
                    house.by(&system(), &told(1, IntentState::Processing));
                    house.clock.0 += 8 * super::states::DAY_MS;
                    house.by(&system(), &expire());
                },
                ..does("", failed, "cancelled: processing")
            },
        ),
    ]
}

/// Its lease has run out, and another process takes it up.
fn claim_later(house: &mut House, effect: &str) {
    house.clock = house.clock.plus_ms(LEASE_MS);
    let effects = vec![EffectId::new(effect)];
    house.by(&system(), &Command::ClaimEffects(ClaimEffects { effects }));
}

fn state_of(house: &House, effect: &str) -> EffectState {
    house.world.effects.get(&EffectId::new(effect)).unwrap().state.clone()
}

#[test]
fn the_end_of_the_effect_has_the_secret() {
    let house = State::Open.house();
    let secret =
        Yield::Intent { intent: intent(1), client_secret: "pi_1_secret_x".to_owned().into() };
    assert_eq!(state_of(&house, "pay_1_1"), EffectState::Done(secret));
    assert_eq!(house.order(NO).payments[0].intent, Some(intent(1)));
}

#[test]
fn the_end_of_the_effect_has_the_providers_words() {
    let house = State::Cancelled.house();
    assert_eq!(state_of(&house, "pay_1_1"), EffectState::Failed("No cards today.".into()));
    let order = house.order(NO);
    assert_eq!(order.payments[0].failure.as_deref(), Some("No cards today."));
    assert_eq!(order.cancelled_by, Some(CancelCause::Provider));
}

/// Nobody knows the intent: it is asked for once more, by the very request of before.
#[test]
fn what_may_exist_is_found_by_its_request() {
    let mut house = State::Starting.house();
    house.by(&system(), &not_made(1, true));
    let action = |id| house.world.effects.get(&EffectId::new(id)).unwrap().action.clone();
    let Action::InitializePayment(asked) = action("pay_1_1") else { panic!() };
    assert_eq!(action("void_1_1"), Action::CancelPayment { intent: None, request: asked });
}

/// All who wait are told of the failure, and all of them may come again with their keys.
#[test]
fn a_failure_frees_the_keys_of_all_who_wait() {
    let remember = |house: &mut House, key: KeyHash| {
        let fingerprint = Fingerprint([0; 16]);
        let remembered =
            Remembered { fingerprint, at: NOON, answer: b"waits".to_vec(), shows: None };
        house.world.idempotency.load(key, Some(remembered));
    };
    let is_known = |house: &House, key| house.world.idempotency.get(&key).is_some();
    for (end, stay) in [(made(1), true), (not_made(1, false), false)] {
        let mut house = State::Starting.house();
        for key in [ASKING, ASKING] {
            house.key = Some(key);
            house.by(&customer("ann"), &start());
        }
        house.key = Some(KeyHash([9; 16]));
        for key in [PLACING, ASKING, KeyHash([9; 16])] {
            remember(&mut house, key);
        }
        house.by(&system(), &end);
        assert_eq!(is_known(&house, PLACING), stay);
        assert_eq!(is_known(&house, ASKING), stay);
        assert!(is_known(&house, KeyHash([9; 16])), "who did not wait for it keeps its answer");
    }
}

/// A key belongs to the effect that its request waits for, not to others of the same decision.
#[test]
fn the_key_of_a_request_that_does_not_wait_is_not_at_stake() {
    let mut house = State::Open.house();
    house.key = Some(ASKING);
    house.by(&crate::house::staff(), &crate::house::confirm(NO));
    let void = house.world.effects.get(&EffectId::new("void_1_1")).unwrap();
    assert!(void.keys.is_empty());
}
