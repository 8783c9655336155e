//! The process dies: what it leaves behind, and who goes on with it.

use domain::{
    EffectId, Moment, Outcome,
    counter::Counter,
    effect::{Effect, EffectState, LEASE_MS, Lease, ProcessId, Yield},
    idempotency::{Fingerprint, Remembered},
};

use super::{
    arrows::{effects, standing},
    states::{NO, PLACING, State, claim, made, not_made, prepaid, retry, start, system, told},
};
use crate::house::{House, NOON, command, customer};

fn effect<'h>(house: &'h House, id: &str) -> &'h Effect {
    house.world.effects.get(&EffectId::new(id)).unwrap()
}

/// What was claimed.
fn claimed(house: &mut House, ids: &[&str]) -> Vec<String> {
    let outcome = house.by(&system(), &claim(ids));
    let Outcome::Claimed(claimed) = outcome else { panic!("{outcome:?}") };
    claimed.iter().map(EffectId::to_string).collect()
}

/// Another run of the server has the database now.
fn another_process(house: &mut House) -> ProcessId {
    house.world.policy.process = ProcessId(8);
    ProcessId(8)
}

#[test]
fn k1_nothing_was_written() {
    let mut house = House::new();
    let first = house.decide(&customer("ann"), &command(prepaid())).unwrap();
    let again = house.decide(&customer("ann"), &command(prepaid())).unwrap();
    assert_eq!(first, again, "the number that was never taken is given");
    house.apply(again);
    assert_eq!(house.counter(Counter::Order), 1);
}

#[test]
fn k2_the_lease_runs_out() {
    let mut house = State::Starting.house();
    let another = another_process(&mut house);
    assert_eq!(claimed(&mut house, &["pay_1_1"]), [""; 0], "the other one may be alive");
    house.clock.0 += LEASE_MS - 1;
    assert_eq!(claimed(&mut house, &["pay_1_1"]), [""; 0]);
    house.clock.0 += 1;
    assert_eq!(claimed(&mut house, &["pay_1_1"]), ["pay_1_1"]);
    let until = NOON.plus_ms(2 * LEASE_MS);
    let taken_over = effect(&house, "pay_1_1");
    assert_eq!(taken_over.lease, Some(Lease { process: another, until }));
    assert_eq!((taken_over.attempts, taken_over.keys.len()), (1, 1), "and who waits, waits on");
    house.by(&system(), &made(1));
    assert_eq!(standing(&house), "pending: open");
}

#[test]
fn k2_nobody_else_can_be_at_work() {
    let mut house = State::Starting.house();
    another_process(&mut house);
    house.world.policy.sole_process = true;
    assert_eq!(claimed(&mut house, &["pay_1_1"]), ["pay_1_1"]);
}

/// Both ask with the same key and are told of the same intent, whoever is first.
#[test]
fn k3_both_record_the_same_intent() {
    let mut house = State::Starting.house();
    another_process(&mut house);
    house.clock.0 += LEASE_MS;
    claimed(&mut house, &["pay_1_1"]);
    house.by(&system(), &made(1));
    let (before, log) = (effects(&house), house.world.events.len());
    house.by(&system(), &made(1));
    house.by(&system(), &not_made(1, true));
    assert_eq!((effects(&house), house.world.events.len()), (before, log));
}

fn remember(house: &mut House) {
    let remembered = Remembered {
        fingerprint: Fingerprint([0; 16]),
        at: NOON,
        answer: b"waits".to_vec(),
        shows: None,
    };
    house.world.idempotency.load(PLACING, Some(remembered));
}

#[test]
fn k4_the_secret_is_kept_for_who_asks_again() {
    let mut house = State::Starting.house();
    remember(&mut house);
    house.by(&system(), &made(1));
    assert!(house.world.idempotency.get(&PLACING).is_some());
    let EffectState::Done(Yield::Intent { client_secret, .. }) = &effect(&house, "pay_1_1").state
    else {
        panic!()
    };
    assert_eq!(client_secret.as_str(), "pi_1_secret_x");
    assert_eq!(claimed(&mut house, &["pay_1_1"]), [""; 0], "nothing is left to do");
}

#[test]
fn k5_the_key_is_free_for_a_new_order() {
    let mut house = State::Starting.house();
    remember(&mut house);
    house.by(&system(), &not_made(1, false));
    assert!(house.world.idempotency.get(&PLACING).is_none());
    house.key = Some(PLACING);
    house.by(&customer("ann"), &command(prepaid()));
    assert_eq!(house.counter(Counter::Order), 2);
    assert_eq!(effect(&house, "pay_2_1").keys, [PLACING]);
    assert_eq!(house.shelf("desk"), (10, 3), "only the second order holds stock");
}

#[test]
fn an_effect_that_came_to_nothing_is_put_off() {
    let mut house = State::Starting.house();
    let due_at = Moment(NOON.0 + 5000);
    house.by(&system(), &retry("pay_1_1", due_at));
    let put_off = effect(&house, "pay_1_1");
    assert_eq!((put_off.due_at, put_off.lease), (due_at, None));
    assert_eq!(put_off.last_error.as_deref(), Some("no answer"));
    assert_eq!(claimed(&mut house, &["pay_1_1"]), [""; 0], "it is not due");
    house.clock = due_at;
    assert_eq!(claimed(&mut house, &["pay_1_1", "pay_9_9"]), ["pay_1_1"]);
    house.clock.0 += LEASE_MS;
    assert_eq!(claimed(&mut house, &["pay_1_1"]), ["pay_1_1"]);
    assert_eq!(effect(&house, "pay_1_1").attempts, 2);
}

#[test]
fn who_has_lost_an_effect_has_no_say_in_it() {
    let mut house = State::Starting.house();
    let another = another_process(&mut house);
    house.clock.0 += LEASE_MS;
    claimed(&mut house, &["pay_1_1"]);
    house.world.policy.process = ProcessId(0);
    house.by(&system(), &retry("pay_1_1", Moment(i64::MAX)));
    assert_eq!(effect(&house, "pay_1_1").lease.unwrap().process, another);
    house.by(&system(), &made(1));
    let ended = effects(&house);
    house.by(&system(), &retry("pay_1_1", Moment(i64::MAX)));
    assert_eq!(effects(&house), ended, "nor has anybody when it has ended");
}

/// In one batch the effect fails and the customer asks for the next payment.
#[test]
fn the_next_payment_is_asked_for_in_the_batch_of_the_failure() {
    let mut house = State::StartingByItself.house();
    let mut keys = domain::Keys::default();
    for command in [not_made(1, false), start()] {
        command.keys(&mut keys);
        command.more_keys(&house.world, &mut keys);
    }
    assert!(keys.effects.contains(&EffectId::new("pay_1_2")));
    house.by(&system(), &not_made(1, false));
    let awaited = house.by(&customer("ann"), &start());
    assert_eq!(awaited, Outcome::Awaits(EffectId::new("pay_1_2")));
}

/// What ends a payment is begun once, whoever wants it.
#[test]
fn a_payment_is_ended_once() {
    let mut house = State::OnAccount.house();
    house.by(&system(), &claim(&["void_1_1"]));
    let begun = effect(&house, "void_1_1").clone();
    house.clock.0 += 1;
    house.by(&system(), &told(1, domain::payment::IntentState::Authorized));
    assert_eq!(*effect(&house, "void_1_1"), begun);
    assert_eq!(house.order(NO).payments.len(), 1);
}
