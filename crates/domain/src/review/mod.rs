//! Fraud review: rules of a store that look at each new order, and what they find there.
//!
//! A rule that hits gives points. An order with as many as the threshold asks for starts under
//! review: it keeps its stock and may be paid, and nothing of it ships until a person has decided.
//! Rules that are switched off, or that nobody has put, cost an order nothing.

pub mod put;
pub mod trial;
pub mod velocity;

use serde::{Deserialize, Serialize};

use self::velocity::By;
use crate::{
    address::{Address, Person},
    country::Country,
    event::{OrderReviewStarted, RuleHit},
    id::{CustomerId, RuleId, StoreId},
    money::{Currency, Money},
    order::Order,
};

pub const RULES_MAX: usize = 50;
/// Entries of each list of a rule.
pub const BLOCKED_MAX: usize = 1000;
pub const SCORE_MAX: u32 = 1000;
/// Orders that a rule lets through within its time.
pub const VELOCITY_ORDERS_MAX: u32 = 100;
/// Thirty days.
pub const VELOCITY_MINUTES_MAX: u32 = 43_200;

/// What a store asks of its new orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRules {
    pub enabled: bool,
    /// An order with so many points is looked at by a person.
    pub threshold: u32,
    pub rules: Vec<Rule>,
    /// Nobody has put any: 0.
    pub version: u64,
}

/// As they are until somebody puts them.
impl Default for ReviewRules {
    fn default() -> ReviewRules {
        ReviewRules { enabled: false, threshold: 100, rules: Vec::new(), version: 0 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    pub score: u32,
    /// For the people who decide.
    pub reason: String,
    pub check: Check,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The total is more than this, in this currency; an order in another one is not looked at.
    TotalOver { amount: Money, currency: Currency },
    /// The order goes to another country than its bill.
    CountriesDiffer,
    /// More than so many orders of one customer, to one address or with one e-mail address, within
    /// this time; the new one is one of them.
    Velocity { by: By, orders: u32, within_minutes: u32 },
    /// What is in one of these lists.
    Blocked { countries: Vec<Country>, email_domains: Vec<String>, customers: Vec<CustomerId> },
}

impl Check {
    pub fn kind(&self) -> &'static str {
        match self {
            Check::TotalOver { .. } => "total_over",
            Check::CountriesDiffer => "countries_differ",
            Check::Velocity { .. } => "velocity",
            Check::Blocked { .. } => "blocked",
        }
    }
}

/// What rules look at in an order.
#[derive(Clone, Copy, Debug)]
pub struct Suspect<'a> {
    pub store: StoreId,
    pub customer: Option<&'a CustomerId>,
    pub total: Money,
    pub currency: Currency,
    pub shipping_address: Option<&'a Address>,
    pub billing_address: Option<&'a Address>,
    pub email: Option<&'a str>,
}

impl<'a> Suspect<'a> {
    pub fn new(
        store: StoreId,
        customer: Option<&'a CustomerId>,
        (total, currency): (Money, Currency),
        person: Option<&'a Person>,
    ) -> Suspect<'a> {
        Suspect {
            store,
            customer,
            total,
            currency,
            shipping_address: person.and_then(|it| it.shipping_address.as_ref()),
            billing_address: person.and_then(|it| it.billing_address.as_ref()),
            email: person.and_then(|it| it.contact.email.as_deref()),
        }
    }

    /// An order that is there; of one whose person was erased, what is left.
    pub fn of(order: &Order) -> Suspect<'_> {
        let (customer, price) = (order.customer.as_ref(), (order.total, order.currency));
        Suspect::new(order.store, customer, price, order.person.as_deref())
    }

    fn countries(&self) -> [Option<Country>; 2] {
        [self.shipping_address, self.billing_address].map(|it| it.map(|it| it.country))
    }

    /// What stands behind the `@`, in small letters.
    fn email_domain(&self) -> Option<String> {
        let (_, domain) = self.email?.trim().rsplit_once('@')?;
        Some(domain.trim_end_matches('.').to_lowercase())
    }

    /// `recent` tells how many orders of the same customer, address or e-mail address came before
    /// this one within so many minutes.
    fn meets(&self, check: &Check, recent: &impl Fn(By, u32) -> usize) -> bool {
        match check {
            Check::TotalOver { amount, currency } => {
                self.currency == *currency && self.total > *amount
            }
            Check::CountriesDiffer => match self.countries() {
                [Some(shipping), Some(billing)] => shipping != billing,
                [Some(_) | None, Some(_) | None] => false,
            },
            Check::Velocity { by, orders, within_minutes } => {
                u32::try_from(recent(*by, *within_minutes)).is_ok_and(|it| it >= *orders)
            }
            Check::Blocked { countries, email_domains, customers } => {
                let mut seen = self.countries().into_iter().flatten();
                seen.any(|it| countries.contains(&it))
                    || self.customer.is_some_and(|it| customers.contains(it))
                    || self.email_domain().is_some_and(|it| is_within(&it, email_domains))
            }
        }
    }
}

/// A domain that is named, or one below it.
fn is_within(domain: &str, blocked: &[String]) -> bool {
    blocked.iter().any(|it| {
        let above = domain.strip_suffix(it.as_str());
        above.is_some_and(|it| it.is_empty() || it.ends_with('.'))
    })
}

/// What the rules of a store have found in an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub score: u32,
    pub hits: Vec<RuleHit>,
}

impl ReviewRules {
    /// All rules have their say, so that whoever decides sees all that speaks against an order.
    pub fn judge(&self, suspect: &Suspect<'_>, recent: impl Fn(By, u32) -> usize) -> Verdict {
        let hit = self.rules.iter().filter(|it| suspect.meets(&it.check, &recent));
        let hits: Vec<RuleHit> = hit.map(RuleHit::of).collect();
        Verdict { score: hits.iter().map(|it| it.score).sum(), hits }
    }

    /// Whether an order that was judged so is to be looked at.
    pub fn stops(&self, verdict: &Verdict) -> bool {
        verdict.score >= self.threshold && !verdict.hits.is_empty()
    }

    pub(crate) fn started(&self, verdict: Verdict) -> Option<OrderReviewStarted> {
        let stops = self.stops(&verdict);
        let Verdict { score, hits } = verdict;
        stops.then_some(OrderReviewStarted { score, threshold: self.threshold, hits })
    }

    /// By what orders are counted, and how far back one looks for that.
    pub(crate) fn windows(&self) -> impl Iterator<Item = Window> {
        By::ALL.into_iter().filter_map(|wanted| {
            let counted = self.rules.iter().filter_map(|it| match it.check {
                Check::Velocity { by, orders, within_minutes } if by == wanted => {
                    Some((orders, within_minutes))
                }
                Check::Velocity { .. }
                | Check::TotalOver { .. }
                | Check::CountriesDiffer
                | Check::Blocked { .. } => None,
            });
            let most = counted.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)));
            most.map(|(orders, minutes)| Window { by: wanted, orders, minutes })
        })
    }
}

/// The widest look back of all rules that count by the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) by: By,
    pub(crate) orders: u32,
    pub(crate) minutes: u32,
}

impl RuleHit {
    fn of(rule: &Rule) -> RuleHit {
        RuleHit {
            rule: rule.id.clone(),
            kind: rule.check.kind().into(),
            score: rule.score,
            reason: rule.reason.clone(),
        }
    }
}
