//! Import a product: the product and what lies on its shelves in one decision. What is as it says
//! already is not written again, so a repeated import changes nothing.

use super::put::PutProduct;
use crate::{
    command::{Decision, Outcome},
    event::{AdminEvent, StockChanged},
    id::VariantId,
    refusal::{Found, Refusal, Refusals, Subject},
    stock::{Stock, StockKey},
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct ImportProduct {
    pub product: PutProduct,
    /// Shelves that are not named stay as they are.
    pub counted: Vec<Counted>,
}

/// So many lie on a shelf of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub variant: Option<VariantId>,
    pub on_hand: i64,
}

impl ImportProduct {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        self.product.keys(keys);
        keys.stock.extend(self.counted.iter().map(|it| self.shelf(it)));
    }

    pub(crate) fn decide(&self, world: &World) -> Result<Decision, Refusals> {
        let before = world.products.get(&self.product.id);
        let product = self.product.product(world)?;
        let mut found = Found::default();
        let mut events = Vec::new();
        for counted in &self.counted {
            let subject = self.subject(counted);
            match &counted.variant {
                Some(id) if product.variant(id).is_none() => {
                    let (product, variant) = (product.id.clone(), id.clone());
                    found.add(subject, Refusal::VariantNotFound { product, variant });
                }
                None if !product.variants.is_empty() => {
                    found.add(subject, Refusal::VariantRequired { product: product.id.clone() });
                }
                Some(_) | None if !product.track_stock => {
                    found.add(subject, Refusal::StockNotTracked(product.id.clone()));
                }
                Some(_) | None => match self.moved(world, counted) {
                    Ok(moved) => events.extend(moved.map(AdminEvent::StockChanged)),
                    Err(refusal) => found.add(subject, refusal),
                },
            }
        }
        found.settle()?;
        let is_same = before.is_some_and(|it| it.differs_only_in_version(&product));
        if !is_same {
            events.insert(0, AdminEvent::ProductPut(Box::new(product)));
        }
        let outcome = Outcome::Product { id: self.product.id.clone(), created: before.is_none() };
        Ok(Decision { admin_events: events, ..Decision::on_effects(Vec::new(), outcome) })
    }

    /// How the shelf changes, if it does.
    fn moved(&self, world: &World, counted: &Counted) -> Result<Option<StockChanged>, Refusal> {
        let key = self.shelf(counted);
        let Stock { on_hand: before, reserved, version: _ } =
            world.stock.get(&key).copied().unwrap_or_default();
        let on_hand = counted.on_hand;
        if on_hand > Stock::MAX {
            return Err(Refusal::StockOutOfRange);
        }
        if on_hand < reserved {
            return Err(Refusal::StockBelowReserved { on_hand, reserved });
        }
        let delta = on_hand.checked_sub(before).ok_or(Refusal::StockOutOfRange)?;
        let changed = StockChanged { stock: key, delta, on_hand, reason: None };
        Ok((delta != 0).then_some(changed))
    }

    fn shelf(&self, counted: &Counted) -> StockKey {
        StockKey::main(self.product.id.clone(), counted.variant.clone())
    }

    fn subject(&self, counted: &Counted) -> Subject {
        let index =
            self.product.variants.iter().position(|it| Some(&it.id) == counted.variant.as_ref());
        index.map_or(Subject::OnHand, Subject::VariantOnHand)
    }
}
