//! How goods reach the customer, and what that costs.

pub mod delete;
pub mod put;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    catalog::Product,
    country::Country,
    id::DeliveryMethodId,
    money::{Currency, Money},
    quantity::Quantity,
    refusal::Refusal,
    world::World,
};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMethod {
    pub id: DeliveryMethodId,
    pub name: String,
    pub price: Money,
    pub currency: Currency,
    /// From this subtotal on, delivery costs nothing.
    pub free_from: Option<Money>,
    /// Empty: everywhere.
    pub countries: Vec<Country>,
    pub max_weight_grams: Option<u64>,
    pub active: bool,
    /// Fewest and most.
    pub estimated_days: Option<(u16, u16)>,
    pub version: u64,
}

/// Why a method can't carry an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsuitable {
    Inactive,
    OtherCurrency,
    Country(Country),
    TooHeavy { grams: u64, max_grams: u64 },
    Goods { product: String },
}

impl DeliveryMethod {
    pub fn price_for(&self, subtotal: Money) -> Money {
        match self.free_from {
            Some(free_from) if subtotal >= free_from => Money::ZERO,
            Some(_) | None => self.price,
        }
    }

    /// Whether the method serves a country and carries these goods.
    pub fn suits<'a>(
        &self,
        currency: Currency,
        country: Option<Country>,
        grams: u64,
        goods: impl IntoIterator<Item = &'a Product>,
    ) -> Result<(), Unsuitable> {
        if !self.active {
            return Err(Unsuitable::Inactive);
        }
        if self.currency != currency {
            return Err(Unsuitable::OtherCurrency);
        }
        if let Some(country) = country
            && !self.countries.is_empty()
            && !self.countries.contains(&country)
        {
            return Err(Unsuitable::Country(country));
        }
        if let Some(max_grams) = self.max_weight_grams
            && grams > max_grams
        {
            return Err(Unsuitable::TooHeavy { grams, max_grams });
        }
        for product in goods {
            let listed = &product.delivery_methods;
            if !listed.is_empty() && !listed.contains(&self.id) {
                return Err(Unsuitable::Goods { product: product.name.clone() });
            }
        }
        Ok(())
    }
}

/// The method that carries goods: the one that is named, else the cheapest that suits. Where
/// nothing is to be shipped, there is none.
pub(crate) fn choose<'w>(
    world: &'w World,
    currency: Currency,
    named: Option<&DeliveryMethodId>,
    country: Option<Country>,
    subtotal: Money,
    goods: &[(&Product, Quantity)],
) -> Result<Option<&'w DeliveryMethod>, Refusal> {
    let shipped = || goods.iter().filter(|(product, _)| product.requires_shipping);
    if shipped().next().is_none() {
        return Ok(None);
    }
    let grams = shipped()
        .map(|(product, quantity)| u64::from(product.weight_grams) * u64::from(quantity.get()))
        .sum();
    let suits = |method: &DeliveryMethod| {
        method.suits(currency, country, grams, shipped().map(|(product, _)| *product))
    };
    let chosen = match named {
        Some(id) => {
            let method = world.delivery_methods.get(id);
            let method = method.ok_or_else(|| Refusal::DeliveryMethodNotFound(id.clone()))?;
            let unsuitable = |why| Refusal::DeliveryMethodIncompatible { id: id.clone(), why };
            suits(method).map(|()| method).map_err(unsuitable)?
        }
        None => {
            let suitable = world.delivery_methods.iter().filter(|it| suits(it).is_ok());
            suitable
                .min_by_key(|it| (it.price_for(subtotal), it.id.clone()))
                .ok_or(Refusal::NoDeliveryMethod(country))?
        }
    };
    Ok(Some(chosen))
}
