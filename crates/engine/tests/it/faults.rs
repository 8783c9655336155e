//! What goes wrong inside a batch hits the one whose fault it is, or nobody.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{Keys, OrderNo, World, counter::Counter};
use engine::{Answer, Rejected, Submission, clock::ManualClock};
use store::{KeyChange, Next, Read, Reads, Store, StoreError, Writer};

use crate::shop::{self, assert_healthy, by_staff, fill, place, submit_together, with_key};

/// The request id of the command that shall fail.
const POISON: &str = "poison";

enum Fault {
    /// The caller's own part panics.
    Render,
    /// It counts past the end of the integers, which is checked in release builds too.
    Overflow,
    /// The database refuses a row.
    Row,
    /// The store panics over it.
    Store,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_fails_fails_alone() {
    for fault in [Fault::Render, Fault::Overflow, Fault::Row, Fault::Store] {
        check(&fault).await;
    }
}

async fn check(fault: &Fault) {
    let (folder, store) = shop::database().await;
    let store: Arc<dyn Store> = match fault {
        Fault::Render | Fault::Overflow => store,
        Fault::Row => {
            poison_rows(&folder.path().join("orderd.db"));
            store
        }
        Fault::Store => Arc::new(Faulty { inner: store, fails: Fails::Panicking }),
    };
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;

    let mut together: Vec<_> = (0..9).map(|key| with_key(key, place("jane", &[(1, 1)]))).collect();
    together[4].request_id = POISON.into();
    match fault {
        Fault::Render => {
            together[4].render = Box::new(|_, _| panic!("nobody has thought of this"));
        }
        Fault::Overflow => {
            together[4].render = Box::new(|world, _| Answer {
                status: u16::MAX + u16::try_from(world.events.len()).unwrap(),
                ..Answer::default()
            });
        }
        Fault::Row | Fault::Store => {}
    }
    let replies = submit_together(&engine, together).await;
    for (index, reply) in replies.iter().enumerate() {
        match index {
            4 => assert_eq!(*reply, Err(Rejected::Failed)),
            _ => assert!(reply.as_ref().is_ok_and(|it| !it.replayed), "{index}: {reply:?}"),
        }
    }
    // No number is lost, nothing of the culprit is left, and its key is free again.
    assert_eq!(engine.reads().counters().await.unwrap().value(Counter::Order), 8);
    assert_healthy(engine.reads()).await;
    let again = engine.submit(with_key(4, place("jane", &[(1, 1)]))).await.unwrap();
    assert!(!again.replayed);
    assert!(engine.reads().order(OrderNo(9)).await.unwrap().is_some());
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_everybodys_trouble_until_it_is_back() {
    let (_folder, inner) = shop::database().await;
    let left = Arc::new(AtomicUsize::new(0));
    let store = Faulty { inner, fails: Fails::Away(left.clone()) };
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&store, &clock, shop::options());
    fill(&engine).await;

    let gate = shop::hold(&engine).await;
    let waiting: Vec<_> = (0..6)
        .map(|key| {
            let engine = engine.clone();
            tokio::spawn(
                async move { engine.submit(with_key(key, place("jane", &[(1, 1)]))).await },
            )
        })
        .collect();
    // The batch of the gate itself has begun; those behind it may come as one or as several.
    left.store(usize::MAX, Ordering::SeqCst);
    gate.open().await;
    for it in waiting {
        assert_eq!(it.await.unwrap(), Err(Rejected::Unavailable));
    }
    left.store(0, Ordering::SeqCst);
    for key in 0..6 {
        assert!(!engine.submit(with_key(key, place("jane", &[(1, 1)]))).await.unwrap().replayed);
    }
    assert_eq!(engine.reads().counters().await.unwrap().value(Counter::Order), 6);
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

/// An answer tells of a commit: whoever has it finds its effect on disk.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_answered_before_the_commit() {
    let (_folder, inner) = shop::database().await;
    let store = Faulty { inner, fails: Fails::AfterTheStep };
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&store, &clock, shop::options());
    let poisoned = Submission {
        request_id: POISON.into(),
        render: Box::new(|_, _| Answer { status: 200, ..Answer::default() }),
        ..by_staff(shop::set_stock(1, 1))
    };
    fill(&engine).await;
    assert_eq!(engine.submit(poisoned).await, Err(Rejected::Unavailable));
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

/// The database itself refuses every event of the poisoned request.
fn poison_rows(database: &Path) {
    let connection = rusqlite::Connection::open(database).unwrap();
    let trigger = format!(
        "CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.request_id = '{POISON}'
        BEGIN SELECT RAISE(ABORT, 'a row that can not be'); END"
    );
    connection.execute_batch(&trigger).unwrap();
}

/// A store that fails on request, around a real one.
struct Faulty {
    inner: Arc<dyn Store>,
    fails: Fails,
}

#[derive(Clone)]
enum Fails {
    /// It panics over a poisoned command, its transaction open.
    Panicking,
    /// It is away for so many batches.
    Away(Arc<AtomicUsize>),
    /// The commit of a poisoned command fails, as on a full disk.
    AfterTheStep,
}

impl Store for Faulty {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        Ok(Box::new(FaultyWriter { inner: self.inner.writer()?, fails: self.fails.clone() }))
    }

    fn reads(&self) -> Arc<dyn Reads> {
        self.inner.reads()
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }

    fn forget_entries(&self) -> Read<'_, ()> {
        self.inner.forget_entries()
    }

    fn secret(&self, name: &'static str, offered: Vec<u8>) -> Read<'_, Vec<u8>> {
        self.inner.secret(name, offered)
    }

    fn rewrap_secret(&self, name: &'static str, from: Vec<u8>, to: Vec<u8>) -> Read<'_, ()> {
        self.inner.rewrap_secret(name, from, to)
    }

    fn change_signing_keys(&self, changes: Vec<KeyChange>) -> Read<'_, ()> {
        self.inner.change_signing_keys(changes)
    }
}

struct FaultyWriter {
    inner: Box<dyn Writer>,
    fails: Fails,
}

impl Writer for FaultyWriter {
    fn run_batch(
        &mut self,
        keys: &Keys,
        step: &mut dyn FnMut(&mut World) -> Next,
    ) -> Result<(), StoreError> {
        let is_poisoned = |world: &World| {
            let events = world.events.iter().map(|it| &it.request_id);
            let mut all = events.chain(world.admin_events.iter().map(|it| &it.request_id));
            all.any(|it| it == POISON)
        };
        match &self.fails {
            Fails::Panicking => self.inner.run_batch(keys, &mut |world| {
                let next = step(world);
                assert!(!is_poisoned(world), "the store can't bear this");
                next
            }),
            Fails::Away(left) => {
                let is_away = left.load(Ordering::SeqCst) > 0;
                if is_away {
                    return Err(StoreError::Unavailable("gone fishing".into()));
                }
                self.inner.run_batch(keys, step)
            }
            Fails::AfterTheStep => {
                let mut was_poisoned = false;
                self.inner.run_batch(keys, &mut |world| {
                    let next = step(world);
                    was_poisoned = is_poisoned(world);
                    if was_poisoned { Next::Abandon } else { next }
                })?;
                match was_poisoned {
                    true => Err(StoreError::Unavailable("database or disk is full".into())),
                    false => Ok(()),
                }
            }
        }
    }
}
