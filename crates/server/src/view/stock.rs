//! What there is of a product.

use domain::{ProductId, VariantId, stock::Stock};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Stock)]
pub(crate) struct StockView<'a> {
    product_id: &'a str,
    variant_id: Option<&'a str>,
    on_hand: i64,
    reserved: i64,
    available: i64,
}

impl<'a> StockView<'a> {
    pub(crate) fn new(
        product: &'a ProductId,
        variant: Option<&'a VariantId>,
        stock: Stock,
    ) -> StockView<'a> {
        StockView {
            product_id: product.as_str(),
            variant_id: variant.map(VariantId::as_str),
            on_hand: stock.on_hand,
            reserved: stock.reserved,
            available: stock.available(),
        }
    }
}
