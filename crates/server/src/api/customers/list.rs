//! `GET /api/customers`.

use axum::{extract::State, response::Response};
use domain::CustomerId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::Shared,
    auth::Right,
    call::Call,
    cursor::Part,
    openapi::queries,
    paging::{self, Wanted},
    problem::Problem,
    refused,
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
    let wanted = call.query(|query| Wanted::read(query, "customers", paging::id::<CustomerId>))?;
    call.caller.require_everywhere(Right::WriteCatalog)?;
    let found = app.reads().customers(wanted.after.clone(), wanted.rows()).await;
    let mut customers = found.map_err(refused::store)?;
    let next_cursor = wanted.cut(&mut customers, |it| Part::Text(it.id.as_str().into()));
    let customers = customers.iter().map(CustomerView::new).collect();
    let page = Page { customers, next_cursor };
    Ok(paging::page(&page, &call.uri, page.next_cursor.as_deref()))
}
