//! Fraud review, as random sequences have it.

use domain::{
    Command, OrderNo, StoreId,
    order::review::{ReviewDecision, ReviewOrder},
    review::{
        put::{Draft, DraftCheck, DraftRule, PutReviewRules},
        velocity::By,
    },
};
use proptest::{bool::weighted, collection::vec, prelude::*, sample::select};

use crate::{differential::expected, driver, samples};

/// Rules that come and go, and what people decide over what they stop.
pub(crate) fn commands() -> impl Strategy<Value = Command> {
    let rules = vec((select(&By::ALL[..]), 1..4_u32, 1..3_u32), 0..3);
    let put =
        (rules, weighted(0.9), weighted(0.7), prop_oneof![4 => Just(1), 1 => Just(2)], expected());
    let put = put.prop_map(|(counted, enabled, is_large, store, expected)| {
        let large = DraftCheck::TotalOver { amount: driver::decimal("15") };
        let counted = counted.into_iter().map(|(by, orders, within_minutes)| {
            DraftCheck::Velocity { by, orders, within_minutes }
        });
        let checks = counted.chain(is_large.then_some(large));
        let rules = (0..).zip(checks).map(|(no, check)| DraftRule {
            id: samples::id(&format!("r{no}")),
            score: 10,
            reason: "often".into(),
            check,
        });
        let draft = Draft { enabled, threshold: 10, rules: rules.collect() };
        let store = StoreId(store);
        Command::PutReviewRules(Box::new(PutReviewRules { store, draft, expected }))
    });
    let decisions = select(&[ReviewDecision::Pass, ReviewDecision::Fail][..]);
    let decide = (1..6_u64, decisions, expected()).prop_map(|(order, decision, expected)| {
        let (order, note) = (OrderNo(order), Some("looked".into()));
        Command::ReviewOrder(ReviewOrder { order, decision, note, expected })
    });
    prop_oneof![2 => put, 5 => decide]
}
