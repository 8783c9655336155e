//! What shall happen outside happens, once, and its outcome is recorded.

use std::{sync::Arc, time::Duration};

use domain::{
    Command, Expected, Money, Refusal, Role,
    effect::{EffectId, EffectState, LEASE_MS, Yield},
    order::{CancelCause, PaymentStatus, Status},
    payment::{IntentState, PaymentState, record::RecordPayment},
    stock::StockKey,
};
use engine::{Rejected, Said};
use store::memory::{Fault, Memory};

use crate::{
    paid_shop::{
        PATIENCE, PaidShop, Shared, begin, eventually, prepaid, prepaid_with_key, rounds_pass,
    },
    provider::{Fate, REFUSAL},
    shop::{self, adjust_stock, by_staff, cancel, place, with_key},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_is_made_and_a_repeat_gets_the_same() {
    let shop = PaidShop::open().await;
    let effect = begin(&shop.engine, prepaid_with_key(1)).await;
    assert_eq!(effect.as_str(), "pay_1_1");
    let ended = shop.ended(&effect).await;
    let EffectState::Done(Yield::Intent { intent, client_secret }) = &ended.state else {
        panic!("{ended:?}");
    };
    assert_eq!(client_secret.as_str(), format!("{intent}_secret"));
    let order = shop.order(ended.order).await;
    assert_eq!((order.status, order.payments.len()), (Status::Pending, 1));
    assert_eq!(order.payments[0].intent.as_ref(), Some(intent));

    let again = shop.engine.submit(prepaid_with_key(1)).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.said, Said::Awaits { awaits: effect.clone() });
    assert_eq!(shop.ended(&effect).await, ended);
    assert_eq!(shop.provider.calls("create"), ["pay_1_1"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_intent_cancels_the_order_and_frees_the_key() {
    let shop = PaidShop::open().await;
    shop.provider.plan("create", Fate::Refuse);
    let effect = begin(&shop.engine, prepaid_with_key(1)).await;
    let ended = shop.ended(&effect).await;
    assert_eq!(ended.state, EffectState::Failed(REFUSAL.into()));
    let order = shop.order(ended.order).await;
    assert_eq!(order.cancelled_by, Some(CancelCause::Provider));
    assert!(shop.effect("void_1_1").await.is_none(), "there is nothing to be cancelled");
    let reserved = shop.engine.reads().stock("p2".parse().unwrap()).await.unwrap();
    let (_, stock) = reserved.iter().find(|(key, _)| *key == shelf()).unwrap();
    assert_eq!(stock.reserved, 0);

    let second = begin(&shop.engine, prepaid_with_key(1)).await;
    assert_eq!(second.as_str(), "pay_2_1", "the key was free");
    shop.ended(&second).await;
    shop.close().await;
}

fn shelf() -> StockKey {
    StockKey::main("p2".parse().unwrap(), None)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_fails_the_order_and_ends_the_intent() {
    for fate in [Fate::LoseAnswer, Fate::Hang, Fate::Away] {
        let shop = PaidShop::open().await;
        shop.provider.plan("create", fate);
        let effect = shop.begin().await;
        let ended = shop.ended(&effect).await;
        assert!(matches!(ended.state, EffectState::Failed(_)), "{fate:?}: {ended:?}");
        assert_eq!(shop.order(ended.order).await.status, Status::Cancelled);
        shop.ended(&EffectId::new("void_1_1")).await;
        let intents = shop.provider.intents();
        assert!(intents.iter().all(|it| it.state == IntentState::Cancelled), "{intents:?}");
        assert_eq!(shop.provider.calls("create"), ["pay_1_1", "pay_1_1"], "by its first key");
        shop.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_provider_holds_up_nobody_else() {
    let shop = PaidShop::open().await;
    shop.provider.always("create", Fate::Hang);
    let effects: Vec<_> = futures_util::future::join_all((0..20).map(|_| shop.begin())).await;
    let placing = (0..50).map(|_| shop.engine.submit(by_staff(place("jim", &[(0, 1)]))));
    let placed = futures_util::future::join_all(placing).await;
    assert!(placed.iter().all(Result::is_ok));
    let open = shop.effect(effects[0].as_str()).await.unwrap();
    assert!(open.is_open(), "the provider has not answered all the while");
    for effect in &effects {
        shop.ended(effect).await;
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_in_the_background_leave_room_for_those_somebody_waits_for() {
    let shop = PaidShop::patient().await;
    let mut sold = Vec::new();
    for _ in 0..=engine::effects::BACKGROUND_MAX {
        shop.engine.submit(by_staff(adjust_stock(2, 1))).await.unwrap();
        sold.push(shop.sell().await);
    }
    shop.provider.always("refund", Fate::Hang);
    for order in &sold {
        shop.engine.submit(by_staff(cancel(order.no.0))).await.unwrap();
    }
    let busy = engine::effects::BACKGROUND_MAX;
    eventually(async || Some(()).filter(|()| shop.provider.calls("refund").len() == busy)).await;
    shop.place().await;
    assert_eq!(shop.provider.calls("refund").len(), busy, "one has no place yet");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_that_somebody_waits_for_leave_room_for_those_in_the_background() {
    let shop = PaidShop::patient().await;
    let order = shop.sell().await;
    shop.provider.always("create", Fate::Hang);
    let busy = engine::effects::WAITED_MAX;
    let stock = i64::try_from(busy).unwrap() + 10;
    shop.engine.submit(by_staff(adjust_stock(2, stock))).await.unwrap();
    futures_util::future::join_all((0..stock).map(|_| shop.begin())).await;
    // With the one that the paid order came from.
    eventually(async || Some(()).filter(|()| shop.provider.calls("create").len() == busy + 1))
        .await;
    shop.engine.submit(by_staff(cancel(order.no.0))).await.unwrap();
    shop.ended(&EffectId::new("re_1_1")).await;
    assert_eq!(shop.provider.calls("create").len(), busy + 1, "some have no place yet");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_has_left_is_taken_up_at_once_by_the_only_other() {
    let shop = PaidShop::open().await;
    shop.provider.plan("create", Fate::LoseAnswer);
    let effect = begin(&shop.engine, prepaid_with_key(1)).await;
    eventually(async || Some(()).filter(|()| shop.provider.calls("create").len() == 1)).await;
    let shop = shop.restart().await;
    assert_eq!(begin(&shop.engine, prepaid_with_key(1)).await, effect);
    let ended = shop.ended(&effect).await;
    assert!(matches!(ended.state, EffectState::Done(Yield::Intent { .. })), "{ended:?}");
    assert_eq!(shop.provider.intents().len(), 1, "the key has made one intent");
    assert_eq!(shop.count("payment.created").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_others_a_lease_is_respected_until_it_has_run_out() {
    let shop = PaidShop::on(Arc::new(Shared(Memory::new()))).await;
    shop.provider.plan("create", Fate::Hang);
    let effect = begin(&shop.engine, prepaid_with_key(1)).await;
    eventually(async || Some(()).filter(|()| shop.provider.calls("create").len() == 1)).await;
    let shop = shop.restart().await;
    let soon = Duration::from_millis(100);
    assert_eq!(shop.engine.outcome(&effect, soon).await.unwrap(), None);
    assert_eq!(shop.provider.calls("create").len(), 1);
    shop.clock.advance_ms(LEASE_MS);
    let ended = shop.ended(&effect).await;
    assert!(matches!(ended.state, EffectState::Done(Yield::Intent { .. })), "{ended:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_one_process_learns_what_another_has_done() {
    let shop = PaidShop::on(Arc::new(Shared(Memory::new()))).await;
    let other = shop.another(2);
    let effect = shop.begin().await;
    let seen = other.outcome(&effect, PATIENCE).await.unwrap().expect("it ends");
    assert_eq!(seen, shop.ended(&effect).await);
    shop::stop(other).await;
    shop.close().await;
}

/// The commit of the placing is there, and its process was told that it is not.
#[tokio::test(flavor = "multi_thread")]
async fn an_effect_whose_commit_seemed_to_fail_is_found_by_the_jobs() {
    let (memory, faults) = Memory::with_faults();
    let shop = PaidShop::on(Arc::new(memory)).await;
    // The jobs have looked once, so that what is ours counts as under way.
    rounds_pass().await;
    faults.plan(Some(Fault::AfterCommit));
    assert_eq!(shop.engine.submit(prepaid_with_key(1)).await, Err(Rejected::Unavailable));
    let effect = begin(&shop.engine, prepaid_with_key(1)).await;
    shop.clock.advance_ms(3_000);
    shop.ended(&effect).await;
    assert_eq!(shop.count("order.created").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_finds_no_place_is_recorded_later() {
    let (memory, faults) = Memory::with_faults();
    let shop = PaidShop::on(Arc::new(memory)).await;
    faults.plan(None);
    for _ in 0..3 {
        faults.plan(Some(Fault::BeforeCommit));
    }
    let effect = shop.begin().await;
    let ended = shop.ended(&effect).await;
    assert!(matches!(ended.state, EffectState::Done(_)), "{ended:?}");
    assert_eq!(shop.provider.calls("create").len(), 1, "what it said was not forgotten");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_is_told_that_nothing_is_known() {
    let shop = PaidShop::open().await;
    shop.provider.plan("create", Fate::Hang);
    let effect = shop.begin().await;
    let patience = Duration::from_millis(20);
    assert_eq!(shop.engine.outcome(&effect, patience).await.unwrap(), None);
    shop.ended(&effect).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_may_leave_a_record_and_is_never_remembered() {
    let shop = PaidShop::open().await;
    let (order, intent) = shop.place().await;
    shop.provider.set(&intent, |it| {
        it.state = IntentState::Succeeded;
        it.amount = Money(it.amount.0 - 1);
    });
    let news = shop.engine.ask(|provider| provider.intent(&intent)).await.unwrap();
    let record = || {
        let (news, closes, expected) = (Some(news.clone()), None, Expected::Any);
        let record = RecordPayment { order: order.no, news, closes, expected };
        with_key(9, Command::RecordPayment(Box::new(record)))
    };
    assert_eq!(record().actor.role, Role::Staff, "people are told");
    for _ in 0..2 {
        let told = shop.engine.submit(record()).await;
        let Err(Rejected::Refused(refusals)) = told else { panic!("{told:?}") };
        assert_eq!(*refusals.first(), Refusal::PaymentMismatch(order.no));
    }
    assert_eq!(shop.count("order.held").await, 1, "recorded, once");
    assert!(shop.order(order.no).await.on_hold);
    // The same key is free for anything.
    assert!(!shop.engine.submit(with_key(9, place("jim", &[(0, 1)]))).await.unwrap().replayed);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_cancelled_and_its_money_goes_back_once() {
    let shop = PaidShop::open().await;
    let order = shop.sell().await;
    assert_eq!(order.payment_status(), PaymentStatus::Paid);
    assert_eq!(order.payments[0].status, PaymentState::Captured);
    shop.engine.submit(by_staff(cancel(order.no.0))).await.unwrap();
    let order = shop.until(order.no, |it| it.payment_status() == PaymentStatus::Refunded).await;
    assert_eq!(shop.provider.refunded(), order.total);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wait_for_one_effect() {
    let shop = PaidShop::open().await;
    shop.provider.plan("create", Fate::Hang);
    let effect = begin(&shop.engine, by_staff(prepaid())).await;
    let waiting = (0..100).map(|_| shop.engine.outcome(&effect, PATIENCE));
    let ended = futures_util::future::join_all(waiting).await;
    assert!(ended.iter().all(|it| matches!(it, Ok(Some(ended)) if !ended.is_open())));
    shop.close().await;
}
