//! `POST /v1/updateMerchantOrderId`: the shop tells its own id of an order.

use axum::{body::Body, extract::State, response::Response};
use domain::{Command, order::set_merchant_order_id::SetMerchantOrderId};

use super::{
    changes::{Answer, change},
    door::{Knock, Refused},
    parameters::Parameters,
};
use crate::{app::Shared, openapi::bodies};

const CALL: &str = "updateMerchantOrderId";
const LENGTH_MAX: usize = 255;

/// Tell the shop's own id of an order
///
/// From then on orderDetail has it as `merchantOrderId`. To tell the same again is the same
/// success. What is wrong is told with status 200, in `error`.
#[utoipa::path(
    post, path = "/v1/updateMerchantOrderId", operation_id = "update_merchant_order_id",
    tag = "order retrieval",
    request_body = bodies::retrieval::MerchantOrderIdBody,
    responses((status = 200, description = "Done, or what is wrong", body = Answer)),
)]
pub(crate) async fn update_merchant_order_id(
    State(app): Shared,
    knock: Knock,
    body: Body,
) -> Response {
    change((&app, &knock, body), CALL, read, |target, merchant_order_id| {
        let no = target.id.no;
        let success = format!("Updated Order: {no} with new merchantOrderId: {merchant_order_id}");
        let command = SetMerchantOrderId { order: target.no, merchant_order_id };
        (Command::SetMerchantOrderId(command), success)
    })
    .await
}

/// The order, and what to call it.
fn read(asked: &Parameters<'_>) -> Result<(String, String), Refused> {
    let order = asked.text("orderId").ok_or_else(|| {
        Refused::because("Parameter orderId is required to processUpdateMerchantOrderId")
    })?;
    let id = asked
        .word("merchantOrderId")
        .map_err(|_| Refused::because("Parameter merchantOrderId must be a string or a number"))?;
    let id = id.ok_or_else(|| {
        Refused::because("Parameter merchantOrderId is required to updateMerchantOrderId.")
    })?;
    if id.chars().count() > LENGTH_MAX {
        let sentence = format!("Parameter merchantOrderId has more than {LENGTH_MAX} characters");
        return Err(Refused::because(sentence));
    }
    Ok((order.into(), id.into()))
}
