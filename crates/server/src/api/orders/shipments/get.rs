//! `GET /api/orders/{id}/shipments/{shipment_id}`.

use axum::{extract::State, response::Response};

use crate::{
    api::orders::seen_order,
    app::Shared,
    call::{Call, NamedWithin},
    problem::Problem,
    refused,
    reply::document,
    view::shipment::ShipmentView,
};

/// Get a shipment
///
/// The `ETag` is the order's.
#[utoipa::path(
    get, path = "/api/orders/{id}/shipments/{shipment_id}", operation_id = "get_shipment",
    tag = "shipments", responses((status = 200, description = "The shipment", body = ShipmentView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    NamedWithin(id, shipment_id): NamedWithin,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    let if_none_match = call.if_none_match()?;
    let (order, _) = seen_order(&app, &call, &id).await?;
    let shipment = order.shipments.iter().find(|it| it.id == shipment_id);
    let shipment =
        shipment.ok_or_else(|| refused::not_found("shipment_not_found", "Shipment not found"))?;
    Ok(document(&ShipmentView::new(shipment), Some(order.version), if_none_match.as_ref()))
}
