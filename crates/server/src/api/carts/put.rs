//! `PUT /api/carts/{id}`: the cart is as the document says from now on.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    CartId, Command, StoreId,
    cart::{Contents, put::PutCart},
};

use super::{naming, reading, shown};
use crate::{
    api::orders::placing::{store, store_id},
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::{bodies, queries},
    problem::Problem,
    refused,
    view::cart::CartView,
};

struct Asked {
    style: Style,
    store: Option<StoreId>,
    contents: Contents,
}

/// Put a cart
///
/// The cart holds what the document says from now on, and is kept for as long as a new one. If it
/// is not there, it is made. What GET shows may be put back: prices and totals are ignored.
#[utoipa::path(
    put, path = "/api/carts/{id}", operation_id = "put_cart", tag = "carts",
    params(queries::WhoseCart),
    request_body = bodies::PutCartBody,
    responses(
        (status = 200, description = "Changed", body = CartView),
        (status = 201, description = "Made", body = CartView),
    ),
)]
pub(crate) async fn put(
    State(app): Shared,
    Named(name): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let named = name.parse::<CartId>().ok();
    let read = |tree: &Json<'_>, faults: &Faults| read(tree, faults, named);
    let (asked, owner, manner) =
        call.change_with_query(body, read, |query| Some(naming::owner(query))).await?;
    let expected = call.expected()?;
    let cart = naming::key(&call, &name, owner)?;
    // Customers choose no store; they may put back what they were shown.
    let named = asked.store.filter(|_| call.caller.may(Right::WriteAnyOrder));
    let of_body = named.map(|it| store(&call, Some(it))).transpose()?.flatten();
    let usual_store = store(&call, None)?.unwrap_or(StoreId::FIRST);
    let contents = asked.contents;
    let put = PutCart { cart, store: of_body, usual_store, contents, expected };
    app.submit(&call, Command::PutCart(Box::new(put)), manner, asked.style, shown(false)).await
}

fn read(tree: &Json<'_>, faults: &Faults, named: Option<CartId>) -> Option<Asked> {
    let style = Style::spoken_in(tree);
    let body = Fields::of_document(tree, style, faults)?;
    let id = refused::own_id(&body, "cart_id", named);
    let store = store_id(body.optional("store_id"));
    let contents = reading::contents(&body);
    id.map(|_| Asked { style, store, contents })
}
