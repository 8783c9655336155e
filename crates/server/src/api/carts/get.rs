//! `GET /api/carts/{id}`.

use axum::{extract::State, response::Response};
use domain::Keys;

use super::naming;
use crate::{
    app::Shared,
    call::{Call, Named},
    openapi::queries,
    problem::Problem,
    refused,
    reply::document,
    view::cart::CartView,
};

/// Get a cart
///
/// Prices are the catalogue's of now. An item that can't be bought any more is shown with a null
/// price, and nothing of it is available. The version is the cart's own and does not rise with a
/// price: ask without `If-None-Match` for the prices of now.
#[utoipa::path(
    get, path = "/api/carts/{id}", operation_id = "get_cart", tag = "carts",
    params(queries::WhoseCart),
    responses((status = 200, description = "The cart", body = CartView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(name): Named,
    call: Call,
) -> Result<Response, Problem> {
    let owner = call.query(|query| Some(naming::owner(query)))?;
    let if_none_match = call.if_none_match()?;
    let key = naming::key(&call, &name, owner)?;
    let (actor, now) = (call.actor()?, app.engine.clock().now());
    let mut keys = Keys::default();
    keys.carts.insert(key.clone());
    let found = app.reads().cart_facts(keys).await.map_err(refused::store)?;
    let there = found.carts.get(&key).filter(|it| it.is_there(now));
    // A temp cart is its buyer's.
    let cart = there.filter(|it| it.temp.is_none());
    let cart = cart
        .filter(|it| actor.may_see(it.key.owner.as_ref(), it.store))
        .ok_or_else(|| refused::not_found("cart_not_found", "Cart not found"))?;
    let mut keys = Keys::default();
    cart.keys(&mut keys);
    let priced_by = app.reads().cart_facts(keys).await.map_err(refused::store)?;
    let view = CartView::new(cart, &priced_by);
    Ok(document(&view, Some(cart.version), if_none_match.as_ref()))
}
