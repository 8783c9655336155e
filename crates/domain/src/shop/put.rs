//! Put a store: it is as the document says from now on. What was ordered keeps its currency and its
//! numbers.

use super::Shop;
use crate::{
    catalog::put::version_after,
    command::{Decision, Outcome},
    event::AdminEvent,
    id::StoreId,
    money::Currency,
    refusal::{Found, Refusal, Refusals, Subject},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutStore {
    pub id: StoreId,
    pub name: String,
    pub currency: Currency,
    pub time_zone: String,
    /// Absent: the usual one of its number.
    pub invoice_prefix: Option<String>,
    pub success_url: Option<String>,
    pub success_hosts: Vec<String>,
    pub test: bool,
    pub expected: Expected,
}

impl PutStore {
    /// All stores, since no two may number their documents alike.
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.stores.insert(self.id);
        keys.every_store = true;
        keys.used_stores.insert(self.id);
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let before = world.stores.get(&self.id);
        self.expected.check(before.map(|it| it.version))?;
        let has_orders = world.has_orders(self.id);
        let prefix = self.invoice_prefix.clone().unwrap_or_else(|| Shop::usual_prefix(self.id));
        let mut found = Found::default();
        if has_orders && before.is_some_and(|it| it.currency != self.currency) {
            found.add(Subject::Currency, Refusal::StoreCurrencyFixed(self.id));
        }
        let mut others = world.stores.iter().filter(|it| it.id != self.id);
        if others.any(|it| it.has_used(&prefix)) {
            found.add(Subject::InvoicePrefix, Refusal::InvoicePrefixTaken(prefix.clone()));
        }
        found.settle()?;
        let mut past_prefixes = before.map(|it| it.past_prefixes.clone()).unwrap_or_default();
        past_prefixes.retain(|it| *it != prefix);
        let changed = before.map(|it| &it.invoice_prefix).filter(|it| **it != prefix);
        past_prefixes.extend(changed.filter(|_| has_orders).cloned());
        let shop = Shop {
            id: self.id,
            name: self.name.clone(),
            currency: self.currency,
            time_zone: self.time_zone.clone(),
            invoice_prefix: prefix,
            past_prefixes,
            success_url: self.success_url.clone(),
            success_hosts: self.success_hosts.clone(),
            test: self.test,
            secret_hash: None,
            version: version_after(world, before.map(|it| it.version)),
            // They have events of their own, and stay as they are.
            review: None,
        };
        let outcome = Outcome::Store { id: self.id, created: before.is_none() };
        Ok(Decision::on_catalogue(AdminEvent::StorePut(Box::new(shop)), outcome))
    }
}
