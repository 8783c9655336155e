//! `PUT /api/stores/{number}`: the store is as the document says from now on.

use std::str::FromStr;

use axum::{
    body::Body,
    extract::State,
    http::{Uri, uri::Authority},
    response::Response,
};
use domain::{
    Command, Expected, StoreId,
    shop::{Shop, put::PutStore},
};
use engine::Render;

use super::named;
use crate::{
    api::products::currency,
    app::Shared,
    call::{Call, Manner, Named},
    json::{Faults, Field, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    reply,
    view::store::StoreView,
};

const HOSTS_MAX: usize = 100;
const HOST_LENGTH_MAX: usize = 253;
const URL_LENGTH_MAX: usize = 2000;

/// Put a store
///
/// The store is as the document says from now on; what is left out has its default. Carts and new
/// orders of the store are priced in its currency: products and delivery methods in another are
/// not sold there. The currency stays once the store has orders. No two stores call their invoices
/// alike, not even after one of them has changed its prefix.
#[utoipa::path(
    put, path = "/api/stores/{number}", operation_id = "put_store", tag = "stores",
    request_body = bodies::PutStoreBody,
    responses(
        (status = 200, description = "Changed", body = StoreView),
        (status = 201, description = "Made", body = StoreView),
    ),
)]
pub(crate) async fn put(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let number = name.parse::<StoreId>().ok();
    let (mut put, manner) = call.change(body, |tree, faults| read(tree, faults, number)).await?;
    put.expected = call.expected()?;
    put.id = named(&call, &name)?;
    let command = Command::PutStore(Box::new(put));
    let response = app.submit(&call, command, manner, Style::Strict, put_answer()).await?;
    if let Manner::Real(_) = manner
        && let Err(error) = app.shops.look_again(app.reads()).await
    {
        // It is changed; this process will notice with the next look that succeeds.
        tracing::warn!(%error, "stores can't be read");
    }
    Ok(response)
}

fn read(tree: &Json<'_>, faults: &Faults, number: Option<StoreId>) -> Option<PutStore> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let repeated = body.optional("store_id");
    let other = repeated.integer(1..=u32::MAX.into());
    if number.zip(other).is_some_and(|(number, other)| i64::from(number.0) != other) {
        repeated.fault("id_mismatch", "must be the number in the address");
    }
    let name = body.required("name").string(1..=200);
    let currency = currency(body.required("currency"));
    let zone = body.optional("time_zone");
    let time_zone = zone.parse(zone.string(1..=100), "unknown_time_zone", |name| {
        Shop::zone_name(name).ok_or("must be an IANA time zone, such as Europe/Oslo")
    });
    let prefix = body.optional("invoice_prefix");
    let invoice_prefix = prefix.parse(prefix.string(1..=16), "invalid_prefix", |text| {
        let is_plain = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'-';
        match text.bytes().all(is_plain) {
            true => Ok(text.to_owned()),
            false => Err("must be 1 to 16 of A-Z 0-9 -"),
        }
    });
    let hosts = body.optional("success_hosts").array(0..=HOSTS_MAX);
    let hosts: Option<Vec<String>> = hosts.map(|it| it.iter().filter_map(host).collect());
    let hosts = hosts.unwrap_or_default();
    let success_url = success_url(body.optional("success_url"), &hosts);
    let test = body.optional("test").bool();
    // What GET shows may be put back as it is.
    _ = body.optional("version").integer(0..=i64::MAX);
    body.deny_unknown();
    Some(PutStore {
        // A number that names nothing is refused where its turn comes.
        id: number.unwrap_or(StoreId::FIRST),
        name: name?.into(),
        currency: currency?,
        time_zone: time_zone.unwrap_or_else(|| "UTC".into()),
        invoice_prefix,
        success_url,
        success_hosts: hosts,
        test: test.unwrap_or(false),
        expected: Expected::Any,
    })
}

/// Where customers who have paid may be sent: a web page, on one of the hosts if some are named.
fn success_url(field: Field<'_, '_>, hosts: &[String]) -> Option<String> {
    let text = field.string(1..=URL_LENGTH_MAX);
    let is_web = |it: &Uri| matches!(it.scheme_str(), Some("http" | "https"));
    let url: Uri = field.parse(text, "invalid_url", |text| {
        let url = Uri::from_str(text).ok().filter(is_web);
        let has_user = |it: &Uri| it.authority().is_some_and(|it| it.as_str().contains('@'));
        url.filter(|it| !has_user(it)).ok_or("must be an http or https address")
    })?;
    let host = url.host().unwrap_or_default().to_ascii_lowercase();
    if !hosts.is_empty() && !hosts.contains(&host) {
        field.fault("host_not_listed", "must be on one of success_hosts");
    }
    text.map(Into::into)
}

/// The name of a host alone, in small letters.
fn host(field: Field<'_, '_>) -> Option<String> {
    field.parse(field.string(1..=HOST_LENGTH_MAX), "invalid_host", |text| {
        let authority = Authority::from_str(text).ok();
        let is_plain = authority.is_some_and(|it| it.host() == text);
        let is_name = |it: u8| it.is_ascii_alphanumeric() || b".-".contains(&it);
        match is_plain && text.bytes().all(is_name) {
            true => Ok(text.to_ascii_lowercase()),
            false => Err("must be the name of a host, without a scheme, port or path"),
        }
    })
}

fn put_answer() -> Render {
    Box::new(|world, result| {
        let (shop, created) = outcome::shop(world, result);
        let made_at = created.then(|| format!("/api/stores/{}", shop.id));
        reply::put(&StoreView::new(shop), shop.version, made_at)
    })
}
