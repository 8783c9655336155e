//! Stock.

pub(crate) mod adjust;
pub(crate) mod get;
pub(crate) mod set;

pub(crate) use adjust::adjust;
pub(crate) use get::get;
pub(crate) use set::set;

use std::ops::RangeInclusive;

use domain::{LocationId, ProductId, VariantId, stock::StockKey};
use engine::{Answer, Render};

use crate::{
    json::{Faults, Fields, Json, Style},
    outcome,
    problem::Problem,
    query::Query,
    refused,
    reply::{etag, json},
    view::stock::StockView,
};

/// Which shelf a call is about; without a location, the main one.
fn shelf(product: &str, (variant, location): Place) -> Result<StockKey, Problem> {
    let product = product_id(product)?;
    Ok(StockKey { product, variant, location: location.unwrap_or_else(LocationId::main) })
}

type Place = (Option<VariantId>, Option<LocationId>);

fn shelf_in_query(query: &mut Query<'_>) -> Option<Place> {
    let variant = query.id("variant_id").and_then(|it| it.parse().ok());
    let location = query.id("location_id").and_then(|it| it.parse().ok());
    Some((variant, location))
}

/// How many, and why.
fn count_in_body(
    tree: &Json<'_>,
    faults: &Faults,
    name: &'static str,
    range: RangeInclusive<i64>,
) -> Option<(i64, Option<String>)> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let count = body.required(name).integer(range);
    let reason = body.optional("reason").string(1..=500);
    body.deny_unknown();
    Some((count?, reason.map(Into::into)))
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
            body: json(&StockView::new(
                &key.product,
                key.variant.as_ref(),
                Some(&key.location),
                stock,
            )),
            shows: None,
        }
    })
}
