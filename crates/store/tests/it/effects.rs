//! What shall happen outside, and what runs out: found by name, and in the order of falling due.

use domain::{
    Currency, EffectId, IntentId, Keys, Moment, Money, OrderNo, PaymentId, World,
    effect::{Action, Effect, EffectState, Yield},
    payment::{Capture, IntentRequest},
};

use crate::{
    fixture::Fixture,
    samples::{AWKWARD, NOON, effect, keys, young_order},
};

fn named(names: &[&str]) -> Keys {
    keys(|keys| keys.effects.extend(names.iter().map(|it| EffectId::new(it))))
}

fn write(it: &Fixture, effects: &[Effect]) {
    let named = keys(|keys| keys.effects.extend(effects.iter().map(|it| it.id.clone())));
    it.write(&named, |world| {
        for effect in effects {
            world.effects.put(effect.id.clone(), effect.clone());
        }
    });
}

fn find(it: &Fixture, name: &str) -> Option<Effect> {
    it.wait(it.reads().effect(EffectId::new(name))).unwrap()
}

/// One of each action and of each state.
fn every_effect() -> Vec<Effect> {
    let payment = || PaymentId::new("pay_1_1");
    let intent = || IntentId::new("pi_1");
    let (amount, currency) = (Money(66_345), Currency::USD);
    let capture = Capture::AtOnce;
    let request =
        IntentRequest { order: OrderNo(1), payment: payment(), amount, currency, capture };
    let secret = Yield::Intent { intent: intent(), client_secret: AWKWARD.to_owned().into() };
    let rest = [
        ("pay_1_2", Action::InitializePayment(request.clone()), EffectState::Done(secret)),
        (
            "void_1_1",
            Action::CancelPayment { intent: None, request: request.clone() },
            EffectState::Failed(AWKWARD.into()),
        ),
        (
            "void_1_2",
            Action::CancelPayment { intent: Some(intent()), request },
            EffectState::Done(Yield::Nothing),
        ),
        (
            "cap_1_1",
            Action::CapturePayment { payment: payment(), intent: intent(), amount, currency },
            EffectState::Open,
        ),
        (
            "re_1_1",
            Action::RefundPayment { payment: payment(), intent: intent(), amount, currency },
            EffectState::Open,
        ),
    ];
    let bare = rest.map(|(name, action, state)| Effect {
        action,
        state,
        keys: Vec::new(),
        lease: None,
        last_error: None,
        ..effect(name, NOON)
    });
    [vec![effect("pay_1_1", NOON)], bare.into()].concat()
}

pub(crate) fn every_effect_is_found_as_it_was_written(it: &Fixture) {
    let every = every_effect();
    let all = keys(|keys| keys.effects.extend(every.iter().map(|it| it.id.clone())));
    let world = it.load(&all);
    for effect in &every {
        assert_eq!(world.effects.get(&effect.id), None);
        assert_eq!(find(it, effect.id.as_str()), None);
    }
    write(it, &every);
    let world = it.load(&all);
    for effect in &every {
        assert_eq!(world.effects.get(&effect.id), Some(effect));
        assert_eq!(find(it, effect.id.as_str()).as_ref(), Some(effect));
    }
    let other = it.load(&named(&["pay_1_1", "pay_1_10"]));
    assert_eq!(other.effects.get(&EffectId::new("pay_1_10")), None);
    assert!(!other.effects.is_loaded(&EffectId::new("re_1_1")), "it was not asked for");
}

/// Names whose order differs between the bytes, the numbers and most languages.
const NAMES: [&str; 8] =
    ["pay_10_1", "pay_9_1", "pay_9_10", "pay_9_2", "Pay_9_1", "re_1_1", "cap_1_1", "void_2_1"];

/// Some at one moment, some long ago, some closed, in the order in which they fall due.
fn fill(it: &Fixture) -> Vec<Effect> {
    let due = [5, 0, 5, -7, 5, i64::MAX - NOON - 1, 0, 5];
    let mut open: Vec<Effect> =
        NAMES.iter().zip(due).map(|(name, due)| effect(name, NOON + due)).collect();
    let closed = Effect { state: EffectState::Done(Yield::Nothing), ..effect("cap_7_1", NOON) };
    let failed = Effect { state: EffectState::Failed("no".into()), ..effect("re_7_1", NOON) };
    write(it, &[open.clone(), vec![closed, failed]].concat());
    open.sort_by(|a, b| (a.due_at, a.id.as_str()).cmp(&(b.due_at, b.id.as_str())));
    open
}

pub(crate) fn due_effects_come_the_longest_due_first(it: &Fixture) {
    assert_eq!(it.wait(it.reads().due_effects(Moment(i64::MAX), 10)), Ok(Vec::new()));
    let open = fill(it);
    for now in [i64::MIN, NOON - 8, NOON - 7, NOON - 1, NOON, NOON + 4, NOON + 5, i64::MAX] {
        for limit in [1, 3, 100] {
            let due = open.iter().filter(|it| it.due_at.0 <= now);
            let expected: Vec<Effect> =
                due.take(usize::try_from(limit).unwrap()).cloned().collect();
            let found = it.wait(it.reads().due_effects(Moment(now), limit)).unwrap();
            assert_eq!(found, expected, "{limit} at {now}");
        }
    }
}

pub(crate) fn pages_of_open_effects(it: &Fixture) {
    let open = fill(it);
    for limit in [1, 2, 3, 8, 100] {
        let mut left = open.as_slice();
        let mut after = None;
        loop {
            let page = it.wait(it.reads().open_effects(after, limit)).unwrap();
            let (this, rest) = left.split_at(left.len().min(usize::try_from(limit).unwrap()));
            assert_eq!(page, this, "{limit}");
            let Some(last) = page.last() else { break };
            after = Some((last.due_at, last.id.clone()));
            left = rest;
        }
    }
    let between = Some((Moment(NOON + 1), EffectId::new("pay_9_1")));
    let found = it.wait(it.reads().open_effects(between, 100)).unwrap();
    assert_eq!(found, open[3..], "a place need not be an effect's");
}

pub(crate) fn an_effect_is_put_off_and_closed(it: &Fixture) {
    let open = |it: &Fixture| -> Vec<String> {
        let found = it.wait(it.reads().open_effects(None, 100)).unwrap();
        found.iter().map(|it| it.id.to_string()).collect()
    };
    let change = |it: &Fixture, name: &str, how: &dyn Fn(&mut Effect)| {
        let id = EffectId::new(name);
        it.write(&named(&[name]), |world: &mut World| world.effects.change(&id, |it| how(it)));
    };
    write(it, &[effect("cap_1_1", NOON), effect("re_1_1", NOON + 1)]);
    assert_eq!(open(it), ["cap_1_1", "re_1_1"]);
    change(it, "cap_1_1", &|it| it.due_at = Moment(NOON + 2));
    assert_eq!(open(it), ["re_1_1", "cap_1_1"]);
    assert_eq!(find(it, "cap_1_1").unwrap().due_at, Moment(NOON + 2));
    change(it, "re_1_1", &|it| it.state = EffectState::Done(Yield::Nothing));
    assert_eq!(open(it), ["cap_1_1"]);
    assert_eq!(find(it, "re_1_1").unwrap().state, EffectState::Done(Yield::Nothing));
    // A decision may wish again for what it has not looked at.
    let again = effect("re_1_1", NOON + 9);
    it.write(&Keys::default(), |world| world.effects.put(again.id.clone(), again.clone()));
    assert_eq!(open(it), ["cap_1_1", "re_1_1"]);
    assert_eq!(find(it, "re_1_1"), Some(again));
}

pub(crate) fn orders_expire_until_nothing_runs_out(it: &Fixture) {
    let expired = |now: i64, limit: u32| -> Vec<u64> {
        let found = it.wait(it.reads().expired_orders(Moment(NOON + now), limit)).unwrap();
        found.into_iter().map(|no| no.0).collect()
    };
    let until = [None, Some(30), Some(10), None, Some(30), Some(20)];
    it.write(&Keys::default(), |world| {
        for (no, until) in (1..).zip(until) {
            let mut order = young_order(no, 1, None, NOON);
            order.expires_at = until.map(|it| Moment(NOON + it));
            world.orders.put(order.no, order);
        }
    });
    assert_eq!(expired(9, 10), Vec::<u64>::new());
    assert_eq!(expired(10, 10), [3]);
    assert_eq!(expired(29, 10), [3, 6]);
    assert_eq!(expired(30, 10), [3, 6, 2, 5]);
    assert_eq!(expired(1_000, 3), [3, 6, 2]);
    let all = keys(|keys| keys.orders.extend((1..=6).map(OrderNo)));
    it.write(&all, |world| {
        for (no, until) in [(3, None), (6, Some(40)), (4, Some(0)), (2, Some(30))] {
            let until = until.map(|it| Moment(NOON + it));
            world.orders.change(&OrderNo(no), |order| order.expires_at = until);
        }
    });
    assert_eq!(expired(1_000, 10), [4, 2, 5, 6]);
    assert_eq!(it.wait(it.reads().order(OrderNo(3))).unwrap().unwrap().expires_at, None);
    let later = it.wait(it.reads().order(OrderNo(6))).unwrap().unwrap();
    assert_eq!(later.expires_at, Some(Moment(NOON + 40)));
}
