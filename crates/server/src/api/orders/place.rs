//! `POST /api/orders`: place an order from items, to be paid later.

use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use domain::Command;
use engine::{Answer, Render};

use super::placing;
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, order_url},
    json::{Faults, Json},
    openapi::{bodies, queries},
    outcome,
    problem::Problem,
    reply::{etag, json},
    view::order::{OrderView, Viewer},
};

/// Place an order
///
/// From items, to be paid later: the prices are the catalogue's, the stock is reserved, and the
/// order is confirmed. Both spellings of a field are understood; fields that are not known are
/// ignored. Of several refusals the first by their order here gives status and code, and all of
/// them are told in `errors`.
#[utoipa::path(
    post, path = "/api/orders", operation_id = "place_order", tag = "orders",
    params(queries::PlacingHeaders),
    request_body = bodies::PlaceOrderBody,
    responses(
        (status = 201, description = "Placed, where it is asked for", body = OrderView),
        (status = 204, description = "Placed; `Location` is the order's address"),
    ),
)]
pub(crate) async fn place(State(app): Shared, call: Call, body: Body) -> Result<Response, Problem> {
    let for_anyone = call.caller.may(Right::WriteAnyOrder);
    let read = |tree: &Json<'_>, faults: &Faults| placing::read(tree, faults, for_anyone);
    let (placing, idempotency) = call.change(body, read).await?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let style = placing.style;
    let place = placing.into_command(&call)?;
    let viewer = Viewer::of(call.caller.is_customer());
    let render = if wants_representation(&call.headers) { created(viewer) } else { accepted() };
    app.submit(&call, Command::PlaceOrder(Box::new(place)), idempotency, style, render).await
}

/// 204: the order's address says all.
fn accepted() -> Render {
    Box::new(|world, result| {
        let order = outcome::order(world, result);
        Answer {
            status: 204,
            location: Some(order_url(order.no)),
            etag: Some(etag(order.version)),
            body: String::new(),
        }
    })
}

/// 201 and the order.
fn created(viewer: Viewer) -> Render {
    Box::new(move |world, result| {
        let order = outcome::order(world, result);
        Answer {
            status: 201,
            location: Some(order_url(order.no)),
            etag: Some(etag(order.version)),
            body: json(&OrderView::new(order, viewer)),
        }
    })
}

/// `Prefer: return=representation` (RFC 7240).
fn wants_representation(headers: &HeaderMap) -> bool {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .any(|it| {
            let preference = it.split(';').next().unwrap_or_default().trim();
            let spaceless: String = preference.chars().filter(|it| *it != ' ').collect();
            spaceless.eq_ignore_ascii_case("return=representation")
                || spaceless.eq_ignore_ascii_case("return=\"representation\"")
        })
}
