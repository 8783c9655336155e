//! The HTTP API: a folder a resource, a file a verb. A handler reads the request, asks for the
//! right, and submits a command or asks a question.

pub(crate) mod admin;
pub(crate) mod carts;
pub(crate) mod clients;
pub(crate) mod customers;
pub(crate) mod delivery_methods;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod oauth;
pub(crate) mod openapi;
pub(crate) mod orders;
pub(crate) mod products;
pub(crate) mod reconciliation;
pub(crate) mod review_rules;
pub(crate) mod sandbox;
pub(crate) mod stock;
pub(crate) mod stores;
pub(crate) mod well_known;
