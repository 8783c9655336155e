//! Stock.

pub(crate) mod adjust;
pub(crate) mod get;
pub(crate) mod set;

pub(crate) use adjust::adjust;
pub(crate) use get::get;
pub(crate) use set::set;

use domain::{LocationId, ProductId, VariantId, stock::StockKey};
use engine::{Answer, Render};

use crate::{
    call::Call,
    outcome,
    problem::Problem,
    query::Query,
    refused,
    reply::{etag, json},
    view::stock::StockView,
};

/// Which shelf a call is about; without a location, the main one.
fn shelf(call: &Call, product: &str) -> Result<StockKey, Problem> {
    let (variant, location) = call.query(shelf_in_query)?;
    let product = product_id(product)?;
    Ok(StockKey { product, variant, location: location.unwrap_or_else(LocationId::main) })
}

fn shelf_in_query(query: &mut Query<'_>) -> Option<(Option<VariantId>, Option<LocationId>)> {
    let variant = query.id("variant_id").and_then(|it| it.parse().ok());
    let location = query.id("location_id").and_then(|it| it.parse().ok());
    Some((variant, location))
}

fn product_id(text: &str) -> Result<ProductId, Problem> {
    text.parse().map_err(|_| refused::not_found("product_not_found", "Product not found"))
}

/// 200 and what there is now.
fn changed_stock() -> Render {
    Box::new(|world, result| {
        let (key, stock) = outcome::stock(world, result);
        Answer {
            status: 200,
            location: None,
            etag: Some(etag(stock.version)),
            body: json(&StockView::new(&key.product, key.variant.as_ref(), stock)),
        }
    })
}
