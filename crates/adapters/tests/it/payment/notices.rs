//! What the sandbox tells unasked, when, and how often.

use std::{path::Path, time::Duration};

use adapters::payment::{
    Notice, PaymentProvider,
    sandbox::{Behaviour, Callback, LATE_MS, Sandbox},
};
use domain::IntentId;
use tokio::time::timeout;

use super::subject::{Nature, request, request_to_hold};

/// Longer than the sandbox needs to look again.
const WHILE: Duration = Duration::from_millis(450);

const LONG: Duration = Duration::from_secs(20);

async fn told(it: &Sandbox) -> Notice {
    timeout(LONG, it.notice()).await.expect("something is told")
}

async fn tells_nothing(it: &Sandbox) {
    let notice = timeout(WHILE, it.notice()).await;
    assert!(notice.is_err(), "{notice:?}");
}

async fn open(it: &Sandbox, order: u64) -> IntentId {
    it.create(&format!("pay_{order}_1"), &request(order, 7500)).await.unwrap().intent
}

fn tell(it: &Sandbox, callback: Callback) {
    it.set_behaviour(Behaviour { callback, ..Behaviour::default() }).unwrap();
}

#[tokio::test]
async fn what_changes_nothing_is_not_told() {
    let it = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    let intent = open(&it, 1).await;
    tells_nothing(&it).await;
    it.customer().confirm(&intent).unwrap();
    it.customer().confirm(&intent).unwrap();
    it.cancel("void_1_1", &intent).await.unwrap();
    it.acknowledge(&told(&it).await).await.unwrap();
    tells_nothing(&it).await;
}

#[tokio::test]
async fn what_the_shop_does_is_told_as_well() {
    let it = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    let captured = it.create("k1", &request_to_hold(1, 7500)).await.unwrap().intent;
    let cancelled = it.create("k2", &request_to_hold(2, 7500)).await.unwrap().intent;
    it.customer().confirm(&captured).unwrap();
    it.acknowledge(&told(&it).await).await.unwrap();
    it.capture("k3", &captured).await.unwrap();
    it.capture("k3", &captured).await.unwrap();
    it.cancel("k4", &cancelled).await.unwrap();
    for intent in [&captured, &cancelled] {
        assert_eq!(told(&it).await.intent, *intent);
    }
    tells_nothing(&it).await;
}

#[tokio::test]
async fn callbacks_can_be_off_or_doubled() {
    let it = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    tell(&it, Callback::Off);
    let silent = open(&it, 1).await;
    it.customer().confirm(&silent).unwrap();
    tells_nothing(&it).await;
    tell(&it, Callback::Double);
    let doubled = open(&it, 2).await;
    it.customer().confirm(&doubled).unwrap();
    let (first, second) = (told(&it).await, told(&it).await);
    assert_eq!((&first.intent, &second.intent), (&doubled, &doubled));
    assert_ne!(first.id, second.id);
    it.acknowledge(&first).await.unwrap();
    it.acknowledge(&second).await.unwrap();
    tells_nothing(&it).await;
}

#[tokio::test]
async fn a_late_notice_may_come_after_a_later_one() {
    let nature = Nature::default();
    let it = Sandbox::in_memory(nature.surroundings()).unwrap();
    tell(&it, Callback::Late);
    let late = open(&it, 1).await;
    it.customer().confirm(&late).unwrap();
    tells_nothing(&it).await;
    tell(&it, Callback::On);
    let later = open(&it, 2).await;
    it.customer().confirm(&later).unwrap();
    assert_eq!(told(&it).await.intent, later);
    nature.advance_ms(LATE_MS - 1);
    tells_nothing(&it).await;
    nature.advance_ms(1);
    assert_eq!(told(&it).await.intent, late);
}

#[tokio::test]
async fn a_notice_is_told_until_it_is_acknowledged() {
    let nature = Nature::default();
    let it = Sandbox::in_memory(nature.surroundings()).unwrap();
    let intent = open(&it, 1).await;
    it.customer().confirm(&intent).unwrap();
    let first = told(&it).await;
    nature.advance_ms(29_999);
    tells_nothing(&it).await;
    nature.advance_ms(1);
    assert_eq!(told(&it).await, first);
    it.acknowledge(&first).await.unwrap();
    nature.advance_ms(60_000);
    tells_nothing(&it).await;
}

#[tokio::test]
async fn who_waits_is_woken_at_once() {
    let it = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    let intent = open(&it, 1).await;
    let confirm = async {
        tokio::task::yield_now().await;
        it.customer().confirm(&intent).unwrap();
    };
    // Shorter than the time after which it would look by itself.
    let waits = timeout(Duration::from_millis(150), it.notice());
    let (notice, ()) = tokio::join!(waits, confirm);
    assert_eq!(notice.expect("it does not wait to look").intent, intent);
}

#[tokio::test]
async fn who_is_dropped_while_waiting_has_missed_nothing() {
    let it = Sandbox::in_memory(Nature::default().surroundings()).unwrap();
    let intent = open(&it, 1).await;
    for _ in 0..3 {
        timeout(Duration::from_millis(5), it.notice()).await.unwrap_err();
    }
    it.customer().confirm(&intent).unwrap();
    drop(it.notice());
    assert_eq!(told(&it).await.intent, intent);
}

#[tokio::test]
async fn another_process_hears_of_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let (path, nature) = (folder.path().join("sandbox.db"), Nature::default());
    let here = Sandbox::open(&path, nature.surroundings()).unwrap();
    let there = Sandbox::open(&path, nature.surroundings()).unwrap();
    let intent = open(&here, 1).await;
    let confirm = async {
        tokio::task::yield_now().await;
        here.customer().confirm(&intent).unwrap();
    };
    let (notice, ()) = tokio::join!(told(&there), confirm);
    assert_eq!(notice.intent, intent);
    there.acknowledge(&notice).await.unwrap();
    tells_nothing(&here).await;
}

#[tokio::test]
async fn what_a_dead_process_was_told_is_told_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, nature) = (folder.path().join("sandbox.db"), Nature::default());
    let again = |path: &Path| Sandbox::open(path, nature.surroundings()).unwrap();
    let dead = again(&path);
    let intent = open(&dead, 1).await;
    dead.customer().confirm(&intent).unwrap();
    let notice = told(&dead).await;
    drop(dead);
    let alive = again(&path);
    assert_eq!(told(&alive).await, notice);
    alive.acknowledge(&notice).await.unwrap();
    drop(alive);
    tells_nothing(&again(&path)).await;
}
