//! What the shop does, by tables: each rule is a row, and a check runs the rows.
#![cfg(test)]

mod delivery;
mod golden;
mod house;
mod moves;
mod placing;
mod properties;
mod refusals;
mod stock;
mod versions;
