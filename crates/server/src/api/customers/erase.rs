//! `DELETE /api/customers/{id}`: the person is forgotten, the books stay.

use std::time::Duration;

use axum::{body::Body, extract::State, http::StatusCode, response::Response};
use domain::{Command, CustomerId, OrderNo, customer::erase::EraseCustomer, order::Status};
use store::{OrderFilter, OrderQuery, OrderSort, StoreError};
use tokio::time::Instant;

use super::named;
use crate::{
    app::{App, Shared},
    auth::Right,
    call::{Call, Manner, Named},
    json::Style,
    problem::Problem,
    refused,
    reply::no_content,
};

/// Open orders that a refusal names.
const NAMED_MAX: u32 = 20;

/// How long a request waits for the end of an erasure that it has begun, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Erase a customer
///
/// What is known of the person goes: the customer, the addresses, contacts and notes of the
/// customer's orders, carts, words that orders are found by, and the bodies of stored answers that
/// show any of it. The books stay: orders keep their numbers, items, amounts, metadata and
/// `user_id`, and each has an event `order.person_erased`. A reason that somebody has written
/// stays, too.
///
/// 204: nothing is left. 202: there is much of it, and it goes on by itself, over a restart too;
/// the same request with its key is answered with 204 once nothing is left. Orders that are
/// pending, confirmed or shipped need their address still: 409 names them. Who orders again under
/// the same id is somebody new.
#[utoipa::path(
    delete, path = "/api/customers/{id}", operation_id = "erase_customer", tag = "customers",
    responses(
        (status = 202, description = "Begun; it goes on by itself"),
        (status = 204, description = "Erased"),
    ),
)]
pub(crate) async fn erase(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let manner = call.empty_change(body).await?;
    let expected = call.expected()?;
    call.caller.require_everywhere(Right::WriteCatalog)?;
    let id = named(&name)?;
    let orders = orders(&app, &id).await.map_err(refused::store)?;
    let carts = app.reads().carts_of(id.clone()).await.map_err(refused::store)?;
    let erase = EraseCustomer { id: id.clone(), orders, carts, expected };
    let command = Command::EraseCustomer(Box::new(erase));
    let mut response = app.submit(&call, command, manner, Style::Strict, no_content()).await?;
    if let Manner::Real(_) = manner {
        match ends(&app, &id).await.map_err(refused::store)? {
            // Nobody is told of the person any more; what is in memory goes too.
            true => app.kept.clear(),
            false => *response.status_mut() = StatusCode::ACCEPTED,
        }
    }
    Ok(response)
}

/// Those that are open; without any, the newest: it shows that there is something to erase.
async fn orders(app: &App, id: &CustomerId) -> Result<Vec<OrderNo>, StoreError> {
    let of = |statuses: Vec<Status>, limit| OrderQuery {
        filter: OrderFilter { customers: vec![id.clone()], statuses, ..OrderFilter::default() },
        sort: OrderSort::NewestFirst,
        after: None,
        limit,
        with_persons: false,
    };
    let open = vec![Status::Pending, Status::Confirmed, Status::Shipped];
    let mut found = app.reads().orders(of(open, NAMED_MAX)).await?.orders;
    if found.is_empty() {
        found = app.reads().orders(of(Vec::new(), 1)).await?.orders;
    }
    Ok(found.iter().map(|it| it.no).collect())
}

/// Whether the customer's erasure comes to its end while somebody waits.
async fn ends(app: &App, id: &CustomerId) -> Result<bool, StoreError> {
    let begun = Instant::now();
    app.engine.hurry_erasures();
    loop {
        if app.reads().erasure(id.clone()).await?.is_none() {
            return Ok(true);
        }
        if begun.elapsed() > PATIENCE {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
