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

/// Something that may have to be brought: a line's worth of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goods<'a> {
    /// Absent: in no catalogue, so any method may carry it.
    pub(crate) product: Option<&'a Product>,
    pub(crate) requires_shipping: bool,
    pub(crate) grams: u64,
}

impl<'a> Goods<'a> {
    pub(crate) fn of(product: &'a Product, quantity: Quantity) -> Goods<'a> {
        let grams = u64::from(product.weight_grams) * u64::from(quantity.get());
        Goods { product: Some(product), requires_shipping: product.requires_shipping, grams }
    }
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

    /// Whether the method serves a country and carries what of these goods is to be shipped.
    pub(crate) fn carries(
        &self,
        currency: Currency,
        country: Option<Country>,
        goods: &[Goods<'_>],
    ) -> Result<(), Unsuitable> {
        let shipped = || goods.iter().filter(|it| it.requires_shipping);
        let grams = shipped().map(|it| it.grams).sum();
        self.suits(currency, country, grams, shipped().filter_map(|it| it.product))
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
    goods: &[Goods<'_>],
) -> Result<Option<&'w DeliveryMethod>, Refusal> {
    if !goods.iter().any(|it| it.requires_shipping) {
        return Ok(None);
    }
    let suits = |method: &DeliveryMethod| method.carries(currency, country, goods);
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
