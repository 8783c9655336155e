//! What there is of a product.

use domain::{LocationId, ProductId, VariantId, stock::Stock};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Stock)]
pub(crate) struct StockView<'a> {
    product_id: &'a str,
    variant_id: Option<&'a str>,
    /// Null: the sum over all.
    location_id: Option<&'a str>,
    on_hand: i64,
    reserved: i64,
    available: i64,
}

impl<'a> StockView<'a> {
    pub(crate) fn new(
        product: &'a ProductId,
        variant: Option<&'a VariantId>,
        location: Option<&'a LocationId>,
        stock: Stock,
    ) -> StockView<'a> {
        StockView {
            product_id: product.as_str(),
            variant_id: variant.map(VariantId::as_str),
            location_id: location.map(LocationId::as_str),
            on_hand: stock.on_hand,
            reserved: stock.reserved,
            available: stock.available(),
        }
    }
}
