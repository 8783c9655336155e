//! Orders.

pub(crate) mod cancel;
pub(crate) mod events;
pub(crate) mod get;
pub(crate) mod hold;
pub(crate) mod kept;
pub(crate) mod list;
mod listing;
pub(crate) mod mark_paid;
pub(crate) mod payments;
pub(crate) mod place;
pub(crate) mod placing;
pub(crate) mod refunds;
pub(crate) mod review;
pub(crate) mod shipments;
pub(crate) mod status;
mod stream;
pub(crate) mod with_payment;

pub(crate) use cancel::cancel;
pub(crate) use events::events;
pub(crate) use get::get;
pub(crate) use hold::{hold, release};
pub(crate) use list::list;
pub(crate) use mark_paid::mark_paid;
pub(crate) use payments::payments;
pub(crate) use place::place;
pub(crate) use placing::{decimal, id};
pub(crate) use refunds::refunds;
pub(crate) use review::review;
pub(crate) use status::status;
pub(crate) use with_payment::with_payment;

use domain::{Order, Quantity};
use engine::Answer;

use crate::{
    app::App,
    call::Call,
    json::Field,
    outcome,
    problem::Problem,
    refused,
    reply::{etag, json},
    view::order::{OrderView, Viewer},
};

/// The order, if the caller may see it, and how the caller sees it.
async fn seen_order(app: &App, call: &Call, id: &str) -> Result<(Order, Viewer), Problem> {
    let reader = call.reader()?;
    let no = app.order_no(id).await?;
    let order = app.reads().order(no).await.map_err(refused::store)?;
    let order = order.filter(|it| reader.may_see(it.customer.as_ref(), it.store));
    let order = order.ok_or_else(|| refused::order_not_found(id))?;
    Ok((order, Viewer::of(reader.is_customer())))
}

/// A part of an order's line, which refunds and shipments name.
fn line_and_quantity(field: Field<'_, '_>) -> Option<(u32, Quantity)> {
    let item = field.object()?;
    let line = item.required("line").integer(1..=u32::MAX.into());
    let quantity = item.required("quantity").integer(1..=Quantity::MAX.into());
    item.deny_unknown();
    let quantity = Quantity::new(u32::try_from(quantity?).ok()?)?;
    Some((u32::try_from(line?).ok()?, quantity))
}

/// 200 and the order, as a command left it.
fn changed_order(viewer: Viewer) -> engine::Render {
    Box::new(move |world, result| {
        let order = outcome::order(world, result);
        Answer {
            status: 200,
            location: None,
            etag: Some(etag(order.version)),
            body: json(&OrderView::new(order, viewer)),
            shows: order.customer.clone(),
        }
    })
}
