//! Decide the review of an order: it may ship, or it is cancelled and its money goes back.

use super::{CancelCause, Order, ReviewStatus, Status, cancel::take_back, find::find, moves};
use crate::{
    actor::Actor,
    command::Decision,
    event::{Event, OrderReviewDecided},
    id::OrderNo,
    moment::Moment,
    refusal::{Refusal, Refusals},
    version::Expected,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewOrder {
    pub order: OrderNo,
    pub decision: ReviewDecision,
    /// For the shop alone.
    pub note: Option<String>,
    pub expected: Expected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewDecision {
    Pass,
    Fail,
}

impl ReviewOrder {
    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let order = find(world, actor, self.order, &self.expected)?;
        match order.review_status {
            ReviewStatus::UnderReview => {}
            ReviewStatus::None | ReviewStatus::Passed | ReviewStatus::Failed => {
                let (order, review) = (order.no, order.review_status);
                return Err(Refusal::NotUnderReview { order, review }.into());
            }
        }
        let decided = OrderReviewDecided { note: self.note.clone() };
        match self.decision {
            ReviewDecision::Pass => {
                let passed = vec![Event::OrderReviewPassed(decided)];
                Ok(Decision::on_order(order.store, order.no, passed))
            }
            ReviewDecision::Fail => fail(world, order, decided, now),
        }
    }
}

/// One that is cancelled already only learns that it never comes back.
fn fail(
    world: &World,
    order: &Order,
    decided: OrderReviewDecided,
    now: Moment,
) -> Result<Decision, Refusals> {
    let mut events = vec![Event::OrderReviewFailed(decided)];
    let mut wishes = Vec::new();
    match order.status {
        Status::Pending | Status::Confirmed => {
            let taken_back = take_back(world, order, CancelCause::ReviewFailed, None, now)?;
            events.extend(taken_back.0);
            wishes = taken_back.1;
        }
        Status::Cancelled => {}
        // Nothing that is under review ships.
        Status::Shipped | Status::Delivered => {
            return Err(moves::illegal(order, Status::Cancelled).into());
        }
    }
    Ok(Decision { wishes, ..Decision::on_order(order.store, order.no, events) })
}
