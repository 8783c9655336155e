//! What is for sale.

pub mod delete;
pub mod import;
pub mod put;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    id::{DeliveryMethodId, ProductId, VariantId},
    money::{Currency, Money},
};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    pub sku: Option<String>,
    pub price: Money,
    pub currency: Currency,
    pub active: bool,
    pub requires_shipping: bool,
    /// Without it the product never runs out.
    pub track_stock: bool,
    pub weight_grams: u32,
    pub tax_class: Option<String>,
    /// Empty: every method may carry it.
    pub delivery_methods: Vec<DeliveryMethodId>,
    pub variants: Vec<Variant>,
    pub low_stock_at: Option<i64>,
    pub metadata: BTreeMap<String, String>,
    pub version: u64,
}

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    pub id: VariantId,
    pub name: String,
    pub sku: Option<String>,
    /// Without one the product's price holds.
    pub price: Option<Money>,
}

impl Product {
    pub fn variant(&self, id: &VariantId) -> Option<&Variant> {
        self.variants.iter().find(|it| it.id == *id)
    }

    pub(crate) fn differs_only_in_version(&self, other: &Product) -> bool {
        Product { version: other.version, ..self.clone() } == *other
    }
}
