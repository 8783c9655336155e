//! What shall happen outside, beside the orders that want it: each open effect has its order, each
//! refund that is on its way has its effect, and each intent that was made has its payment.
//!
//! Orders and effects are read one after the other while others write. An order that has the same
//! version before and after was so all the while, so the effects that were read in between stand
//! beside it; where it has not, both are looked at again.

use domain::{
    EffectId, Order, OrderNo,
    effect::{Action, Effect, EffectState, Yield},
    order::Status,
    refund::RefundState,
};
use store::{Reads, StoreError};

use super::{Difference, Found, PAGE};

/// An order that changes between two looks is looked at again; none changes so often.
const LOOKS_MAX: usize = 16;

/// Effects whose names differ in the last digit alone, and room for some that fall due with them.
const DIGITS: u32 = 16;

/// Every effect that is open.
pub(super) async fn check_effects(reads: &dyn Reads, found: &mut Found) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = reads.open_effects(after, PAGE).await?;
        for effect in &page {
            check_effect(reads, effect, found).await?;
        }
        after = page.into_iter().next_back().map(|it| (it.due_at, it.id));
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn check_effect(
    reads: &dyn Reads,
    effect: &Effect,
    found: &mut Found,
) -> Result<(), StoreError> {
    // Orders are never deleted, and none is younger than what it wants.
    let Some(mut order) = reads.order(effect.order).await? else {
        found.add(Difference::EffectWithoutOrder(effect.id.clone()));
        return Ok(());
    };
    for _ in 0..LOOKS_MAX {
        if is_wanted(effect, &order) {
            return Ok(());
        }
        let effect = reads.effect(effect.id.clone()).await?;
        let Some(effect) = effect.filter(Effect::is_open) else { return Ok(()) };
        let Some(now) = reads.order(effect.order).await? else { return Ok(()) };
        if now.version == order.version {
            found.add(Difference::EffectWithoutRefund(effect.id));
            return Ok(());
        }
        order = now;
    }
    Ok(())
}

fn is_wanted(effect: &Effect, order: &Order) -> bool {
    match effect.action {
        Action::RefundPayment { .. } => {
            let refund = order.refunds.iter().find(|it| it.id == effect.id.as_str());
            refund.is_some_and(|it| it.status == RefundState::Pending)
        }
        // Whether one of these is wanted still is found out by asking the provider.
        Action::InitializePayment(_)
        | Action::CancelPayment { .. }
        | Action::CapturePayment { .. } => true,
    }
}

/// An order beside all the effects that it must have. Orders that are paid by hand have none.
pub(super) async fn check_order(
    reads: &dyn Reads,
    order: &Order,
    found: &mut Found,
) -> Result<(), StoreError> {
    let mut known = order.clone();
    for _ in 0..LOOKS_MAX {
        let differences = differences(reads, &known).await?;
        if differences.is_empty() {
            return Ok(());
        }
        let Some(now) = reads.order(known.no).await? else { return Ok(()) };
        if now.version == known.version {
            differences.into_iter().for_each(|it| found.add(it));
            return Ok(());
        }
        known = now;
    }
    Ok(())
}

async fn differences(reads: &dyn Reads, order: &Order) -> Result<Vec<Difference>, StoreError> {
    let mut differences = Vec::new();
    for refund in order.refunds.iter().filter(|it| it.status == RefundState::Pending) {
        match reads.effect(EffectId::new(&refund.id)).await?.filter(Effect::is_open) {
            Some(effect) => differences.extend(not_due(reads, effect).await?),
            None => {
                let (order, refund) = (order.no, refund.id.clone());
                differences.push(Difference::RefundWithoutEffect { order, refund });
            }
        }
    }
    if !order.payment_method.is_prepaid() || order.status == Status::Cancelled {
        return Ok(differences);
    }
    for effect in starts(order.no, order.payments.len()) {
        let Some(effect) = reads.effect(effect).await? else { continue };
        if effect.is_open() {
            differences.extend(not_due(reads, effect).await?);
            continue;
        }
        let EffectState::Done(Yield::Intent { intent, .. }) = &effect.state else { continue };
        if !order.payments.iter().any(|it| it.intent.as_ref() == Some(intent)) {
            let (order, effect) = (order.no, effect.id);
            differences.push(Difference::IntentWithoutPayment { order, effect });
        }
    }
    Ok(differences)
}

/// An open effect has to be among those that jobs look through. It may end, or be put off, between
/// two looks.
async fn not_due(reads: &dyn Reads, mut effect: Effect) -> Result<Option<Difference>, StoreError> {
    for _ in 0..LOOKS_MAX {
        let mut name = effect.id.as_str().chars();
        name.next_back();
        let just_before = (effect.due_at, EffectId::new(name.as_str()));
        let open = reads.open_effects(Some(just_before), DIGITS).await?;
        if open.iter().any(|it| it.id == effect.id) {
            return Ok(None);
        }
        let now = reads.effect(effect.id.clone()).await?;
        let Some(now) = now.filter(Effect::is_open) else { return Ok(None) };
        if now == effect {
            return Ok(Some(Difference::EffectNotDue(effect.id)));
        }
        effect = now;
    }
    Ok(None)
}

/// The effects by which the payments of an order were started, and the one that may be under way.
fn starts(no: OrderNo, payments: usize) -> impl Iterator<Item = EffectId> {
    (1..=payments + 1).map(move |it| EffectId::new(&format!("pay_{}_{it}", no.0)))
}
