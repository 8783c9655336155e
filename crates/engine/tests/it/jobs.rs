//! What is tried again, what is given up, what runs out, and what the provider tells unasked.

use std::sync::Arc;

use domain::{
    OrderNo,
    effect::{EffectId, EffectState},
    order::{CancelCause, Order, PaymentStatus, Status},
    payment::{IntentState, PaymentState},
    refund::RefundState,
};
use engine::effects::backoff::{GIVE_UP_MS, PAUSE_FIRST_MS, PAUSE_MAX_MS};
use store::memory::{Fault, Memory};

use crate::{
    paid_shop::{PaidShop, eventually, rounds_pass},
    provider::Fate,
    shop::{by_staff, cancel},
};

const RESERVATION_MS: i64 = 30 * 60 * 1000;

/// A cancelled order whose refund has been asked for so often.
async fn refunding(shop: &PaidShop, asked: usize) -> (Order, EffectId) {
    let order = shop.sell().await;
    shop.engine.submit(by_staff(cancel(order.no.0))).await.unwrap();
    has_asked(shop, asked).await;
    let effect = EffectId::new(&format!("re_{}_1", order.no.0));
    (order, effect)
}

/// The provider was asked for a refund so often, and the last answer is recorded.
async fn has_asked(shop: &PaidShop, times: usize) {
    eventually(async || {
        let open = shop.engine.reads().open_effects(None, 10).await.unwrap();
        let is_put_off = open.iter().all(|it| it.lease.is_none());
        Some(()).filter(|()| is_put_off && shop.provider.calls("refund").len() == times)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_after_growing_pauses() {
    let shop = PaidShop::open().await;
    shop.provider.always("refund", Fate::Away);
    let (order, effect) = refunding(&shop, 1).await;
    let mut pauses = Vec::new();
    for tries in 2..=6 {
        // However many rounds there are: while the clock stands still nothing is tried.
        rounds_pass().await;
        assert_eq!(shop.provider.calls("refund").len(), tries - 1);
        let put_off = shop.effect(effect.as_str()).await.unwrap();
        assert!(put_off.last_error.is_some());
        let pause = put_off.due_at.0 - shop.engine.clock().now().0;
        pauses.push(pause);
        shop.clock.advance_ms(pause);
        has_asked(&shop, tries).await;
    }
    assert!((PAUSE_FIRST_MS / 2..=PAUSE_FIRST_MS).contains(&pauses[0]), "{pauses:?}");
    assert!(pauses[4] >= 2 * pauses[0], "{pauses:?}");
    shop.provider.always("refund", Fate::Answer);
    shop.clock.advance_ms(PAUSE_MAX_MS);
    let order = shop.until(order.no, |it| it.payment_status() == PaymentStatus::Refunded).await;
    assert_eq!(shop.provider.refunded(), order.total, "by one key");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_answer_for_days_is_given_up() {
    let shop = PaidShop::open().await;
    shop.provider.always("refund", Fate::Away);
    let (order, effect) = refunding(&shop, 1).await;
    shop.clock.advance_ms(GIVE_UP_MS);
    assert!(matches!(shop.ended(&effect).await.state, EffectState::Failed(_)));
    let order = shop.order(order.no).await;
    assert_eq!(order.refunds[0].status, RefundState::Failed);
    assert_eq!(shop.count("order.refund_failed").await, 1);
    rounds_pass().await;
    assert_eq!(shop.provider.calls("refund").len(), 2, "nobody asks any more");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_takes_its_time_is_asked_about_until_it_is_through() {
    let shop = PaidShop::open().await;
    shop.provider.always("refund", Fate::Pending);
    let (order, effect) = refunding(&shop, 1).await;
    shop.clock.advance_ms(2 * GIVE_UP_MS);
    has_asked(&shop, 2).await;
    assert_eq!(shop.order(order.no).await.refunds[0].status, RefundState::Pending);
    shop.provider.always("refund", Fate::Answer);
    shop.clock.advance_ms(PAUSE_MAX_MS);
    shop.ended(&effect).await;
    assert_eq!(shop.order(order.no).await.refunds[0].status, RefundState::Succeeded);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_a_refund_is_the_last_word() {
    let shop = PaidShop::open().await;
    shop.provider.plan("refund", Fate::Refuse);
    let order = shop.sell().await;
    shop.engine.submit(by_staff(cancel(order.no.0))).await.unwrap();
    shop.ended(&EffectId::new("re_1_1")).await;
    assert_eq!(shop.order(order.no).await.refunds[0].status, RefundState::Failed);
    assert_eq!(shop.provider.calls("refund").len(), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_is_asked_before_a_reservation_runs_out() {
    let shop = PaidShop::open().await;
    let (unpaid, _) = shop.place().await;
    let (paid, intent) = shop.place().await;
    shop.provider.set_state(&intent, IntentState::Succeeded);
    let (slow, intent) = shop.place().await;
    shop.provider.set_state(&intent, IntentState::Processing);
    let (gone, intent) = shop.place().await;
    shop.provider.set_state(&intent, IntentState::Cancelled);

    shop.clock.advance_ms(RESERVATION_MS - 1);
    rounds_pass().await;
    for no in 1..=4 {
        assert_eq!(shop.order(OrderNo(no)).await.status, Status::Pending);
    }
    shop.clock.advance_ms(1);
    shop.until(unpaid.no, |it| it.cancelled_by == Some(CancelCause::Expired)).await;
    shop.until(paid.no, |it| it.payment_status() == PaymentStatus::Paid).await;
    shop.until(gone.no, |it| it.status == Status::Cancelled).await;
    let slow = shop.until(slow.no, |it| it.payments[0].status == PaymentState::Processing).await;
    assert_eq!(slow.status, Status::Pending);
    // Of the one that has expired nobody can pay any more.
    let unpaid = shop.until(unpaid.no, |it| it.payments[0].status == PaymentState::Cancelled);
    assert_eq!(unpaid.await.payments.len(), 1);

    shop.clock.advance_ms(7 * 24 * 3600 * 1000);
    shop.until(slow.no, |it| it.cancelled_by == Some(CancelCause::Expired)).await;
    assert_eq!(shop.count("order.cancelled").await, 3);
    // What its provider still works on can't be cancelled until that has ended.
    assert_eq!(shop.provider.calls("cancel").iter().filter(|it| *it == "void_1_1").count(), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_a_reservation_runs_out_all_the_same() {
    let shop = PaidShop::open().await;
    let (order, intent) = shop.place().await;
    shop.provider.set_state(&intent, IntentState::Succeeded);
    shop.provider.always("intent", Fate::Hang);
    shop.provider.always("cancel", Fate::Away);
    shop.clock.advance_ms(RESERVATION_MS);
    shop.until(order.no, |it| it.cancelled_by == Some(CancelCause::Expired)).await;

    // Once the provider speaks again, the money is found: the order comes back.
    shop.provider.always("intent", Fate::Answer);
    shop.provider.always("cancel", Fate::Answer);
    shop.clock.advance_ms(PAUSE_MAX_MS);
    let order = shop.until(order.no, |it| it.status == Status::Confirmed).await;
    assert_eq!(order.payment_status(), PaymentStatus::Paid);
    assert_eq!(shop.count("order.reinstated").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_told_many_times_has_one_effect() {
    let shop = PaidShop::open().await;
    let (order, intent) = shop.place().await;
    shop.provider.set_state(&intent, IntentState::Succeeded);
    for _ in 0..200 {
        shop.provider.notify(&intent);
    }
    eventually(async || Some(()).filter(|()| shop.provider.unacknowledged() == 0)).await;
    assert_eq!(shop.order(order.no).await.payment_status(), PaymentStatus::Paid);
    for kind in ["payment.captured", "order.paid", "order.confirmed"] {
        assert_eq!(shop.count(kind).await, 1, "{kind}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_acknowledged_once_it_is_recorded() {
    let (memory, faults) = Memory::with_faults();
    let shop = PaidShop::on(Arc::new(memory)).await;
    let (order, intent) = shop.place().await;
    shop.provider.set_state(&intent, IntentState::Succeeded);
    faults.plan(Some(Fault::BeforeCommit));
    shop.provider.notify(&intent);
    eventually(async || Some(()).filter(|()| shop.provider.calls("intent").len() == 1)).await;
    rounds_pass().await;
    assert_eq!(shop.order(order.no).await.payment_status(), PaymentStatus::Unpaid);
    assert_eq!(shop.provider.unacknowledged(), 1, "it could not be recorded");
    shop.provider.plan("intent", Fate::Away);
    shop.provider.tell_again();
    eventually(async || Some(()).filter(|()| shop.provider.calls("intent").len() == 2)).await;
    rounds_pass().await;
    assert_eq!(shop.provider.unacknowledged(), 1, "nobody knows how it stands");
    shop.provider.tell_again();
    eventually(async || Some(()).filter(|()| shop.provider.unacknowledged() == 0)).await;
    assert_eq!(shop.order(order.no).await.payment_status(), PaymentStatus::Paid);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_about_nothing_of_ours_is_let_go() {
    let shop = PaidShop::open().await;
    let (order, intent) = shop.place().await;
    shop.provider.set(&intent, |it| {
        it.order = Some(OrderNo(99));
        it.payment = None;
    });
    shop.provider.notify(&intent);
    shop.provider.notify(&domain::IntentId::new("pi_of_another_shop"));
    eventually(async || Some(()).filter(|()| shop.provider.unacknowledged() == 0)).await;
    assert_eq!(shop.order(order.no).await.version, order.version);
    shop.close().await;
}
