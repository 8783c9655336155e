//! Random changes of what comes, goes and runs out (keys, effects, deadlines), past all decisions:
//! every store says the same of them after each batch, a new process too.

use domain::{
    EffectId, Keys, Moment, Order, OrderNo, World,
    effect::{Effect, EffectState, Yield},
    idempotency::Remembered,
};
use proptest::{bool::weighted, collection::vec, option, prelude::*, sample::select};

use crate::{
    differential::config,
    fixture::{self, Fixture},
    samples::{NOON, effect, key_hash, keys, remembered, young_order},
};

const NAMES: [&str; 5] = ["pay_1_1", "pay_10_1", "pay_2_1", "re_1_1", "cap_1_1"];
const KEYS: u8 = 5;
const ORDERS: u64 = 4;

/// Moments lie so close together that many of them are one.
const SPAN: i64 = 6;

#[test]
fn sqlite_keeps_what_memory_keeps() {
    proptest!(config(32), |(batches in vec(batch(), 1..30))| {
        assert_equal(fixture::sqlite(), &batches);
    });
}

#[test]
fn postgres_keeps_what_memory_keeps() {
    proptest!(config(8), |(batches in vec(batch(), 1..20))| {
        assert_equal(fixture::postgres(), &batches);
    });
}

fn assert_equal(mut found: Fixture, batches: &[Batch]) {
    let expected = fixture::memory();
    for batch in batches {
        if batch.reopens {
            found.reopen();
        }
        for it in [&expected, &found] {
            it.write(&every_name(), |world| {
                batch.changes.iter().for_each(|it| it.make(world));
            });
        }
        assert_eq!(Seen::of(&found), Seen::of(&expected));
    }
}

#[derive(Clone, Debug)]
struct Batch {
    changes: Vec<Change>,
    /// By another process than the one before it.
    reopens: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Begin { name: &'static str, due_at: i64 },
    PutOff { name: &'static str, to: i64 },
    Close { name: &'static str },
    UseKey { key: u8, answer: u8 },
    FreeKey { key: u8 },
    Expire { order: u64, at: Option<i64> },
}

impl Change {
    fn make(&self, world: &mut World) {
        match *self {
            Change::Begin { name, due_at } => {
                world.effects.put(EffectId::new(name), effect(name, due_at));
            }
            Change::PutOff { name, to } => {
                world.effects.change(&EffectId::new(name), |it| it.due_at = Moment(to));
            }
            Change::Close { name } => world.effects.change(&EffectId::new(name), |it| {
                it.state = EffectState::Done(Yield::Nothing);
            }),
            Change::UseKey { key, answer } => {
                let said = Remembered { answer: vec![answer], ..remembered() };
                world.idempotency.put(key_hash(key), said);
            }
            Change::FreeKey { key } => world.idempotency.remove(key_hash(key)),
            Change::Expire { order, at } => {
                let no = OrderNo(order);
                if world.orders.get(&no).is_none() {
                    world.orders.put(no, young_order(order, 1, None, NOON));
                }
                world.orders.change(&no, |it: &mut Order| it.expires_at = at.map(Moment));
            }
        }
    }
}

fn batch() -> impl Strategy<Value = Batch> {
    (vec(change(), 1..8), weighted(0.15)).prop_map(|(changes, reopens)| Batch { changes, reopens })
}

fn change() -> impl Strategy<Value = Change> {
    let name = || select(&NAMES[..]);
    let moment = || (0..SPAN).prop_map(|it| NOON + it);
    let at = option::of(moment());
    prop_oneof![
        3 => (name(), moment()).prop_map(|(name, due_at)| Change::Begin { name, due_at }),
        2 => (name(), moment()).prop_map(|(name, to)| Change::PutOff { name, to }),
        2 => name().prop_map(|name| Change::Close { name }),
        3 => (0..KEYS, any::<u8>()).prop_map(|(key, answer)| Change::UseKey { key, answer }),
        3 => (0..KEYS).prop_map(|key| Change::FreeKey { key }),
        3 => (1..=ORDERS, at).prop_map(|(order, at)| Change::Expire { order, at }),
    ]
}

fn every_name() -> Keys {
    keys(|keys| {
        keys.effects.extend(NAMES.map(EffectId::new));
        keys.idempotency.extend((0..KEYS).map(key_hash));
        keys.orders.extend((1..=ORDERS).map(OrderNo));
    })
}

/// All that can be asked of it.
#[derive(Debug, PartialEq)]
struct Seen {
    keys: Vec<Option<Remembered>>,
    effects: Vec<[Option<Effect>; 2]>,
    due: Vec<Vec<Effect>>,
    open: Vec<Vec<Effect>>,
    expired: Vec<Vec<OrderNo>>,
}

impl Seen {
    fn of(it: &Fixture) -> Seen {
        let (reads, world) = (it.reads(), it.load(&every_name()));
        let moments = (-1..=SPAN).map(|past| Moment(NOON + past));
        let due = moments.clone().map(|now| it.wait(reads.due_effects(now, 3)).unwrap());
        let expired = moments.map(|now| it.wait(reads.expired_orders(now, 3)).unwrap());
        let mut open = vec![it.wait(reads.open_effects(None, 2)).unwrap()];
        while let Some(last) = open.last().and_then(|page| page.last()) {
            let after = Some((last.due_at, last.id.clone()));
            open.push(it.wait(reads.open_effects(after, 2)).unwrap());
        }
        let effects = NAMES.map(EffectId::new).into_iter().map(|id| {
            let loaded = world.effects.get(&id).cloned();
            [loaded, it.wait(reads.effect(id)).unwrap()]
        });
        Seen {
            keys: (0..KEYS).map(|it| world.idempotency.get(&key_hash(it)).cloned()).collect(),
            effects: effects.collect(),
            due: due.collect(),
            expired: expired.collect(),
            open,
        }
    }
}
