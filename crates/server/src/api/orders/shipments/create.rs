//! `POST /api/orders/{id}/shipments`: some of an order leaves the house, or all that is left.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, Expected, OrderNo,
    shipment::{ShipmentItem, create::CreateShipment},
};
use engine::{Answer, Render};

use crate::{
    api::orders::{line_and_quantity, placing::ITEMS_MAX},
    app::Shared,
    auth::Right,
    call::{Call, Named, order_url},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    outcome,
    problem::Problem,
    reply::{etag, json},
    view::shipment::ShipmentView,
};

struct Asked {
    items: Option<Vec<ShipmentItem>>,
    carrier: Option<String>,
    tracking_number: Option<String>,
}

/// Ship an order, or a part of it
///
/// Without `items`, all that was neither shipped nor cancelled. What is shipped leaves the stock.
/// While something is open the order stays `confirmed` and its `shipping_status` is
/// `partially_shipped`; with the last item it is `shipped`, and authorized payments are taken.
#[utoipa::path(
    post, path = "/api/orders/{id}/shipments", operation_id = "create_shipment",
    tag = "shipments", request_body = bodies::CreateShipmentBody,
    responses((status = 201, description = "Shipped", body = ShipmentView)),
)]
pub(crate) async fn create(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (asked, manner) = call.change_with_optional_body(body, read).await?;
    let expected = call.expected()?;
    call.caller.require(Right::WriteAnyOrder)?;
    let order = app.order_no(&id).await?;
    let command = Command::CreateShipment(asked.into_command(order, expected));
    app.submit(&call, command, manner, Style::Strict, created()).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Asked> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let items = body.optional("items").array(1..=ITEMS_MAX);
    let items = items.map(|it| {
        let read = it.iter().filter_map(line_and_quantity);
        read.map(|(line, quantity)| ShipmentItem { line, quantity }).collect()
    });
    let carrier = body.optional("carrier").string(1..=100);
    let tracking_number = body.optional("tracking_number").string(1..=100);
    let label = body.optional("buy_label");
    if label.bool() == Some(true) {
        label.fault("label_unavailable", "must be false: no carrier sells labels to this server");
    }
    body.deny_unknown();
    Some(Asked {
        items,
        carrier: carrier.map(Into::into),
        tracking_number: tracking_number.map(Into::into),
    })
}

impl Asked {
    fn into_command(self, order: OrderNo, expected: Expected) -> CreateShipment {
        let Asked { items, carrier, tracking_number } = self;
        CreateShipment { order, items, carrier, tracking_number, expected }
    }
}

/// 201 and the shipment.
fn created() -> Render {
    Box::new(|world, result| {
        let (order, shipment) = outcome::shipment(world, result);
        Answer {
            status: 201,
            location: Some(format!("{}/shipments/{}", order_url(order.no), shipment.id)),
            etag: Some(etag(order.version)),
            body: json(&ShipmentView::new(shipment)),
            shows: None,
        }
    })
}
