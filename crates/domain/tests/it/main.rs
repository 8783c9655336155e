//! What the shop does, by tables: each rule is a row, and a check runs the rows.
#![cfg(test)]

mod carts;
mod clients;
mod customers;
mod delivery;
mod golden;
mod holding;
mod house;
mod importing;
mod locations;
mod merchant;
mod moves;
mod paying;
mod placing;
mod properties;
mod refund_properties;
mod refunds;
mod refusals;
mod reviews;
mod settling;
mod shipment_properties;
mod shipments;
mod stock;
mod stores;
mod temp_carts;
mod till;
mod versions;
