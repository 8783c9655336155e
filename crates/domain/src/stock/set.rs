//! Set what lies on the shelf, after a count.

use super::{Stock, StockKey};
use crate::{
    command::{Decision, Outcome},
    event::{AdminEvent, StockChanged},
    refusal::{Refusal, Refusals, Subject},
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetStock {
    pub stock: StockKey,
    pub on_hand: i64,
    pub reason: Option<String>,
    pub expected: Expected,
}

impl SetStock {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.products.insert(self.stock.product.clone());
        keys.stock.extend([self.stock.clone(), self.stock.at_main()]);
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let stock = find(world, &self.stock, &self.expected)?;
        let delta = self.on_hand.checked_sub(stock.on_hand);
        let delta = delta.ok_or((Subject::OnHand, Refusal::StockOutOfRange))?;
        moved(&self.stock, stock, delta, self.reason.as_ref())
    }
}

/// The stock row of a product that exists; one never counted holds nothing.
pub(super) fn find(world: &World, key: &StockKey, expected: &Expected) -> Result<Stock, Refusals> {
    let product = world
        .products
        .get(&key.product)
        .ok_or_else(|| Refusal::ProductNotFound(key.product.clone()))?;
    match &key.variant {
        Some(id) if product.variant(id).is_none() => {
            let (product, variant) = (product.id.clone(), id.clone());
            return Err(Refusal::VariantNotFound { product, variant }.into());
        }
        None if !product.variants.is_empty() => {
            return Err(Refusal::VariantRequired { product: product.id.clone() }.into());
        }
        Some(_) | None => {}
    }
    if !product.track_stock {
        return Err(Refusal::StockNotTracked(product.id.clone()).into());
    }
    let stock = world.stock.get(key).copied();
    expected.check(Some(stock.unwrap_or_default().version))?;
    let locations = world.elsewhere.get(&key.at_main()).map_or(0, |it| it.len());
    if stock.is_none() && !key.is_main() && locations >= Stock::LOCATIONS_MAX {
        return Err(Refusal::TooManyLocations(product.id.clone()).into());
    }
    Ok(stock.unwrap_or_default())
}

pub(super) fn moved(
    key: &StockKey,
    stock: Stock,
    delta: i64,
    reason: Option<&String>,
) -> Result<Decision, Refusals> {
    let on_hand = stock.on_hand.checked_add(delta).filter(|it| *it <= Stock::MAX);
    let on_hand = on_hand.ok_or((Subject::OnHand, Refusal::StockOutOfRange))?;
    if on_hand < stock.reserved {
        let reserved = stock.reserved;
        return Err((Subject::OnHand, Refusal::StockBelowReserved { on_hand, reserved }).into());
    }
    let changed = StockChanged { stock: key.clone(), delta, on_hand, reason: reason.cloned() };
    Ok(Decision::on_catalogue(AdminEvent::StockChanged(changed), Outcome::Stock(key.clone())))
}
