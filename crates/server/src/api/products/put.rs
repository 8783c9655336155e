//! `PUT /api/products/{id}`: the product is as the document says from now on.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, Currency, Expected, ProductId, VariantId,
    catalog::put::{PutProduct, PutVariant},
};
use engine::Render;

use crate::{
    api::orders::{decimal, id},
    app::Shared,
    call::{Call, Named},
    json::{Faults, Field, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    refused, reply,
    view::product::ProductView,
};

const VARIANTS_MAX: usize = 500;
const WEIGHT_MAX: i64 = 1_000_000_000;

/// Put a product
///
/// The product is as the document says from now on; what is left out has its default. Orders that
/// were placed keep the names and prices that they have.
#[utoipa::path(
    put, path = "/api/products/{id}", operation_id = "put_product", tag = "products",
    request_body = bodies::PutProductBody,
    responses(
        (status = 200, description = "Changed", body = ProductView),
        (status = 201, description = "Made", body = ProductView),
    ),
)]
pub(crate) async fn put(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let id = name.parse::<ProductId>();
    let (mut product, manner) =
        call.change(body, |tree, faults| read(tree, faults, id.ok())).await?;
    product.expected = call.expected()?;
    call.caller.require_catalog()?;
    let command = Command::PutProduct(Box::new(product));
    app.submit(&call, command, manner, Style::Strict, put_answer()).await
}

fn read(tree: &Json<'_>, faults: &Faults, named: Option<ProductId>) -> Option<PutProduct> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let id = refused::own_id(&body, "product_id", named);
    product(&body, id, &mut |_, _| {})
}

/// Reads the document of a product. What else its variants may say is for `further` to read.
pub(super) fn product(
    body: &Fields<'_, '_>,
    id: Option<ProductId>,
    further: &mut dyn FnMut(Option<&VariantId>, &Fields<'_, '_>),
) -> Option<PutProduct> {
    let name = body.required("name").string(1..=200);
    let sku = body.optional("sku").string(1..=100);
    let price = price(body.required("price"));
    let currency = currency(body.optional("currency"));
    let active = body.optional("active").bool();
    let requires_shipping = body.optional("requires_shipping").bool();
    let track_stock = body.optional("track_stock").bool();
    let weight = body.optional("weight_grams").integer(0..=WEIGHT_MAX);
    let tax_class = body.optional("tax_class").string(1..=100);
    let methods = body.optional("delivery_methods").array(0..=100);
    let methods = methods.map(|it| it.iter().filter_map(crate::api::orders::id).collect());
    let variants = body.optional("variants").array(0..=VARIANTS_MAX);
    let variants: Option<Vec<PutVariant>> =
        variants.map(|it| it.iter().filter_map(|it| variant(it, further)).collect());
    let variants = variants.unwrap_or_default();
    let mut seen = std::collections::BTreeSet::new();
    if variants.iter().any(|it| !seen.insert(&it.id)) {
        body.optional("variants").fault("duplicate_variant", "must not name a variant twice");
    }
    let low_stock_at = body.optional("low_stock_at").integer(0..=1_000_000_000);
    let metadata = body.optional("metadata").string_map().unwrap_or_default();
    // What GET shows may be put back as it is.
    _ = body.optional("version").integer(0..=i64::MAX);
    body.deny_unknown();
    Some(PutProduct {
        id: id?,
        name: name?.into(),
        sku: sku.map(Into::into),
        price: price?,
        currency,
        active: active.unwrap_or(true),
        requires_shipping: requires_shipping.unwrap_or(true),
        track_stock: track_stock.unwrap_or(true),
        weight_grams: weight.and_then(|it| u32::try_from(it).ok()).unwrap_or(0),
        tax_class: tax_class.map(Into::into),
        delivery_methods: methods.unwrap_or_default(),
        variants,
        low_stock_at,
        metadata: metadata.into_iter().map(|(key, it)| (key.into(), it.into())).collect(),
        expected: Expected::Any,
    })
}

fn variant(
    field: Field<'_, '_>,
    further: &mut dyn FnMut(Option<&VariantId>, &Fields<'_, '_>),
) -> Option<PutVariant> {
    let body = field.object()?;
    let variant_id = id(body.required("variant_id"));
    further(variant_id.as_ref(), &body);
    let name = body.required("name").string(1..=200);
    let sku = body.optional("sku").string(1..=100);
    let price = price(body.optional("price"));
    body.deny_unknown();
    Some(PutVariant { id: variant_id?, name: name?.into(), sku: sku.map(Into::into), price })
}

pub(crate) fn currency(field: Field<'_, '_>) -> Option<Currency> {
    field.parse(field.string(3..=3), "unknown_currency", |code| {
        Currency::parse(code).ok_or("must be an ISO 4217 code")
    })
}

/// An amount that may be asked for something: nothing, or more.
pub(crate) fn price(field: Field<'_, '_>) -> Option<domain::Decimal> {
    let amount = decimal(field)?;
    if amount.is_negative() {
        field.fault("out_of_range", "must not be negative");
    }
    Some(amount)
}

fn put_answer() -> Render {
    Box::new(|world, result| {
        let (product, created) = outcome::product(world, result);
        let made_at = created.then(|| format!("/api/products/{}", product.id));
        reply::put(&ProductView::new(product), product.version, made_at)
    })
}
