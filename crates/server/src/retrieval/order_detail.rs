//! `POST /v1/orderDetail`: all of one complete order.

use axum::{body::Body, extract::State, http::StatusCode, response::Response};
use domain::{Order, RetrievalId};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::{
    detail_view::DetailView,
    door::{Echoed, Kind, Knock, NamedOrder, Refused, RefusedView, Shop, parse, told_written},
    parameters::Parameters,
};
use crate::{
    api::orders::kept::{Document, Name},
    app::{App, Shared},
    openapi::bodies,
    reply::json,
};

const UNREADABLE: &str = "Invalid post body";

#[derive(Serialize, ToSchema)]
#[schema(as = ShopOrderAnswer)]
struct Detail<'a> {
    order: DetailView<'a>,
}

/// Get a complete order, as a shop's own system imports it
///
/// By its id (`1-10042`, or the number alone), or by the shop's own reference. Every key is there;
/// what has no value is null.
#[utoipa::path(
    post, path = "/v1/orderDetail", operation_id = "get_shop_order", tag = "order retrieval",
    request_body = bodies::retrieval::OrderDetailBody,
    responses(
        (status = 200, description = "The order", body = Detail),
        (status = 400, description = "What is wrong", body = RefusedView),
    ),
)]
pub(crate) async fn order_detail(State(app): Shared, knock: Knock, body: Body) -> Response {
    let found = find(&app, &knock, body).await;
    found.unwrap_or_else(|refused| refused.response(Kind::Reads))
}

async fn find(app: &App, knock: &Knock, body: Body) -> Result<Response, Refused> {
    let bytes = knock.read(body).await?;
    let tree = parse(&bytes, UNREADABLE)?;
    let asked = Parameters::of(&tree).ok_or_else(|| Refused::because(UNREADABLE))?;
    let shop = knock.shop(app, &asked).await?;
    let (name, text) = match (asked.text("orderId"), asked.text("referenceId")) {
        (Some(order), None) => ("orderId", order),
        (None, Some(reference)) => ("referenceId", reference),
        (None, None) => {
            return Err(Refused::because("Parameter orderId or referenceId is required"));
        }
        (Some(_), Some(_)) => {
            let sentence = "Cannot specify both Parameters orderId and referenceId";
            return Err(Refused::because(sentence));
        }
    };
    let reads = app.reads();
    let found = match (name, shop.named(text)) {
        ("referenceId", _) => {
            let found = reads.order_by_reference(shop.store, text.into()).await;
            found.map(|it| it.map(|order| Document::new(&order, detail(&order, &shop))))
        }
        (_, NamedOrder::Own(id)) => by_id(app, id, &shop).await,
        (_, NamedOrder::Others) => Ok(None),
        (_, NamedOrder::Malformed) => {
            let sentence = format!("orderId: {} is not a valid orderId", Echoed(text));
            return Err(Refused::because(sentence));
        }
    };
    let found = found.map_err(Refused::store)?.ok_or_else(|| {
        Refused::because(format!("Could not find an order with {name}: {}", Echoed(text)))
    })?;
    Ok(told_written(StatusCode::OK, found.body))
}

async fn by_id(app: &App, id: RetrievalId, shop: &Shop) -> Result<Option<Document>, StoreError> {
    let reads = app.reads();
    let name = Name::Detail(id, shop.known.as_of);
    if let Some(kept) = app.kept.find(reads, name) {
        return Ok(Some(kept));
    }
    let Some(no) = reads.order_by_retrieval(id).await? else { return Ok(None) };
    app.kept.read(reads, no, name, |order| detail(order, shop)).await
}

fn detail(order: &Order, shop: &Shop) -> String {
    json(&Detail { order: DetailView::new(order, shop) })
}
