//! Stores of the shop: what is sold there is counted in their currency and numbered by their year.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod put;
pub(crate) mod rotate_secret;

pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use put::put;
pub(crate) use rotate_secret::rotate_secret;

use domain::StoreId;

use crate::{auth::Right, call::Call, problem::Problem, refused};

/// The store that an address names, if the caller may have to do with it. What is no number names
/// nothing.
fn named(call: &Call, name: &str) -> Result<StoreId, Problem> {
    call.caller.require(Right::Administer)?;
    let id = name.parse::<StoreId>().map_err(|_| not_found())?;
    match call.caller.may_use_store(id.0.into()) {
        true => Ok(id),
        false => Err(refused::another_store()),
    }
}

fn not_found() -> Problem {
    refused::not_found("store_not_found", "Store not found")
}
