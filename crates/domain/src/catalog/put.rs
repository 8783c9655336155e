//! Put a product: it is as the document says from now on. Orders that exist keep what they have.

use std::collections::BTreeMap;

use super::{Product, Variant};
use crate::{
    command::{Decision, Outcome},
    counter::Counter,
    event::AdminEvent,
    id::{DeliveryMethodId, ProductId, StoreId, VariantId},
    money::{Currency, Decimal, Money, MoneyFault},
    refusal::{Found, Refusal, Refusals, Subject},
    shop::Shop,
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutProduct {
    pub id: ProductId,
    pub name: String,
    pub sku: Option<String>,
    pub price: Decimal,
    /// Absent: the currency of store 1.
    pub currency: Option<Currency>,
    pub active: bool,
    pub requires_shipping: bool,
    pub track_stock: bool,
    pub weight_grams: u32,
    pub tax_class: Option<String>,
    pub delivery_methods: Vec<DeliveryMethodId>,
    pub variants: Vec<PutVariant>,
    pub low_stock_at: Option<i64>,
    pub metadata: BTreeMap<String, String>,
    pub expected: Expected,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PutVariant {
    pub id: VariantId,
    pub name: String,
    pub sku: Option<String>,
    pub price: Option<Decimal>,
}

impl PutProduct {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.products.insert(self.id.clone());
        keys.stores.insert(StoreId::FIRST);
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let created = world.products.get(&self.id).is_none();
        let product = self.product(world)?;
        let outcome = Outcome::Product { id: self.id.clone(), created };
        Ok(Decision::on_catalogue(AdminEvent::ProductPut(Box::new(product)), outcome))
    }

    /// The product as the document says, with the version that it would have.
    pub(super) fn product(&self, world: &World) -> Result<Product, Refusals> {
        let before = world.products.get(&self.id);
        self.expected.check(before.map(|it| it.version))?;
        let shop = world.stores.get(&StoreId::FIRST);
        let currency = self.currency.or(shop.map(|it: &Shop| it.currency));
        let currency = currency.ok_or(Refusal::StoreNotFound(StoreId::FIRST))?;
        let mut found = Found::default();
        let price = amount(self.price, currency, Subject::Price, &mut found);
        let variants = self.variants.iter().enumerate().map(|(index, it)| Variant {
            id: it.id.clone(),
            name: it.name.clone(),
            sku: it.sku.clone(),
            price: it
                .price
                .map(|price| amount(price, currency, Subject::VariantPrice(index), &mut found)),
        });
        let variants = variants.collect();
        found.settle()?;
        Ok(Product {
            id: self.id.clone(),
            name: self.name.clone(),
            sku: self.sku.clone(),
            price,
            currency,
            active: self.active,
            requires_shipping: self.requires_shipping,
            track_stock: self.track_stock,
            weight_grams: self.weight_grams,
            tax_class: self.tax_class.clone(),
            delivery_methods: self.delivery_methods.clone(),
            variants,
            low_stock_at: self.low_stock_at,
            metadata: self.metadata.clone(),
            version: version_after(world, before.map(|it| it.version)),
        })
    }
}

/// The version of what is put now. A new thing begins with the number of its event in the log:
/// each put takes one, so none of an earlier thing of the same name ever came so far, and whoever
/// has seen that one does not change this one.
pub(crate) fn version_after(world: &World, before: Option<u64>) -> u64 {
    before.map_or_else(|| world.counters.next(Counter::AdminEvent), |it| it + 1)
}

/// A price in a currency; one that can't be is told, and counts as nothing.
pub(crate) fn amount(
    price: Decimal,
    currency: Currency,
    subject: Subject,
    found: &mut Found,
) -> Money {
    let money = match price.is_negative() {
        true => Err(MoneyFault::Negative),
        false => Money::from_decimal(price, currency),
    };
    money.unwrap_or_else(|fault| {
        found.add(subject, Refusal::InvalidAmount(fault));
        Money::ZERO
    })
}
