//! A cart that a shop fills for a buyer whom it sends here: goods of the catalogue at the
//! catalogue's prices, and lines and discounts of the shop's own.
//!
//! It is nobody's: whoever knows its id may order it, once, and it is no cart of the API's own
//! calls. What the buyer tells on the way stands in the cart's [`Contents`](super::Contents), whose
//! items stay empty.

pub mod create;
pub mod put_buyer;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Cart, CartItem, CartKey};
use crate::{
    id::{CartId, StoreId},
    moment::Moment,
    money::{Currency, Money, Overflow},
    order::{Line, LineDetails, LineKind, MerchantReference},
    quantity::Quantity,
    refusal::Refusal,
    world::{Keys, World},
};

/// Counted from the cart's creation, whatever becomes of it.
pub const KEPT_MS: i64 = 7 * 24 * 3600 * 1000;

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Temp {
    /// Of the amounts here.
    pub currency: Currency,
    pub lines: Vec<TempLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    /// What the shop asks for bringing the goods on their way, beside the delivery method's price.
    pub domestic_shipping: Money,
    pub merchant: Option<MerchantReference>,
    /// Where the buyer goes who has bought; absent: where the store says.
    pub confirmation_url: Option<String>,
    /// Where the buyer goes who has not.
    pub continue_url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TempLine {
    Catalogue(CatalogueLine),
    Own(Box<OwnLine>),
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueLine {
    pub item: CartItem,
    pub details: Option<Box<LineDetails>>,
}

/// Something outside the catalogue, without stock, in the shop's words and at its price.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLine {
    pub name: String,
    pub sku: Option<String>,
    pub quantity: Quantity,
    pub price: Money,
    pub requires_shipping: bool,
    /// Of one piece.
    pub weight_grams: u32,
    pub details: Option<Box<LineDetails>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    pub name: String,
    pub quantity: Quantity,
    /// What one takes off: more than nothing.
    pub amount: Money,
}

impl Discount {
    pub fn total(&self) -> Result<Money, Overflow> {
        self.amount.times(self.quantity.get())
    }
}

impl Temp {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        for line in &self.lines {
            match line {
                TempLine::Catalogue(it) => super::items_keys([&it.item], keys),
                TempLine::Own(_) => {}
            }
        }
    }

    pub(crate) fn discount(&self) -> Result<Money, Overflow> {
        self.discounts.iter().try_fold(Money::ZERO, |sum, it| sum.plus(it.total()?))
    }
}

impl TempLine {
    /// What it is called, and how many: also where it can't be bought any more.
    pub(crate) fn shown(&self, world: &World) -> (Option<String>, Quantity) {
        match self {
            TempLine::Catalogue(it) => {
                let product = world.products.get(&it.item.product);
                (product.map(|it| it.name.clone()), it.item.quantity)
            }
            TempLine::Own(it) => (Some(it.name.clone()), it.quantity),
        }
    }
}

impl OwnLine {
    pub(crate) fn line(&self, no: u32) -> Result<Line, Overflow> {
        Ok(Line {
            no,
            kind: LineKind::Goods,
            product: None,
            variant: None,
            sku: self.sku.clone(),
            name: self.name.clone(),
            quantity: self.quantity,
            price: self.price,
            total: self.price.times(self.quantity.get())?,
            tax_lines: Vec::new(),
            location: None,
            counts: crate::order::Counts::default(),
            details: self.details.clone(),
        })
    }
}

/// The row of a temp cart.
pub fn key(id: CartId) -> CartKey {
    CartKey { owner: None, id }
}

/// The temp cart of this id in this store, if it is still there.
fn find<'w>(
    world: &'w World,
    id: &CartId,
    store: StoreId,
    now: Moment,
) -> Result<&'w Cart, Refusal> {
    let there = world.carts.get(&key(id.clone())).filter(|it| it.is_there(now));
    let there = there.filter(|it| it.temp.is_some() && it.store == store);
    there.ok_or_else(|| Refusal::CartNotFound(id.clone()))
}
