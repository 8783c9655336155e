//! `GET /api/orders/{id}/shipments`.

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::orders::seen_order,
    app::Shared,
    call::{Call, Named},
    problem::Problem,
    reply::document,
    view::shipment::ShipmentView,
};

#[derive(Serialize, ToSchema)]
struct Shipments<'a> {
    shipments: Vec<ShipmentView<'a>>,
}

/// List the shipments of an order
///
/// In the order in which they left. The `ETag` is the order's.
#[utoipa::path(
    get, path = "/api/orders/{id}/shipments", operation_id = "list_shipments", tag = "shipments",
    responses((status = 200, description = "All shipments of the order", body = Shipments)),
)]
pub(crate) async fn list(
    State(app): Shared,
    Named(id): Named,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    let if_none_match = call.if_none_match()?;
    let (order, _) = seen_order(&app, &call, &id).await?;
    let shipments = order.shipments.iter().map(ShipmentView::new).collect();
    Ok(document(&Shipments { shipments }, Some(order.version), if_none_match.as_ref()))
}
