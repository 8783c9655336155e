//! The rules of fraud review, and what they would have found.

use std::collections::BTreeMap;

use domain::{
    CustomerId, OrderNo, RuleId, StoreId,
    event::RuleHit,
    review::{Check, ReviewRules, Rule, Verdict},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Amount, Text};
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = ReviewRules)]
pub(crate) struct ReviewRulesView<'a> {
    store_id: u32,
    enabled: bool,
    threshold: u32,
    rules: Vec<RuleView<'a>>,
    /// 0: nobody has put any.
    version: u64,
}

/// A rule has the members of its kind; the others are null.
#[derive(Serialize, ToSchema)]
#[schema(as = ReviewRule)]
struct RuleView<'a> {
    rule_id: &'a str,
    #[schema(schema_with = words::rule_kind)]
    kind: &'static str,
    /// In the currency that the store had when the rule was put.
    amount: Option<Amount>,
    #[schema(schema_with = words::optional_velocity)]
    by: Option<&'static str>,
    orders: Option<u32>,
    within_minutes: Option<u32>,
    countries: Option<Vec<&'static str>>,
    email_domains: Option<&'a [String]>,
    customers: Option<Vec<&'a str>>,
    score: u32,
    reason: &'a str,
}

impl<'a> ReviewRulesView<'a> {
    pub(crate) fn new(store: StoreId, rules: &'a ReviewRules) -> ReviewRulesView<'a> {
        ReviewRulesView {
            store_id: store.0,
            enabled: rules.enabled,
            threshold: rules.threshold,
            rules: rules.rules.iter().map(RuleView::new).collect(),
            version: rules.version,
        }
    }
}

impl<'a> RuleView<'a> {
    fn new(rule: &'a Rule) -> RuleView<'a> {
        let bare = RuleView {
            rule_id: rule.id.as_str(),
            kind: rule.check.kind(),
            amount: None,
            by: None,
            orders: None,
            within_minutes: None,
            countries: None,
            email_domains: None,
            customers: None,
            score: rule.score,
            reason: &rule.reason,
        };
        match &rule.check {
            Check::TotalOver { amount, currency } => {
                RuleView { amount: Some(Amount(*amount, *currency)), ..bare }
            }
            Check::CountriesDiffer => bare,
            Check::Velocity { by, orders, within_minutes } => RuleView {
                by: Some(by.name()),
                orders: Some(*orders),
                within_minutes: Some(*within_minutes),
                ..bare
            },
            Check::Blocked { countries, email_domains, customers } => RuleView {
                countries: Some(countries.iter().map(|it| it.alpha2()).collect()),
                email_domains: Some(email_domains),
                customers: Some(customers.iter().map(CustomerId::as_str).collect()),
                ..bare
            },
        }
    }
}

/// A rule that an order has met.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleHit)]
pub(crate) struct RuleHitView<'a> {
    rule_id: &'a str,
    #[schema(schema_with = words::rule_kind)]
    kind: &'a str,
    score: u32,
    reason: &'a str,
}

impl<'a> RuleHitView<'a> {
    pub(crate) fn new(hit: &'a RuleHit) -> RuleHitView<'a> {
        let RuleHit { rule, kind, score, reason } = hit;
        RuleHitView { rule_id: rule.as_str(), kind, score: *score, reason }
    }
}

/// Orders that would have been stopped and are told one by one.
const SHOWN_MAX: usize = 100;

/// What is gathered while rules are tried.
pub(crate) struct Tried {
    pub(crate) orders: u32,
    stopped: u32,
    /// None is left that should have been looked at.
    pub(crate) is_complete: bool,
    first: Option<OrderNo>,
    last: Option<OrderNo>,
    hits: BTreeMap<RuleId, u32>,
    shown: Vec<(OrderNo, Verdict)>,
}

impl Default for Tried {
    fn default() -> Tried {
        Tried {
            orders: 0,
            stopped: 0,
            is_complete: true,
            first: None,
            last: None,
            hits: BTreeMap::new(),
            shown: Vec::new(),
        }
    }
}

impl Tried {
    pub(crate) fn add(&mut self, rules: &ReviewRules, order: OrderNo, verdict: Verdict) {
        self.orders += 1;
        self.first.get_or_insert(order);
        self.last = Some(order);
        for hit in &verdict.hits {
            *self.hits.entry(hit.rule.clone()).or_default() += 1;
        }
        if rules.stops(&verdict) {
            self.stopped += 1;
            if self.shown.len() < SHOWN_MAX {
                self.shown.push((order, verdict));
            }
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReviewRulesTrial)]
pub(crate) struct TrialView<'a> {
    store_id: u32,
    /// How many orders were looked at.
    orders_tried: u32,
    /// How many of them would have been stopped.
    orders_stopped: u32,
    /// False: there are more orders, from the one after `last_order_id`.
    complete: bool,
    #[schema(value_type = Option<String>)]
    first_order_id: Option<Text<OrderNo>>,
    #[schema(value_type = Option<String>)]
    last_order_id: Option<Text<OrderNo>>,
    rules: Vec<RuleTally<'a>>,
    /// Orders that would have been stopped, the first 100.
    stopped: Vec<StoppedOrder<'a>>,
}

#[derive(Serialize, ToSchema)]
struct RuleTally<'a> {
    rule_id: &'a str,
    /// Orders that have met the rule, stopped or not.
    hits: u32,
    /// The points that it gave to all of them.
    score: u64,
}

#[derive(Serialize, ToSchema)]
struct StoppedOrder<'a> {
    #[schema(value_type = String)]
    order_id: Text<OrderNo>,
    score: u32,
    rules: Vec<&'a str>,
}

impl<'a> TrialView<'a> {
    pub(crate) fn new(store: StoreId, rules: &'a ReviewRules, tried: &'a Tried) -> TrialView<'a> {
        let tally = |rule: &'a Rule| {
            let hits = tried.hits.get(&rule.id).copied().unwrap_or(0);
            let score = u64::from(hits) * u64::from(rule.score);
            RuleTally { rule_id: rule.id.as_str(), hits, score }
        };
        let stopped = |(order, verdict): &'a (OrderNo, Verdict)| StoppedOrder {
            order_id: Text(*order),
            score: verdict.score,
            rules: verdict.hits.iter().map(|it| it.rule.as_str()).collect(),
        };
        TrialView {
            store_id: store.0,
            orders_tried: tried.orders,
            orders_stopped: tried.stopped,
            complete: tried.is_complete,
            first_order_id: tried.first.map(Text),
            last_order_id: tried.last.map(Text),
            rules: rules.rules.iter().map(tally).collect(),
            stopped: tried.shown.iter().map(stopped).collect(),
        }
    }
}
