//! What left the house together.

use domain::shipment::Shipment;
use serde::Serialize;
use utoipa::ToSchema;

use super::Time;
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Shipment)]
pub(crate) struct ShipmentView<'a> {
    shipment_id: &'a str,
    #[schema(schema_with = words::shipment_status)]
    status: &'static str,
    items: Vec<ShipmentItemView>,
    carrier: Option<&'a str>,
    /// The first of them.
    tracking_number: Option<&'a str>,
    tracking_numbers: Vec<&'a str>,
    created_at: Time,
    delivered_at: Option<Time>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ShipmentItem)]
struct ShipmentItemView {
    line: u32,
    quantity: u32,
}

impl<'a> ShipmentView<'a> {
    pub(crate) fn new(shipment: &'a Shipment) -> ShipmentView<'a> {
        let items = shipment
            .items
            .iter()
            .map(|it| ShipmentItemView { line: it.line, quantity: it.quantity.get() });
        ShipmentView {
            shipment_id: &shipment.id,
            status: if shipment.delivered_at.is_some() { "delivered" } else { "shipped" },
            items: items.collect(),
            carrier: shipment.carrier.as_deref(),
            tracking_number: shipment.tracking_number.as_deref(),
            tracking_numbers: shipment.tracking_numbers().collect(),
            created_at: Time(shipment.at),
            delivered_at: shipment.delivered_at.map(Time),
        }
    }
}
