//! `PUT /api/delivery-methods/{id}`: the method is as the document says from now on.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, DeliveryMethodId, Expected, country::Country, delivery::put::PutDeliveryMethod,
};
use engine::Render;

use crate::{
    api::products::{currency, price},
    app::Shared,
    call::{Call, Named},
    json::{Faults, Field, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    refused, reply,
    view::delivery_method::DeliveryMethodView,
};

/// Put a delivery method
///
/// The method is as the document says from now on; what is left out has its default.
#[utoipa::path(
    put, path = "/api/delivery-methods/{id}", operation_id = "put_delivery_method",
    tag = "delivery methods",
    request_body = bodies::PutDeliveryMethodBody,
    responses(
        (status = 200, description = "Changed", body = DeliveryMethodView),
        (status = 201, description = "Made", body = DeliveryMethodView),
    ),
)]
pub(crate) async fn put(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let id = name.parse::<DeliveryMethodId>();
    let (mut method, manner) =
        call.change(body, |tree, faults| read(tree, faults, id.ok())).await?;
    method.expected = call.expected()?;
    call.caller.require_catalog()?;
    let command = Command::PutDeliveryMethod(Box::new(method));
    app.submit(&call, command, manner, Style::Strict, put_answer()).await
}

fn read(
    tree: &Json<'_>,
    faults: &Faults,
    named: Option<DeliveryMethodId>,
) -> Option<PutDeliveryMethod> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let id = refused::own_id(&body, "delivery_method_id", named);
    let name = body.required("name").string(1..=200);
    let amount = price(body.required("price"));
    let free_from = price(body.optional("free_from"));
    let countries = body.optional("countries").array(0..=300);
    let countries = countries.map(|it| it.iter().filter_map(country).collect());
    let max_weight = body.optional("max_weight_grams").integer(1..=1_000_000_000);
    let active = body.optional("active").bool();
    let days = body.optional("estimated_days").array(2..=2);
    let days = days.and_then(|it| {
        let days: Vec<_> = it.iter().filter_map(|it| it.integer(0..=365)).collect();
        match days[..] {
            [fewest, most] => Some((u16::try_from(fewest).ok()?, u16::try_from(most).ok()?)),
            _ => None,
        }
    });
    if days.is_some_and(|(fewest, most)| fewest > most) {
        body.optional("estimated_days").fault("out_of_range", "must be the fewest, then the most");
    }
    let currency = currency(body.optional("currency"));
    // What GET shows may be put back as it is.
    _ = body.optional("version").integer(0..=i64::MAX);
    body.deny_unknown();
    Some(PutDeliveryMethod {
        id: id?,
        name: name?.into(),
        price: amount?,
        currency,
        free_from,
        countries: countries.unwrap_or_default(),
        max_weight_grams: max_weight.and_then(|it| u64::try_from(it).ok()),
        active: active.unwrap_or(true),
        estimated_days: days,
        expected: Expected::Any,
    })
}

pub(crate) fn country(field: Field<'_, '_>) -> Option<Country> {
    field.parse(field.string(2..=100), "unknown_country", |text| {
        Country::parse(text).ok_or("must be an ISO 3166 code or the English name of a country")
    })
}

fn put_answer() -> Render {
    Box::new(|world, result| {
        let (method, created) = outcome::delivery_method(world, result);
        let made_at = created.then(|| format!("/api/delivery-methods/{}", method.id));
        reply::put(&DeliveryMethodView::new(method), method.version, made_at)
    })
}
