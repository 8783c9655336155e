//! `GET /api/customers`.

use axum::{extract::State, http::header::LINK, response::Response};
use domain::CustomerId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, next_link},
    cursor::{self, Part},
    openapi::queries,
    problem::Problem,
    refused,
    reply::document,
    view::customer::CustomerView,
};

#[derive(Serialize, ToSchema)]
#[schema(as = CustomerPage)]
struct Page<'a> {
    customers: Vec<CustomerView<'a>>,
    next_cursor: Option<String>,
}

/// List customers
///
/// In the order of their ids.
#[utoipa::path(
    get, path = "/api/customers", operation_id = "list_customers", tag = "customers",
    params(queries::PageOf),
    responses((status = 200, description = "A page", body = Page)),
)]
pub(crate) async fn list(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let (binding, after, limit) = call.query(|query| {
        let binding = query.binding("customers");
        let after = query.cursor(binding).and_then(|position| match &position[..] {
            [Part::Text(id)] => id.parse::<CustomerId>().ok(),
            _ => None,
        });
        Some((binding, after, query.limit()))
    })?;
    call.caller.require_everywhere(Right::WriteCatalog)?;
    let found = app.reads().customers(after, limit + 1).await;
    let mut customers = found.map_err(refused::store)?;
    let there_is_more = customers.len() > limit as usize;
    customers.truncate(limit as usize);
    let last = customers.last().filter(|_| there_is_more);
    let next_cursor = last.map(|it| cursor::encode(binding, &[Part::Text(it.id.as_str().into())]));
    let link = next_cursor.as_deref().and_then(|cursor| next_link(&call.uri, cursor));
    let customers = customers.iter().map(CustomerView::new).collect();
    let mut response = document(&Page { customers, next_cursor }, None, None);
    if let Some(link) = link {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}
