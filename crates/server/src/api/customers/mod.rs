//! Customers: what the shop knows of them, and forgetting it.

pub(crate) mod erase;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod own;
pub(crate) mod put;

pub(crate) use erase::erase;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use put::put;

use domain::CustomerId;

use crate::{problem::Problem, refused};

/// The customer that an address names; what is no id names nobody.
fn named(name: &str) -> Result<CustomerId, Problem> {
    name.parse().map_err(|_| not_found())
}

fn not_found() -> Problem {
    refused::not_found("customer_not_found", "Customer not found")
}
