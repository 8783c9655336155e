//! `PUT /api/orders/{id}/status`: the shop moves an order on.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command, Expected, OrderNo,
    order::{
        Status, cancel::CancelOrder, confirm::ConfirmOrder, deliver::DeliverOrder,
        reopen::ReopenOrder, ship::ShipOrder,
    },
};

use super::changed_order;
use crate::{
    app::Shared,
    auth::Right,
    call::{Call, Named},
    json::{Faults, Fields, Json, Style},
    openapi::bodies,
    problem::Problem,
    view::order::{OrderView, Viewer},
};

const TARGETS: [(&str, Status); 5] = [
    ("pending", Status::Pending),
    ("confirmed", Status::Confirmed),
    ("shipped", Status::Shipped),
    ("delivered", Status::Delivered),
    ("cancelled", Status::Cancelled),
];

struct Change {
    status: Status,
    reason: Option<String>,
    carrier: Option<String>,
    tracking_number: Option<String>,
}

/// Move an order on
///
/// From `confirmed` to `shipped` or `cancelled`, from `shipped` to `delivered`, from `pending` to
/// `confirmed` or `cancelled`. Any other move is refused, and `current_status` says why.
#[utoipa::path(
    put, path = "/api/orders/{id}/status", operation_id = "update_order_status", tag = "orders",
    request_body = bodies::OrderStatusChange,
    responses((status = 200, description = "The order as it is now", body = OrderView)),
)]
pub(crate) async fn status(
    State(app): Shared,
    Named(id): Named,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let (change, manner) = call.change(body, read).await?;
    let expected = call.expected()?;
    call.caller.require(Right::WriteAnyOrder)?;
    let order = app.order_no(&id).await?;
    let command = change.into_command(order, expected);
    let render = changed_order(Viewer::Shop);
    app.submit(&call, command, manner, Style::Strict, render).await
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<Change> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let status = body.required("status").one_of(&TARGETS);
    let reason = body.optional("reason").string(1..=500);
    let carrier = body.optional("carrier").string(1..=100);
    let tracking_number = body.optional("tracking_number").string(1..=100);
    body.deny_unknown();
    Some(Change {
        status: status?,
        reason: reason.map(Into::into),
        carrier: carrier.map(Into::into),
        tracking_number: tracking_number.map(Into::into),
    })
}

impl Change {
    fn into_command(self, order: OrderNo, expected: Expected) -> Command {
        let Change { status, reason, carrier, tracking_number } = self;
        match status {
            Status::Pending => Command::ReopenOrder(ReopenOrder { order, expected }),
            Status::Confirmed => Command::ConfirmOrder(ConfirmOrder { order, expected }),
            Status::Shipped => {
                Command::ShipOrder(ShipOrder { order, reason, carrier, tracking_number, expected })
            }
            Status::Delivered => Command::DeliverOrder(DeliverOrder { order, reason, expected }),
            Status::Cancelled => Command::CancelOrder(CancelOrder { order, reason, expected }),
        }
    }
}
