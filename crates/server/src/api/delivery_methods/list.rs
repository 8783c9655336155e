//! `GET /api/delivery-methods`: a shop has a handful, so the list has no pages; with `country` and
//! `total` those that suit, at what they cost then.

use axum::{extract::State, response::Response};
use domain::{Decimal, Money, country::Country, delivery::DeliveryMethod};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::Shared, call::Visit, openapi::queries, problem::Problem, query::Query, refused,
    reply::document, view::delivery_method::DeliveryMethodView,
};

#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryMethodPage)]
struct Page<'a> {
    delivery_methods: Vec<DeliveryMethodView<'a>>,
    next_cursor: Option<String>,
}

/// List delivery methods
///
/// Without the right to write the catalogue, active ones only. With `country` those that go there,
/// with `total` at what they cost an order of that subtotal.
#[utoipa::path(
    get, path = "/api/delivery-methods", operation_id = "list_delivery_methods",
    tag = "delivery methods",
    params(queries::ListDeliveryMethods),
    responses((status = 200, description = "All of them", body = Page)),
)]
pub(crate) async fn list(State(app): Shared, visit: Visit) -> Result<Response, Problem> {
    let (country, total) = visit.query(read)?;
    let everything = visit.may_write_catalog();
    let mut methods = app.reads().delivery_methods().await.map_err(refused::store)?;
    methods.retain(|it| it.active || everything);
    methods.retain(|it| match country {
        Some(country) => it.countries.is_empty() || it.countries.contains(&country),
        None => true,
    });
    if let Some(total) = total {
        for method in &mut methods {
            method.price = price_for(method, total);
        }
    }
    let delivery_methods = methods.iter().map(DeliveryMethodView::new).collect();
    Ok(document(&Page { delivery_methods, next_cursor: None }, None, None))
}

fn read(query: &mut Query<'_>) -> Option<(Option<Country>, Option<Decimal>)> {
    let country =
        query.value("country", "must be a country's code or English name", Country::parse);
    let total = query.value("total", "must be an amount", |text| text.parse().ok());
    Some((country, total))
}

fn price_for(method: &DeliveryMethod, total: Decimal) -> Money {
    match Money::from_decimal(total, method.currency) {
        Ok(total) => method.price_for(total),
        Err(_) => method.price,
    }
}
