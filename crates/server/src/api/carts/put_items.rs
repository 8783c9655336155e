//! `PUT /api/carts/{id}/items`: the whole list.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command,
    cart::{CartItem, put_items::PutCartItems},
};

use super::{naming, reading, shown};
use crate::{
    app::Shared,
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::{bodies, queries},
    problem::Problem,
    view::cart::CartView,
};

/// Put the items of a cart
///
/// The whole list; addresses, contact and delivery method stay.
#[utoipa::path(
    put, path = "/api/carts/{id}/items", operation_id = "put_cart_items", tag = "carts",
    params(queries::WhoseCart),
    request_body = bodies::PutCartItemsBody,
    responses((status = 200, description = "Changed", body = CartView)),
)]
pub(crate) async fn put_items(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let ((style, items), owner, manner) =
        call.change_with_query(body, read, |query| Some(naming::owner(query))).await?;
    let expected = call.expected()?;
    let cart = naming::key(&call, &name, owner)?;
    let command = Command::PutCartItems(PutCartItems { cart, items, expected });
    app.submit(&call, command, manner, style, shown(false)).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<(Style, Vec<CartItem>)> {
    let style = Style::spoken_in(tree);
    let body = Fields::of_document(tree, style, faults)?;
    Some((style, reading::items(body.required("items"))?))
}
