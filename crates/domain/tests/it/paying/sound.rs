//! What holds of a paid order at any moment.

use std::collections::BTreeSet;

use domain::{
    Order,
    effect::{Action, EffectState, Yield},
    order::Status,
    payment::PaymentState,
    refund::RefundState,
};

use super::arrows::effects;
use crate::house::House;

pub(super) fn check_books(house: &House) {
    let mut reserved = 0;
    for order in house.world.orders.iter() {
        let events = house.world.events.iter().filter(|it| it.order == Some(order.no));
        let folded = Order::fold(events).unwrap();
        assert_eq!(folded, Order { person: None, ..order.clone() }, "an order is its events");
        check_names(order);
        check_money(order);
        check_completeness(house, order);
        let desks = order.lines.iter().filter(|it| it.stock_key().is_some());
        reserved += desks.map(|it| i64::from(it.open())).sum::<i64>();
    }
    assert_eq!(house.shelf("desk").1, reserved, "what is open is reserved, and nothing else");
    check_effects(house);
}

fn check_names(order: &Order) {
    let payments: BTreeSet<_> = order.payments.iter().map(|it| &it.id).collect();
    assert_eq!(payments.len(), order.payments.len(), "payments have names of their own");
    let intents: Vec<_> = order.payments.iter().filter_map(|it| it.intent.as_ref()).collect();
    assert_eq!(BTreeSet::from_iter(&intents).len(), intents.len(), "an intent is of one payment");
    let refunds: BTreeSet<_> = order.refunds.iter().map(|it| &it.id).collect();
    assert_eq!(refunds.len(), order.refunds.len(), "refunds have names of their own");
}

/// What of a captured payment has not gone back and is not on its way back.
pub(super) fn kept(order: &Order) -> i64 {
    let captured = order.payments.iter().filter(|it| it.status == PaymentState::Captured);
    let back = order.refunds.iter().filter(|it| it.status != RefundState::Failed);
    captured.map(|it| it.amount.0).sum::<i64>() - back.map(|it| it.amount.0).sum::<i64>()
}

fn check_money(order: &Order) {
    let kept = kept(order);
    // Where something else was paid, a person decides what goes back.
    let is_mismatched = order.hold_reason.as_deref() == Some("payment_mismatch");
    assert!(kept >= 0, "{kept} kept");
    assert!(kept <= order.total.0 || is_mismatched, "{kept} kept of {}", order.total.0);
    if order.status == Status::Cancelled {
        assert_eq!(kept, 0, "nothing is kept of what is cancelled");
    }
    let live = order.payments.iter().filter(|it| it.status.is_live()).count();
    if order.expires_at.is_some() {
        assert_eq!(order.status, Status::Pending, "only what is pending runs out");
    } else if order.status == Status::Pending && order.with_payment {
        assert!(
            order.on_hold && (live, kept) != (0, 0),
            "what does not run out waits for a person"
        );
    }
}

fn check_completeness(house: &House, order: &Order) {
    let told = |kind| {
        let events = house.world.events.iter().filter(|it| it.order == Some(order.no));
        events.filter(|it| it.event.kind() == kind).count()
    };
    assert_eq!(told("order.confirmed"), usize::from(order.retrieval_no.is_some()), "once");
    assert!(told("order.paid") <= 1, "an order is paid once");
}

fn check_effects(house: &House) {
    for effect in effects(house) {
        let order = house.order(effect.order);
        match (&effect.action, &effect.state) {
            (Action::InitializePayment(_), EffectState::Done(Yield::Intent { intent, .. })) => {
                let payment = order.payments.iter().find(|it| it.intent.as_ref() == Some(intent));
                assert!(payment.is_some(), "{} has brought a payment", effect.id);
            }
            (Action::RefundPayment { amount, .. }, _) => {
                let refund = order.refunds.iter().find(|it| it.id == effect.id.as_str()).unwrap();
                assert_eq!(refund.amount, *amount);
            }
            (
                Action::InitializePayment(_)
                | Action::CancelPayment { .. }
                | Action::CapturePayment { .. },
                _,
            ) => {}
        }
    }
    for order in house.world.orders.iter().filter(|it| it.status == Status::Cancelled) {
        for payment in order.payments.iter().filter(|it| it.status.is_live()) {
            let void = payment.id.as_str().replacen("pay", "void", 1);
            let is_ending = effects(house).iter().any(|it| it.id.as_str() == void);
            assert!(is_ending, "{} of a cancelled order is ended", payment.id);
        }
    }
}
