//! Whoever follows the log is woken by each commit, and gets every event once, in order.

use std::{sync::Arc, time::Duration};

use domain::Recorded;
use engine::{Engine, clock::ManualClock, readers::feed::Follower};
use store::EventQuery;
use tokio::time::{sleep, timeout};

use crate::shop::{self, by_staff, fill, place, ship, submit_together};

fn all(after: u64) -> EventQuery {
    EventQuery { after, limit: 7, ..EventQuery::default() }
}

async fn next(follower: &mut Follower) -> Vec<Recorded> {
    let next = timeout(Duration::from_secs(10), follower.next()).await;
    next.expect("there is something").unwrap()
}

/// As many events as there are after a position.
async fn read(follower: &mut Follower, count: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        numbers.extend(next(follower).await.iter().map(|it| it.seq));
    }
    numbers
}

async fn order(engine: &Engine) {
    engine.submit(by_staff(place("jane", &[(0, 1)]))).await.unwrap();
}

/// Were it not for the commit, each of them would be heard of after a second.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_wakes_who_follows() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    let mut follower = engine.follow(all(0));
    let told = async {
        for number in 1..=20 {
            order(&engine).await;
            assert_eq!(read(&mut follower, 2).await, [2 * number - 1, 2 * number]);
        }
    };
    timeout(Duration::from_secs(10), told).await.expect("each is told at once");
    drop(follower);
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_waiting_and_goes_on_misses_nothing() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    let mut follower = engine.follow(all(0));
    let hasty = tokio::spawn(async move {
        let (mut numbers, mut patience_us) = (Vec::new(), 0);
        while numbers.len() < 120 {
            patience_us = (patience_us + 37) % 2000;
            let next = timeout(Duration::from_micros(patience_us), follower.next());
            numbers.extend(next.await.into_iter().flat_map(Result::unwrap).map(|it| it.seq));
        }
        numbers
    });
    for _ in 0..20 {
        let together = (0..3).map(|_| by_staff(place("jane", &[(0, 1)]))).collect();
        submit_together(&engine, together).await;
    }
    let numbers = timeout(Duration::from_secs(10), hasty).await.expect("it gets all").unwrap();
    assert_eq!(numbers, (1..=120).collect::<Vec<u64>>());
    shop::stop(engine).await;
}

/// A refusal is no event, and what a query leaves out is passed over: neither ends the waiting.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_asked_for_ends_the_waiting() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    let types = vec!["order.shipped".to_owned()];
    let mut follower = engine.follow(EventQuery { types, ..all(0) });
    let waiting = tokio::spawn(async move { (next(&mut follower).await, follower) });
    for _ in 0..10 {
        order(&engine).await;
        assert!(engine.submit(by_staff(ship(99))).await.is_err());
    }
    sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished(), "nothing was shipped");
    engine.submit(by_staff(ship(3))).await.unwrap();
    let (shipped, follower) = timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
    assert_eq!(shipped.iter().map(|it| it.seq).collect::<Vec<_>>(), [22]);
    drop(follower);
    shop::stop(engine).await;
}

/// The server ends: nothing more will be told.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_ends_with_the_engine() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    let mut follower = engine.follow(all(0));
    let waiting = tokio::spawn(async move { follower.next().await });
    shop::stop(engine).await;
    let ended = timeout(Duration::from_secs(10), waiting).await.expect("it ends").unwrap();
    assert!(ended.is_err());
}
