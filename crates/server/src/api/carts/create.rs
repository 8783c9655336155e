//! `POST /api/carts`.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    CartId, Command, CustomerId, StoreId,
    cart::{CartKey, Contents, create::CreateCart},
};

use super::{naming, reading, shown};
use crate::{
    api::orders::{
        id,
        placing::{buyer, require_store, store, store_id},
    },
    app::{App, Shared},
    call::{Call, Manner},
    json::{Faults, Fields, Json, Nullable, Style, USER_ID},
    openapi::bodies,
    problem::Problem,
    view::cart::CartView,
};

struct Asked {
    style: Style,
    id: Option<CartId>,
    owner: Nullable<CustomerId>,
    store: Option<StoreId>,
    contents: Contents,
}

/// Create a cart
///
/// Empty or filled, under the caller's own id or one that the server makes. Ids are each
/// customer's own. What can't be sold is refused; stock is not looked at before the order.
#[utoipa::path(
    post, path = "/api/carts", operation_id = "create_cart", tag = "carts",
    request_body = bodies::CreateCartBody,
    responses((status = 201, description = "Made", body = CartView)),
)]
pub(crate) async fn create(
    State(app): Shared,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (asked, manner) = call.change_with_optional_body(body, read).await?;
    naming::require(&call)?;
    let owner = buyer(&call, asked.owner)?;
    let store = store(&call, asked.store)?.unwrap_or(StoreId::FIRST);
    require_store(&call, store)?;
    let hides_id = asked.id.is_none() && matches!(manner, Manner::Dry);
    let id = asked.id.unwrap_or_else(|| draw(&app));
    let cart = CartKey { owner, id };
    let command =
        Command::CreateCart(Box::new(CreateCart { cart, store, contents: asked.contents }));
    app.submit(&call, command, manner, asked.style, shown(hides_id)).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Asked> {
    let style = Style::spoken_in(tree);
    let body = Fields::of_document(tree, style, faults)?;
    Some(Asked {
        style,
        id: id(body.optional("cart_id")),
        owner: body.optional(USER_ID).nullable(|it| id(it)),
        store: store_id(body.optional("store_id")),
        contents: reading::contents(&body),
    })
}

fn draw(app: &App) -> CartId {
    let now = app.engine.clock().now();
    let text = app.engine.ids().uuid(now).to_string();
    text.parse().expect("a UUID has the letters of an id")
}
