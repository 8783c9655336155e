//! `PATCH /api/orders/{id}/shipments/{shipment_id}`: how a shipment is found, and that it arrived.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, shipment::update::UpdateShipment};
use engine::{Answer, Render};

use crate::{
    app::Shared,
    auth::Right,
    call::{Call, NamedWithin},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    reply::{etag, json},
    view::shipment::ShipmentView,
};

struct Asked {
    carrier: Option<String>,
    tracking_number: Option<String>,
    delivered: bool,
}

/// Say more of a shipment
///
/// What is left out stays as it is. The only status to be told is `delivered`. When all shipments
/// of a `shipped` order have arrived, the order is `delivered`. What says nothing new changes
/// nothing: a carrier may tell the same twice.
#[utoipa::path(
    patch, path = "/api/orders/{id}/shipments/{shipment_id}", operation_id = "update_shipment",
    tag = "shipments", request_body = bodies::UpdateShipmentBody,
    responses((status = 200, description = "The shipment as it is now", body = ShipmentView)),
)]
pub(crate) async fn update(
    State(app): Shared,
    NamedWithin(id, shipment): NamedWithin,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (asked, manner) = call.change(body, read).await?;
    let expected = call.expected()?;
    call.caller.require(Right::WriteAnyOrder)?;
    let order = app.order_no(&id).await?;
    let Asked { carrier, tracking_number, delivered } = asked;
    let command = Command::UpdateShipment(UpdateShipment {
        order,
        shipment,
        carrier,
        tracking_number,
        delivered,
        expected,
    });
    app.submit(&call, command, manner, Style::Strict, updated()).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Asked> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let carrier = body.optional("carrier").string(1..=100);
    let tracking_number = body.optional("tracking_number").string(1..=100);
    let delivered = body.optional("status").one_of(&[("delivered", true)]);
    body.deny_unknown();
    Some(Asked {
        carrier: carrier.map(Into::into),
        tracking_number: tracking_number.map(Into::into),
        delivered: delivered.unwrap_or(false),
    })
}

/// 200 and the shipment, as the command left it.
fn updated() -> Render {
    Box::new(|world, result| {
        let (order, shipment) = outcome::shipment(world, result);
        Answer {
            status: 200,
            location: None,
            etag: Some(etag(order.version)),
            body: json(&ShipmentView::new(shipment)),
            shows: None,
        }
    })
}
