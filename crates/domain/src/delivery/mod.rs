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
