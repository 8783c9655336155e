//! What waits: one key many times, a full queue, an end.

use std::sync::Arc;

use domain::{Refusal, counter::Counter};
use engine::{Options, Rejected, clock::ManualClock};

use crate::shop::{
    self, assert_healthy, by_staff, fill, hold, place, set_stock, submit_together, with_key,
};

#[tokio::test(flavor = "multi_thread")]
async fn one_key_many_times_at_once_has_one_effect_and_one_answer() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;

    let together = (0..32).map(|_| with_key(7, place("jane", &[(1, 1)]))).collect();
    let mut replies = submit_together(&engine, together).await;
    // And again in batches of their own.
    for _ in 0..3 {
        replies.push(engine.submit(with_key(7, place("jane", &[(1, 1)]))).await);
    }
    let replies: Vec<_> = replies.into_iter().map(Result::unwrap).collect();
    assert!(replies.iter().all(|it| it.said == replies[0].said));
    assert_eq!(replies.iter().filter(|it| !it.replayed).count(), 1);
    assert_eq!(engine.reads().counters().await.unwrap().value(Counter::Order), 1);

    let mut other = with_key(7, place("jane", &[(2, 1)]));
    other.idempotency.as_mut().unwrap().fingerprint.0 = [8; 16];
    assert_eq!(engine.submit(other).await, Err(Rejected::KeyReused));
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_not_remembered() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;

    let order = || with_key(7, place("jane", &[(1, 40)]));
    let Err(Rejected::Refused(refusals)) = engine.submit(order()).await else {
        panic!("there are only 30");
    };
    assert!(matches!(refusals.first(), Refusal::InsufficientStock { .. }));
    engine.submit(by_staff(set_stock(1, 50))).await.unwrap();
    assert!(!engine.submit(order()).await.unwrap().replayed);
    assert!(engine.submit(order()).await.unwrap().replayed);
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_unit_is_sold_once() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    engine.submit(by_staff(set_stock(1, 1))).await.unwrap();

    let together = (0..64).map(|it| by_staff(place(&format!("c{it}"), &[(1, 1)]))).collect();
    let replies = submit_together(&engine, together).await;
    assert!(replies[0].is_ok(), "the first that came has it");
    assert_eq!(replies.iter().filter(|it| it.is_ok()).count(), 1);
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_so_at_once_and_loses_nothing() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, Options { queue_max: 4, ..shop::options() });
    fill(&engine).await;

    let together = (0..10).map(|_| by_staff(place("jane", &[(0, 1)]))).collect();
    let replies = submit_together(&engine, together).await;
    assert!(replies[..4].iter().all(Result::is_ok));
    assert!(replies[4..].iter().all(|it| *it == Err(Rejected::Overloaded)));
    // Afterwards all is as ever.
    engine.submit(by_staff(place("jane", &[(0, 1)]))).await.unwrap();
    assert_eq!(engine.reads().counters().await.unwrap().value(Counter::Order), 5);
    shop::stop(engine).await;
}

/// A place in the queue is for an order of two lines, which writes eight rows.
#[tokio::test(flavor = "multi_thread")]
async fn large_orders_fill_the_queue_with_fewer() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, Options { queue_max: 4, ..shop::options() });
    fill(&engine).await;

    let large = || by_staff(place("jane", &[(0, 1); 8]));
    for _ in 0..2 {
        let replies = submit_together(&engine, (0..10).map(|_| large()).collect()).await;
        assert!(replies[..2].iter().all(Result::is_ok));
        assert!(replies[2..].iter().all(|it| *it == Err(Rejected::Overloaded)));
    }
    // One that is larger than the whole queue is taken by an empty one.
    engine.submit(by_staff(place("jane", &[(0, 1); 100]))).await.unwrap();
    assert_eq!(engine.reads().counters().await.unwrap().value(Counter::Order), 5);
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_waits() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;

    let gate = hold(&engine).await;
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.submit(by_staff(place("jane", &[(0, 1)]))).await })
        })
        .collect();
    let reads = store.reads();
    // Every one of them holds the engine until it is answered, so to stop is to wait for them.
    let stopping = tokio::spawn(async move {
        let mut engine = engine;
        loop {
            match Arc::try_unwrap(engine) {
                Ok(last) => return last.stop().await,
                Err(shared) => engine = shared,
            }
            tokio::task::yield_now().await;
        }
    });
    gate.open().await;
    assert!(stopping.await.unwrap());
    for it in waiting {
        it.await.unwrap().unwrap();
    }
    assert_eq!(reads.counters().await.unwrap().value(Counter::Order), 8);
}
