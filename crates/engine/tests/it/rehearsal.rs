//! A rehearsal tells what would be, and leaves nothing behind.

use std::sync::Arc;

use domain::{OrderNo, Outcome, Refusal, World, order::Status};
use engine::{Rehearsal, Rejected, Submission, clock::ManualClock};

use crate::{
    paid_shop::{PaidShop, prepaid},
    shop::{
        self, assert_healthy, by_staff, everything, fill, hold, place, set_stock, ship, with_key,
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_what_the_command_would_do_and_nothing_is_kept() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    engine.submit(by_staff(place("jim", &[(2, 1)]))).await.unwrap();
    let before = everything(engine.reads()).await;

    let commands = [place("jane", &[(1, 2)]), ship(1), set_stock(2, 99)];
    for command in &commands {
        let rehearsed = engine.rehearse(with_key(1, command.clone())).await.unwrap();
        let again = engine.rehearse(with_key(1, command.clone())).await.unwrap();
        assert_eq!(rehearsed, again, "{command:?}");
        assert!(everything(engine.reads()).await == before, "{command:?} has left something");
    }
    for (key, command) in commands.into_iter().enumerate() {
        let submission = || with_key(u8::try_from(key).unwrap(), command.clone());
        let rehearsed = engine.rehearse(submission()).await.unwrap();
        let reply = engine.submit(submission()).await.unwrap();
        assert!(!reply.replayed, "its key was free");
        assert_eq!(Some(reply.said), rehearsed.answer.map(engine::Said::Answer));
        // A known key gives its answer; who rehearses is told what would be now.
        assert!(engine.submit(submission()).await.unwrap().replayed);
        if key == 1 {
            let Err(Rejected::Refused(refusals)) = engine.rehearse(submission()).await else {
                panic!("it has shipped already");
            };
            assert!(matches!(refusals.first(), Refusal::AlreadyProcessed { .. }));
        }
    }
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_in_the_same_batch_sees_anything_of_it() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    engine.submit(by_staff(set_stock(1, 1))).await.unwrap();

    let gate = hold(&engine).await;
    let (all, last_unit) = (|| by_staff(place("jane", &[(1, 1)])), OrderNo(1));
    let mut rehearsals = Vec::new();
    let mut placings = Vec::new();
    for _ in 0..3 {
        rehearsals.push(tokio::spawn({
            let engine = engine.clone();
            async move { engine.rehearse(all()).await }
        }));
        tokio::task::yield_now().await;
    }
    placings.push(tokio::spawn({
        let engine = engine.clone();
        async move { engine.submit(all()).await }
    }));
    gate.open().await;
    for it in rehearsals {
        // Before the placing or behind it, whichever came first; never beside another rehearsal.
        match it.await.unwrap() {
            Ok(Rehearsal { order: Some(order), events, .. }) => {
                assert_eq!((order.no, order.status), (last_unit, Status::Confirmed));
                assert_eq!(events[0].event.kind(), "order.created");
            }
            Err(Rejected::Refused(refusals)) => {
                assert!(matches!(refusals.first(), Refusal::InsufficientStock { .. }));
            }
            other => panic!("{other:?}"),
        }
    }
    for it in placings {
        it.await.unwrap().unwrap();
    }
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_panics_hurts_nobody() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    let gate = hold(&engine).await;
    let panics = Submission {
        render: Box::new(|_: &World, _: &Outcome| panic!("nobody has thought of this")),
        ..by_staff(place("jane", &[(1, 1)]))
    };
    let rehearsed = tokio::spawn({
        let engine = engine.clone();
        async move { engine.rehearse(panics).await }
    });
    let placed = tokio::spawn({
        let engine = engine.clone();
        async move { engine.submit(by_staff(place("jim", &[(1, 1)]))).await }
    });
    gate.open().await;
    assert_eq!(rehearsed.await.unwrap(), Err(Rejected::Failed));
    placed.await.unwrap().unwrap();
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_hears_of_it() {
    let shop = PaidShop::open().await;
    let rehearsed = shop.engine.rehearse(by_staff(prepaid())).await.unwrap();
    assert_eq!(rehearsed.answer, None, "it would come from outside");
    let order = rehearsed.order.unwrap();
    assert_eq!((order.no, order.status), (OrderNo(1), Status::Pending));
    assert_eq!(shop.engine.reads().open_effects(None, 10).await.unwrap(), []);

    let sold = shop.sell().await;
    assert_eq!(sold.no, OrderNo(1), "no number was taken");
    let cancel = shop.engine.rehearse(by_staff(shop::cancel(1))).await.unwrap();
    let kinds: Vec<_> = cancel.events.iter().map(|it| it.event.kind()).collect();
    assert_eq!(kinds, ["order.cancelled", "refund.created"]);
    assert!(cancel.answer.is_some());
    assert_eq!(shop.effect("re_1_1").await, None);
    assert_eq!(shop.order(OrderNo(1)).await.version, sold.version);
    assert!(shop.provider.calls("refund").is_empty());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_rehearsed_beside_many_that_are_done() {
    let (_folder, store) = shop::database().await;
    let clock = Arc::new(ManualClock::at(shop::NOON));
    let engine = shop::start(&*store, &clock, shop::options());
    fill(&engine).await;
    let (mut rehearsals, mut placings) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        rehearsals.push(engine.rehearse(by_staff(place("jane", &[(0, 1)]))));
        placings.push(engine.submit(by_staff(place("jim", &[(0, 1)]))));
    }
    let rehearsals = futures_util::future::join_all(rehearsals);
    let placings = futures_util::future::join_all(placings);
    let (rehearsed, placed) = futures_util::future::join(rehearsals, placings).await;
    assert!(rehearsed.iter().all(Result::is_ok));
    assert!(placed.iter().all(Result::is_ok));
    assert_eq!(engine.reads().order(OrderNo(201)).await.unwrap(), None);
    assert_healthy(engine.reads()).await;
    shop::stop(engine).await;
}
