//! Grouping is never observable.

use std::sync::Arc;

use engine::{Limits, Options, Rejected, Reply, clock::ManualClock};

use crate::shop::{self, Random, assert_healthy, everything, fill, submit_together};

const COMMANDS: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_commands_one_by_one_and_in_batches_do_the_same() {
    for seed in 1..=6 {
        let one_by_one = run(seed, Limits { commands_max: 1, rows_max: usize::MAX }).await;
        for limits in [
            Limits::default(),
            Limits { commands_max: 7, ..Limits::default() },
            Limits { rows_max: 30, ..Limits::default() },
        ] {
            let grouped = run(seed, limits).await;
            assert_eq!(one_by_one.0, grouped.0, "replies, seed {seed}, {limits:?}");
            assert!(one_by_one.1 == grouped.1, "state, seed {seed}, {limits:?}");
        }
        let accepted = one_by_one.0.iter().filter(|it| it.is_ok()).count();
        let replayed = one_by_one.0.iter().flatten().filter(|it| it.replayed).count();
        assert!((20..100).contains(&accepted), "seed {seed}: {accepted} of {COMMANDS}");
        assert!(seed != 1 || replayed > 0, "no key came twice");
    }
}

async fn run(seed: u64, batch: Limits) -> (Vec<Result<Reply, Rejected>>, String) {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, Options { batch, ..shop::options() });
    fill(&engine).await;
    let random = Random::new(seed);
    let mut replies = Vec::new();
    for _ in 0..3 {
        let submissions = (0..COMMANDS / 3).map(|_| random.submission(30)).collect();
        replies.extend(submit_together(&engine, submissions).await);
        // A clock that is set back must not show in the log.
        clock.advance_ms(i64::try_from(random.below(2000)).unwrap() - 500);
    }
    let state = everything(engine.reads()).await;
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
    (replies, state)
}
