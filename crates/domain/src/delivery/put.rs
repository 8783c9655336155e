//! Put a delivery method: where it goes, what it carries, what it costs.

use super::DeliveryMethod;
use crate::{
    catalog::put::{amount, version_after},
    command::{Decision, Outcome},
    country::Country,
    event::AdminEvent,
    id::{DeliveryMethodId, StoreId},
    money::{Currency, Decimal},
    refusal::{Found, Refusal, Refusals, Subject},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutDeliveryMethod {
    pub id: DeliveryMethodId,
    pub name: String,
    pub price: Decimal,
    /// Absent: the currency of store 1.
    pub currency: Option<Currency>,
    pub free_from: Option<Decimal>,
    pub countries: Vec<Country>,
    pub max_weight_grams: Option<u64>,
    pub active: bool,
    pub estimated_days: Option<(u16, u16)>,
    pub expected: Expected,
}

impl PutDeliveryMethod {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.delivery_methods.insert(self.id.clone());
        keys.stores.insert(StoreId::FIRST);
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let before = world.delivery_methods.get(&self.id);
        self.expected.check(before.map(|it| it.version))?;
        let shop = world.stores.get(&StoreId::FIRST);
        let currency = self.currency.or(shop.map(|it| it.currency));
        let currency = currency.ok_or(Refusal::StoreNotFound(StoreId::FIRST))?;
        let mut found = Found::default();
        let price = amount(self.price, currency, Subject::Price, &mut found);
        let free_from =
            self.free_from.map(|it| amount(it, currency, Subject::FreeFrom, &mut found));
        found.settle()?;
        let method = DeliveryMethod {
            id: self.id.clone(),
            name: self.name.clone(),
            price,
            currency,
            free_from,
            countries: self.countries.clone(),
            max_weight_grams: self.max_weight_grams,
            active: self.active,
            estimated_days: self.estimated_days,
            version: version_after(world, before.map(|it| it.version)),
        };
        let outcome = Outcome::DeliveryMethod { id: self.id.clone(), created: before.is_none() };
        Ok(Decision::on_catalogue(AdminEvent::DeliveryMethodPut(Box::new(method)), outcome))
    }
}
