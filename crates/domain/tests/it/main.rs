//! What the shop does, by tables: each rule is a row, and a check runs the rows.
#![cfg(test)]

mod carts;
mod clients;
mod delivery;
mod golden;
mod holding;
mod house;
mod importing;
mod locations;
mod moves;
mod paying;
mod placing;
mod properties;
mod refund_properties;
mod refunds;
mod refusals;
mod settling;
mod shipment_properties;
mod shipments;
mod stock;
mod till;
mod versions;
