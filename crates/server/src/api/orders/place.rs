//! `POST /api/orders`: place an order from items, to be paid later, or from a cart.

use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use domain::order::Status;
use engine::{Answer, Render};
use serde::Serialize;
use utoipa::ToSchema;

use super::placing::{self, Ordered, Terms};
use crate::{
    api::carts::outside,
    app::Shared,
    auth::Right,
    call::{Call, order_url},
    json::{Faults, Json},
    openapi::{bodies, queries, words},
    outcome,
    problem::Problem,
    reply::{etag, json},
    view::order::{OrderView, Viewer},
};

/// Place an order
///
/// **From a cart**: its items become an order, and the cart is consumed. Addresses, contact and
/// delivery method are the body's, else the cart's. A method that is prepaid leaves the order
/// pending; `POST /api/orders/{id}/payments` makes its intent.
///
/// **From items**, to be paid later: the prices are the catalogue's, the stock is reserved, and the
/// order is confirmed. Both spellings of a field are understood; fields that are not known are
/// ignored. Of several refusals the first by their order here gives status and code, and all of
/// them are told in `errors`.
#[utoipa::path(
    post, path = "/api/orders", operation_id = "place_order", tag = "orders",
    params(queries::PlacingHeaders),
    request_body = bodies::PlaceOrderBody,
    responses(
        (
            status = 201,
            description = "Placed: from a cart, or with the order where it is asked for",
            body = PlacedView,
        ),
        (status = 204, description = "Placed; `Location` is the order's address"),
    ),
)]
pub(crate) async fn place(State(app): Shared, call: Call, body: Body) -> Result<Response, Problem> {
    let for_anyone = call.caller.may(Right::WriteAnyOrder);
    let read =
        |tree: &Json<'_>, faults: &Faults| placing::read(tree, faults, for_anyone, Terms::Later);
    let (placing, manner) = call.change(body, read).await?;
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])?;
    let style = placing.style;
    let mut place = placing.into_order(&call)?;
    if let Ordered::Cart(order) = &mut place {
        order.outside = outside::ask(&app, &order.cart).await?;
    }
    let viewer = Viewer::of(call.caller.is_customer());
    let with_order = wants_representation(&call.headers);
    let render = match &place {
        Ordered::Cart(_) => received(),
        Ordered::Items(_) if with_order => created(viewer),
        Ordered::Items(_) => accepted(),
    };
    app.submit(&call, place.into_command(), manner, style, render).await
}

/// What an order from a cart is answered with, and what one from items where it is asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = PlacedOrder)]
#[serde(untagged)]
#[expect(dead_code, reason = "described, never made")]
pub(crate) enum PlacedView<'a> {
    Received(ReceivedView),
    Order(Box<OrderView<'a>>),
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReceivedOrder)]
pub(crate) struct ReceivedView {
    order_id: String,
    #[schema(schema_with = words::order_status)]
    status: &'static str,
    message: &'static str,
}

/// 201 and what the buyer is told.
fn received() -> Render {
    Box::new(|world, result| {
        let order = outcome::order(world, result);
        let message = match order.status {
            Status::Pending => "Order received and pending payment.",
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled => {
                "Order received and confirmed."
            }
        };
        let (order_id, status) = (order.no.to_string(), order.status.name());
        Answer {
            status: 201,
            location: Some(order_url(order.no)),
            etag: Some(etag(order.version)),
            body: json(&ReceivedView { order_id, status, message }),
        }
    })
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
