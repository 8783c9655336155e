//! A product of the catalogue.

use std::collections::BTreeMap;

use domain::catalog::{Product, Variant};
use serde::Serialize;
use utoipa::ToSchema;

use super::Amount;

#[derive(Serialize, ToSchema)]
#[schema(as = Product)]
pub(crate) struct ProductView<'a> {
    product_id: &'a str,
    name: &'a str,
    sku: Option<&'a str>,
    price: Amount,
    currency: &'static str,
    active: bool,
    requires_shipping: bool,
    track_stock: bool,
    weight_grams: u32,
    tax_class: Option<&'a str>,
    delivery_methods: Vec<&'a str>,
    variants: Vec<VariantView<'a>>,
    low_stock_at: Option<i64>,
    metadata: &'a BTreeMap<String, String>,
    version: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Variant)]
struct VariantView<'a> {
    variant_id: &'a str,
    name: &'a str,
    sku: Option<&'a str>,
    price: Amount,
}

impl<'a> ProductView<'a> {
    pub(crate) fn new(product: &'a Product) -> ProductView<'a> {
        let variant = |it: &'a Variant| VariantView {
            variant_id: it.id.as_str(),
            name: &it.name,
            sku: it.sku.as_deref(),
            price: Amount(it.price.unwrap_or(product.price), product.currency),
        };
        ProductView {
            product_id: product.id.as_str(),
            name: &product.name,
            sku: product.sku.as_deref(),
            price: Amount(product.price, product.currency),
            currency: product.currency.code(),
            active: product.active,
            requires_shipping: product.requires_shipping,
            track_stock: product.track_stock,
            weight_grams: product.weight_grams,
            tax_class: product.tax_class.as_deref(),
            delivery_methods: product
                .delivery_methods
                .iter()
                .map(domain::DeliveryMethodId::as_str)
                .collect(),
            variants: product.variants.iter().map(variant).collect(),
            low_stock_at: product.low_stock_at,
            metadata: &product.metadata,
            version: product.version,
        }
    }
}
