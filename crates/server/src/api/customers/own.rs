//! `GET` and `PUT /api/customers/me`: what the shop knows of its caller.

use axum::{body::Body, extract::State, response::Response};
use domain::Command;

use super::put::{put_answer, read};
use crate::{
    app::Shared, auth::Right, call::Call, json::Style, openapi::bodies, problem::Problem, refused,
    reply::document, view::customer::CustomerView,
};

/// Get one's own customer
///
/// The customer is the subject of the token. Of one who has neither ordered nor told anything
/// there is what the token tells: the id and the e-mail address, and no version.
#[utoipa::path(
    get, path = "/api/customers/me", operation_id = "get_own_customer", tag = "customers",
    responses((status = 200, description = "The customer", body = CustomerView)),
)]
pub(crate) async fn get(State(app): Shared, call: Call) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    let if_none_match = call.if_none_match()?;
    call.caller.require(Right::OwnOrders)?;
    let id = call.customer()?;
    let found = app.reads().customer(id.clone()).await.map_err(refused::store)?;
    Ok(match &found {
        Some(it) => document(&CustomerView::new(it), Some(it.version), if_none_match.as_ref()),
        None => document(&CustomerView::unknown(&id, call.caller.email()), None, None),
    })
}

/// Put one's own customer
///
/// The shop knows what the document says from now on; what is left out is not known any more.
/// Orders that were placed keep what they were placed with.
#[utoipa::path(
    put, path = "/api/customers/me", operation_id = "put_own_customer", tag = "customers",
    request_body = bodies::PutCustomerBody,
    responses(
        (status = 200, description = "Changed", body = CustomerView),
        (status = 201, description = "Made known", body = CustomerView),
    ),
)]
pub(crate) async fn put(State(app): Shared, call: Call, body: Body) -> Result<Response, Problem> {
    let id = call.customer()?;
    let (mut customer, manner) =
        call.change(body, |tree, faults| read(tree, faults, Some(id))).await?;
    customer.expected = call.expected()?;
    call.caller.require(Right::OwnOrders)?;
    let command = Command::PutCustomer(Box::new(customer));
    app.submit(&call, command, manner, Style::Strict, put_answer("/api/customers/me")).await
}
