//! Carts: a customer's own, or a guest's, kept by whoever may write orders.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
mod naming;
pub(crate) mod outside;
pub(crate) mod put;
pub(crate) mod put_items;
mod reading;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use put::put;
pub(crate) use put_items::put_items;

use domain::cart::CartKey;
use engine::{Answer, Render};

use crate::{
    outcome,
    reply::{etag, json},
    view::cart::CartView,
};

/// The cart, as a command left it, at the prices of that moment. An id that the server would make
/// is not told by a dry run.
fn shown(hides_id: bool) -> Render {
    Box::new(move |world, result| {
        let (cart, created) = outcome::cart(world, result);
        let view = CartView::new(cart, world);
        Answer {
            status: if created { 201 } else { 200 },
            location: (created && !hides_id).then(|| cart_url(&cart.key)),
            etag: Some(etag(cart.version)),
            body: json(&if hides_id { view.without_id() } else { view }),
        }
    })
}

fn cart_url(key: &CartKey) -> String {
    format!("/api/carts/{}", key.id)
}
