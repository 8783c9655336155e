//! The moves between the states of an order: these, and no others.

use super::{Order, Status};
use crate::refusal::Refusal;

/// One row of the contract's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub from: Status,
    pub to: Status,
    pub condition: Condition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Always,
    /// A payment that succeeded after the reservation had run out, while there is stock.
    CancelledByExpiry,
    /// Nothing of it may have left the house.
    NothingShipped,
}

pub const MOVES: [Move; 6] = [
    row(Status::Pending, Status::Confirmed, Condition::Always),
    row(Status::Pending, Status::Cancelled, Condition::Always),
    row(Status::Cancelled, Status::Confirmed, Condition::CancelledByExpiry),
    row(Status::Confirmed, Status::Shipped, Condition::Always),
    row(Status::Confirmed, Status::Cancelled, Condition::NothingShipped),
    row(Status::Shipped, Status::Delivered, Condition::Always),
];

const fn row(from: Status, to: Status, condition: Condition) -> Move {
    Move { from, to, condition }
}

impl Status {
    pub const ALL: [Status; 5] =
        [Status::Pending, Status::Confirmed, Status::Shipped, Status::Delivered, Status::Cancelled];

    pub fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Confirmed => "confirmed",
            Status::Shipped => "shipped",
            Status::Delivered => "delivered",
            Status::Cancelled => "cancelled",
        }
    }

    pub fn parse(name: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// The refusal of a move that is not in the table.
pub(super) fn illegal(order: &Order, to: Status) -> Refusal {
    Refusal::AlreadyProcessed { order: order.no, from: order.status, to }
}
