//! `PUT /api/customers/{id}`: what the shop knows of a customer is as the document says.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, CustomerId, Expected,
    customer::{Channel, put::PutCustomer, usual_channels},
};
use engine::{Answer, Render};

use crate::{
    api::orders::placing::email,
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    refused, reply,
    view::customer::CustomerView,
};

const CHANNELS: [(&str, Channel); 2] = [("email", Channel::Email), ("sms", Channel::Sms)];

/// Put a customer
///
/// The shop knows what the document says from now on; what is left out is not known any more.
/// Orders fall back to it: to the e-mail address and the phone where neither their body nor the
/// token has one, and to the name where an address has none. Orders that were placed keep what
/// they were placed with.
#[utoipa::path(
    put, path = "/api/customers/{id}", operation_id = "put_customer", tag = "customers",
    request_body = bodies::PutCustomerBody,
    responses(
        (status = 200, description = "Changed", body = CustomerView),
        (status = 201, description = "Made known", body = CustomerView),
    ),
)]
pub(crate) async fn put(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let id = name.parse::<CustomerId>();
    let (mut customer, manner) =
        call.change(body, |tree, faults| read(tree, faults, id.ok())).await?;
    customer.expected = call.expected()?;
    call.caller.require_everywhere(Right::WriteCatalog)?;
    let place = format!("/api/customers/{}", customer.id);
    let command = Command::PutCustomer(Box::new(customer));
    app.submit(&call, command, manner, Style::Strict, put_answer(&place)).await
}

pub(super) fn read(
    tree: &Json<'_>,
    faults: &Faults,
    named: Option<CustomerId>,
) -> Option<PutCustomer> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let id = refused::own_id(&body, "customer_id", named);
    let name = body.optional("name").string(1..=200);
    let email = email(body.optional("email"));
    let phone = body.optional("phone").string(1..=50);
    let locale = body.optional("locale");
    let locale =
        locale.parse(locale.string(2..=35), "invalid_locale", |text| match is_locale(text) {
            true => Ok(text.to_owned()),
            false => Err("must be a language tag, such as en or nb-NO"),
        });
    let channels = body.optional("notify").array(0..=CHANNELS.len());
    let channels: Option<Vec<Channel>> =
        channels.map(|it| it.iter().filter_map(|it| it.one_of(&CHANNELS)).collect());
    let mut notify = channels.unwrap_or_else(usual_channels);
    notify.sort_unstable();
    notify.dedup();
    // What GET shows may be put back as it is.
    _ = body.optional("version").integer(0..=i64::MAX);
    body.deny_unknown();
    Some(PutCustomer {
        id: id?,
        name: name.map(Into::into),
        email,
        phone: phone.map(Into::into),
        locale,
        notify,
        expected: Expected::Any,
    })
}

/// The shape of a language tag (RFC 5646); which languages there are is not for us to say.
fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language =
        |it: &str| (2..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphabetic());
    let is_part =
        |it: &str| (1..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric());
    parts.next().is_some_and(is_language) && parts.all(is_part)
}

pub(super) fn put_answer(place: &str) -> Render {
    let place = place.to_owned();
    Box::new(move |world, result| {
        let (customer, created) = outcome::customer(world, result);
        let made_at = created.then(|| place.clone());
        let answer = reply::put(&CustomerView::new(customer), customer.version, made_at);
        Answer { shows: Some(customer.id.clone()), ..answer }
    })
}
