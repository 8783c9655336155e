//! Put the rules of a store: new orders are judged by them from now on, and old ones stay as they
//! are.

use std::sync::Arc;

use super::{Check, ReviewRules, Rule, velocity::By};
use crate::{
    actor::Actor,
    catalog::put::amount,
    command::{Decision, Outcome},
    country::Country,
    event::{AdminEvent, ReviewRulesPut},
    id::{CustomerId, RuleId, StoreId},
    money::{Currency, Decimal},
    refusal::{Found, Refusal, Refusals, Subject},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutReviewRules {
    pub store: StoreId,
    pub draft: Draft,
    pub expected: Expected,
}

/// Rules as somebody has written them: amounts are in the store's currency, whichever that is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub enabled: bool,
    pub threshold: u32,
    pub rules: Vec<DraftRule>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DraftRule {
    pub id: RuleId,
    pub score: u32,
    pub reason: String,
    pub check: DraftCheck,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DraftCheck {
    TotalOver { amount: Decimal },
    CountriesDiffer,
    Velocity { by: By, orders: u32, within_minutes: u32 },
    Blocked { countries: Vec<Country>, email_domains: Vec<String>, customers: Vec<CustomerId> },
}

impl Draft {
    /// The rules of a store that counts in this currency.
    pub fn rules(&self, currency: Currency) -> Result<ReviewRules, Refusals> {
        let mut found = Found::default();
        let rules = self.rules.iter().enumerate().map(|(index, it)| Rule {
            id: it.id.clone(),
            score: it.score,
            reason: it.reason.clone(),
            check: match &it.check {
                DraftCheck::TotalOver { amount: asked } => {
                    let subject = Subject::RuleAmount(index);
                    let amount = amount(*asked, currency, subject, &mut found);
                    Check::TotalOver { amount, currency }
                }
                DraftCheck::CountriesDiffer => Check::CountriesDiffer,
                DraftCheck::Velocity { by, orders, within_minutes } => {
                    let (by, orders, within_minutes) = (*by, *orders, *within_minutes);
                    Check::Velocity { by, orders, within_minutes }
                }
                DraftCheck::Blocked { countries, email_domains, customers } => Check::Blocked {
                    countries: countries.clone(),
                    email_domains: email_domains.clone(),
                    customers: customers.clone(),
                },
            },
        });
        let rules = rules.collect();
        found.settle()?;
        Ok(ReviewRules { enabled: self.enabled, threshold: self.threshold, rules, version: 0 })
    }
}

impl PutReviewRules {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.stores.insert(self.store);
    }

    pub(crate) fn decide(&self, world: &World, actor: &Actor) -> Result<Decision, Refusals> {
        let shop = world.stores.get(&self.store).filter(|it| actor.may_use(it.id));
        let shop = shop.ok_or((Subject::Store, Refusal::StoreNotFound(self.store)))?;
        let before = shop.review.as_ref().map_or(0, |it| it.version);
        self.expected.check(Some(before))?;
        let rules = self.draft.rules(shop.currency)?;
        let rules = Arc::new(ReviewRules { version: before + 1, ..rules });
        let event = AdminEvent::ReviewRulesPut(ReviewRulesPut { store: self.store, rules });
        Ok(Decision::on_catalogue(event, Outcome::ReviewRules(self.store)))
    }
}
