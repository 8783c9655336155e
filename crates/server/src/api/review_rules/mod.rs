//! Rules of fraud review, per store: what they are, and what they would have found.

pub(crate) mod get;
pub(crate) mod put;
mod reading;
pub(crate) mod try_out;

pub(crate) use get::get;
pub(crate) use put::put;
pub(crate) use try_out::try_out;

use domain::{StoreId, shop::Shop};

use crate::{
    app::App, auth::Right, call::Call, json::Faults, problem::Problem, query::Query, refused,
};

/// The store that the query names: else the first.
fn store_of(query: &mut Query<'_>) -> Option<StoreId> {
    let number = query.integer("store_id", 1..=u32::MAX.into());
    Some(number.and_then(|it| u32::try_from(it).ok()).map_or(StoreId::FIRST, StoreId))
}

/// The same ahead of its turn, for a document that may repeat it; faults are told in their turn.
fn named_store(call: &Call) -> Option<StoreId> {
    let faults = Faults::default();
    store_of(&mut Query::parse(call.uri.query(), &faults))
}

/// The store with its rules, if the caller may have to do with them.
async fn shop(app: &App, call: &Call, id: StoreId) -> Result<Shop, Problem> {
    call.caller.require(Right::HoldAndReview)?;
    if !call.caller.may_use_store(id.0.into()) {
        return Err(refused::another_store());
    }
    let shop = app.reads().shop(id).await.map_err(refused::store)?;
    shop.ok_or_else(|| refused::not_found("store_not_found", "Store not found"))
}
