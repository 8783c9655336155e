//! Which cart a request is about: the id in its address, and whose it is.

use domain::{CartId, CustomerId, cart::CartKey};

use crate::{
    api::orders::placing::buyer, auth::Right, call::Call, json::Nullable, problem::Problem,
    query::Query, refused,
};

/// The customer whom a query names: who may write orders for anyone names whose cart it is.
pub(super) fn owner(query: &mut Query<'_>) -> Nullable<CustomerId> {
    let named = query.id("user_id").and_then(|it| it.parse().ok());
    named.map_or(Nullable::Absent, Nullable::Value)
}

/// The right to keep carts, and then the cart. An id that names nothing is no cart.
pub(super) fn key(call: &Call, id: &str, owner: Nullable<CustomerId>) -> Result<CartKey, Problem> {
    require(call)?;
    let owner = buyer(call, owner)?;
    let id: CartId =
        id.parse().map_err(|_| refused::not_found("cart_not_found", "Cart not found"))?;
    Ok(CartKey { owner, id })
}

pub(super) fn require(call: &Call) -> Result<(), Problem> {
    call.caller.require_any(&[Right::OwnOrders, Right::WriteAnyOrder])
}
