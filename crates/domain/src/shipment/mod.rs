//! What left the house together: of which lines, with whom, and whether it has arrived.

pub mod create;
pub mod set_tracking;
pub mod update;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{moment::Moment, order::Order, quantity::Quantity};

#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    pub id: String,
    pub items: Vec<ShipmentItem>,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    /// Where it left in several parcels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_tracking_numbers: Vec<String>,
    pub at: Moment,
    pub delivered_at: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentItem {
    pub line: u32,
    pub quantity: Quantity,
}

impl Shipment {
    pub fn tracking_numbers(&self) -> impl Iterator<Item = &str> {
        self.tracking_number.iter().chain(&self.further_tracking_numbers).map(String::as_str)
    }
}

/// All of an order that was neither shipped nor cancelled.
pub(crate) fn all_open(order: &Order) -> Vec<ShipmentItem> {
    let open = order.lines.iter().filter_map(|line| {
        Quantity::new(line.open()).map(|quantity| ShipmentItem { line: line.no, quantity })
    });
    open.collect()
}

/// The next shipment of an order.
pub(crate) fn packed(
    order: &Order,
    items: Vec<ShipmentItem>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    now: Moment,
) -> Shipment {
    Shipment {
        id: format!("shp_{}_{}", order.no.0, order.shipments.len() + 1),
        items,
        carrier,
        tracking_number,
        further_tracking_numbers: Vec::new(),
        at: now,
        delivered_at: None,
    }
}
