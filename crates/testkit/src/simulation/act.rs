//! What can happen next, and how often it usually does.

/// One thing that somebody does, or that time brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    // Customers at the shop.
    PlaceWithPayment,
    PlaceUnpaid,
    /// A request is made again, with its key.
    Repeat,
    AskForPayment,
    SayPaid,
    CancelOwn,
    /// Somebody looks whether an awaited effect has ended, or walks away.
    Listen,
    // Customers at the provider.
    Pay,
    PayOther,
    BeDeclined,
    PayByTransfer,
    GiveUp,
    /// Somebody makes an intent by hand.
    PayByHand,
    // Staff.
    Confirm,
    Cancel,
    Ship,
    /// Some of an order leaves.
    ShipSome,
    /// A shipment arrives, or is said to be found otherwise.
    Arrive,
    Deliver,
    // The shop's own system.
    /// It gives the order an id of its own.
    Adopt,
    /// It says how far it has come.
    Report,
    /// It says how parcels are found.
    Track,
    // Staff again.
    Collect,
    Hold,
    Release,
    /// Somebody decides over an order that is looked at.
    PassReview,
    FailReview,
    /// Other orders are looked at from now on.
    ChangeRules,
    RefundAmount,
    RefundLines,
    CountStock,
    MoveStock,
    // The server.
    Work,
    HearNotice,
    ClaimDue,
    ExpireDue,
    /// Something that was submitted, and waited for no reason, goes on.
    Hurry,
    Commit,
    // The world.
    Wait,
    Jump,
    Crash,
    /// A call that nobody waits for any more arrives at the provider.
    ArriveLate,
}

impl Act {
    /// Without these a shop stands still.
    pub(super) fn is_needed(self) -> bool {
        match self {
            Act::PlaceWithPayment | Act::Pay | Act::Work | Act::ClaimDue | Act::Commit => true,
            Act::PlaceUnpaid
            | Act::Repeat
            | Act::AskForPayment
            | Act::SayPaid
            | Act::CancelOwn
            | Act::Listen
            | Act::PayOther
            | Act::BeDeclined
            | Act::PayByTransfer
            | Act::GiveUp
            | Act::PayByHand
            | Act::Confirm
            | Act::Cancel
            | Act::Ship
            | Act::ShipSome
            | Act::Arrive
            | Act::Deliver
            | Act::Adopt
            | Act::Report
            | Act::Track
            | Act::Collect
            | Act::Hold
            | Act::Release
            | Act::PassReview
            | Act::FailReview
            | Act::ChangeRules
            | Act::RefundAmount
            | Act::RefundLines
            | Act::CountStock
            | Act::MoveStock
            | Act::HearNotice
            | Act::ExpireDue
            | Act::Hurry
            | Act::Wait
            | Act::Jump
            | Act::Crash
            | Act::ArriveLate => false,
        }
    }
}

/// Every act with its usual weight.
pub(super) const ACTS: [(Act, usize); 42] = [
    (Act::PlaceWithPayment, 60),
    (Act::PlaceUnpaid, 15),
    (Act::Repeat, 25),
    (Act::AskForPayment, 15),
    (Act::SayPaid, 40),
    (Act::CancelOwn, 8),
    (Act::Listen, 60),
    (Act::Pay, 80),
    (Act::PayOther, 2),
    (Act::BeDeclined, 10),
    (Act::PayByTransfer, 8),
    (Act::GiveUp, 4),
    (Act::PayByHand, 1),
    (Act::Confirm, 4),
    (Act::Cancel, 8),
    (Act::Ship, 15),
    (Act::ShipSome, 20),
    (Act::Arrive, 12),
    (Act::Deliver, 8),
    (Act::Adopt, 6),
    (Act::Report, 6),
    (Act::Track, 4),
    (Act::Collect, 8),
    (Act::Hold, 4),
    (Act::Release, 8),
    (Act::PassReview, 10),
    (Act::FailReview, 6),
    (Act::ChangeRules, 3),
    (Act::RefundAmount, 14),
    (Act::RefundLines, 12),
    (Act::CountStock, 4),
    (Act::MoveStock, 10),
    (Act::Work, 90),
    (Act::HearNotice, 50),
    (Act::ClaimDue, 15),
    (Act::ExpireDue, 14),
    (Act::Hurry, 10),
    (Act::Commit, 120),
    (Act::Wait, 15),
    (Act::Jump, 2),
    (Act::Crash, 3),
    (Act::ArriveLate, 4),
];
