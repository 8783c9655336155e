//! Refusals that only paid orders meet.

use domain::{Currency, Money, Refusal, Subject, payment::IntentState};

use super::states::{NO, State, another_amount, prepaid, record, start, told};
use crate::{
    house::{House, command, customer},
    refusals::Case,
};

pub(crate) fn refused() -> Vec<Case> {
    let case = |what, from: State, asked, refusal| {
        let (house, who, subject) = (from.house(), customer("ann"), Subject::Request);
        Case { what, house, who, asked, subject, refusal }
    };
    let mut house = House::new();
    house.world.policy.minimums = std::sync::Arc::new([("USD", Money(5501))].into());
    let too_small = Refusal::AmountTooSmall {
        total: Money(5500),
        minimum: Money(5501),
        currency: Currency::USD,
    };
    let state = Some(IntentState::Open);
    vec![
        Case {
            what: "less than the provider takes",
            house,
            who: customer("ann"),
            asked: command(prepaid()),
            subject: Subject::Request,
            refusal: too_small,
        },
        case(
            "nothing was paid",
            State::Open,
            told(1, IntentState::Open),
            Refusal::PaymentNotCompleted { order: NO, state },
        ),
        case(
            "something else was paid",
            State::Mismatched,
            record(another_amount()),
            Refusal::PaymentMismatch(NO),
        ),
        case(
            "the provider is at work already",
            State::Processing,
            start(),
            Refusal::NotPayable { order: NO, status: domain::order::Status::Pending },
        ),
    ]
}
