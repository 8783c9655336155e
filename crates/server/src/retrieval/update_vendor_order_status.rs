//! `POST /v1/updateVendorOrderStatus`: the shop tells how far it has come with an order.

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Command,
    order::{VendorStatus, set_vendor_status::SetVendorStatus},
};

use super::{
    changes::{Answer, change},
    door::{Echoed, Knock, Refused},
    parameters::Parameters,
};
use crate::{app::Shared, openapi::bodies};

const CALL: &str = "updateVendorOrderStatus";

/// Tell how far the shop has come with an order
///
/// `VENDOR_END_OF_DAY_COMPLETE` ships what is left of the order. To tell the status that the order
/// has already is the same success; it stays as it is while the order is cancelled, under review or
/// on hold, and after `VENDOR_CANCELLATION_REQUEST` and `VENDOR_END_OF_DAY_COMPLETE`. What is wrong
/// is told with status 200, in `error`.
#[utoipa::path(
    post, path = "/v1/updateVendorOrderStatus", operation_id = "update_vendor_order_status",
    tag = "order retrieval",
    request_body = bodies::retrieval::VendorOrderStatusBody,
    responses((status = 200, description = "Done, or what is wrong", body = Answer)),
)]
pub(crate) async fn update_vendor_order_status(
    State(app): Shared,
    knock: Knock,
    body: Body,
) -> Response {
    change((&app, &knock, body), CALL, read, |target, vendor_status| {
        let (no, name) = (target.id.no, vendor_status.name());
        let success = format!("Updated Order: {no} with new status: {name}");
        let command = SetVendorStatus { order: target.no, vendor_status };
        (Command::SetVendorStatus(command), success)
    })
    .await
}

fn read(asked: &Parameters<'_>) -> Result<(String, VendorStatus), Refused> {
    let missing = |name: &str| Refused::because(format!("Parameter {name} is required to {CALL}"));
    let order = asked.text("orderId").ok_or_else(|| missing("orderId"))?;
    let status = asked.text("orderStatus").ok_or_else(|| missing("orderStatus"))?;
    let known = VendorStatus::parse(status).ok_or_else(|| {
        let status = Echoed(status);
        Refused::because(format!("orderStatus: {status} is not a status that a vendor can set"))
    })?;
    Ok((order.into(), known))
}
