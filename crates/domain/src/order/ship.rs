//! Ship what is left of an order: its stock leaves the house, and authorized money is taken.

use super::{Order, ReviewStatus, Status, find::find, moves};
use crate::{
    actor::Actor,
    command::Decision,
    effect::{Action, Wish},
    event::{Event, OrderShipped, ShipmentCreated},
    id::{EffectId, OrderNo},
    moment::Moment,
    money::{Money, Overflow},
    payment::{IntentState, Payment, PaymentState, is_paid},
    refusal::{Refusal, Refusals},
    shipment,
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipOrder {
    pub order: OrderNo,
    pub reason: Option<String>,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub expected: Expected,
}

impl ShipOrder {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        check_shippable(order)?;
        let mut events = Vec::new();
        let open = shipment::all_open(order);
        if !open.is_empty() {
            let (carrier, tracking_number) = (self.carrier.clone(), self.tracking_number.clone());
            let shipment = shipment::packed(order, open, carrier, tracking_number, now);
            events.push(Event::ShipmentCreated(ShipmentCreated { shipment }));
        } else if order.lines.iter().all(|it| it.counts.shipped == 0) {
            return Err(Refusal::NothingToShip(order.no).into());
        }
        // Else what had not left was cancelled since: it is shipped without another parcel.
        let (shipped, wishes) = completed(world, order, self.reason.clone())?;
        events.push(shipped);
        Ok(Decision { wishes, ..Decision::on_order(order.store, order.no, events) })
    }
}

/// Whether anything of the order may leave the house.
pub(crate) fn check_shippable(order: &Order) -> Result<(), Refusal> {
    match order.status {
        Status::Confirmed => {}
        Status::Pending | Status::Shipped | Status::Delivered | Status::Cancelled => {
            return Err(moves::illegal(order, Status::Shipped));
        }
    }
    if order.review_status == ReviewStatus::UnderReview {
        return Err(Refusal::UnderReview(order.no));
    }
    if order.on_hold {
        return Err(Refusal::OnHold(order.no));
    }
    if !is_covered(order) {
        let state = order.payments.iter().rev().find_map(lapsed);
        return Err(Refusal::PaymentNotCompleted { order: order.no, state });
    }
    Ok(())
}

/// All of it has left: the order is shipped, and what was only authorized is taken.
pub(crate) fn completed(
    world: &World,
    order: &Order,
    reason: Option<String>,
) -> Result<(Event, Vec<Wish>), Overflow> {
    Ok((Event::OrderShipped(OrderShipped { reason }), captures(world, order)?))
}

/// Paid, promised by the provider, or payable later by agreement. What the provider has promised
/// may lapse before the order ships, and whoever releases the order then has not been paid either.
fn is_covered(order: &Order) -> bool {
    let is_promised = order.payments.iter().any(|it| it.status == PaymentState::Authorized);
    order.on_account || !order.payment_method.is_prepaid() || is_paid(order) || is_promised
}

fn lapsed(payment: &Payment) -> Option<IntentState> {
    match payment.status {
        PaymentState::Failed => Some(IntentState::Declined),
        PaymentState::Cancelled => Some(IntentState::Cancelled),
        PaymentState::Open
        | PaymentState::Processing
        | PaymentState::Authorized
        | PaymentState::Captured => None,
    }
}

/// Takes the authorized payments that the order still needs. What was authorized for an order that
/// is payable on account by now, or beside the payment that has won, is on its way to be cancelled.
fn captures(world: &World, order: &Order) -> Result<Vec<Wish>, Overflow> {
    let mut wishes = Vec::new();
    if order.on_account {
        return Ok(wishes);
    }
    let mut owed = order.total.minus(order.totals()?.paid)?;
    for payment in order.payments.iter().filter(|it| it.status == PaymentState::Authorized) {
        let Some(intent) = payment.intent.clone() else { continue };
        if owed <= Money::ZERO || is_ending(world, payment) {
            continue;
        }
        owed = owed.minus(payment.amount)?;
        let (amount, currency) = (payment.amount, order.currency);
        let action =
            Action::CapturePayment { payment: payment.id.clone(), intent, amount, currency };
        wishes.push(Wish { id: effect_of(payment, "cap_"), action });
    }
    Ok(wishes)
}

/// The provider was asked to cancel it.
fn is_ending(world: &World, payment: &Payment) -> bool {
    let void = effect_of(payment, "void_");
    world.effects.is_loaded(&void) && world.effects.get(&void).is_some()
}

fn effect_of(payment: &Payment, kind: &str) -> EffectId {
    EffectId::new(&payment.id.as_str().replacen("pay_", kind, 1))
}
