//! The calls by which a shop's own system fetches its finished orders: `/v1` and `/v2`, alike.
//!
//! They are those of a published API, so they are answered as its clients expect it, with its
//! sentences and statuses. `door.rs` lets a shop in by the secret in the body and says how it is
//! refused; `parameters.rs` reads what it asks, leniently; `shops.rs` knows the secrets. A call is
//! a file. A shop sees complete orders, by their retrieval numbers, and its own alone.

mod changes;
pub(crate) mod create_temp_cart;
mod detail_view;
mod door;
pub(crate) mod order_detail;
pub(crate) mod order_numbers;
mod parameters;
pub(crate) mod set_shipment_tracking;
mod shops;
pub(crate) mod update_merchant_order_id;
pub(crate) mod update_vendor_order_status;

pub(crate) use self::{
    create_temp_cart::create_temp_cart, order_detail::order_detail, order_numbers::order_numbers,
    set_shipment_tracking::set_shipment_tracking, shops::Shops,
    update_merchant_order_id::update_merchant_order_id,
    update_vendor_order_status::update_vendor_order_status,
};
