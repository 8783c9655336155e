//! Orders.

pub(crate) mod cancel;
pub(crate) mod events;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod mark_paid;
pub(crate) mod place;
mod placing;
pub(crate) mod status;

pub(crate) use cancel::cancel;
pub(crate) use events::events;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use mark_paid::mark_paid;
pub(crate) use place::place;
pub(crate) use placing::{decimal, id};
pub(crate) use status::status;

use engine::Answer;

use crate::{
    outcome,
    reply::{etag, json},
    view::order::{OrderView, Viewer},
};

/// 200 and the order, as a command left it.
fn changed_order(viewer: Viewer) -> engine::Render {
    Box::new(move |world, result| {
        let order = outcome::order(world, result);
        Answer {
            status: 200,
            location: None,
            etag: Some(etag(order.version)),
            body: json(&OrderView::new(order, viewer)),
        }
    })
}
