//! `GET /api/orders`: a page of orders, or all of a list as a stream.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use domain::Order;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    listing::{Extent, Listing},
    stream::{self, Format},
};
use crate::{
    accept,
    app::{App, Shared},
    call::Call,
    openapi::queries,
    paging,
    problem::Problem,
    refused,
    view::order::{OrderEntry, Viewer},
};

#[derive(Serialize, ToSchema)]
#[schema(as = OrderPage)]
struct Page {
    #[schema(value_type = Vec<OrderEntry>)]
    orders: Vec<Text>,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// Where an index was asked that is fed a moment after the commit: the list is as of this
    /// event, or a later one.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of_seq: Option<u64>,
}

/// As it was written.
struct Text(Arc<RawValue>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// List orders
///
/// A page of the orders that the caller may see. What is looked at for a page is bounded: where a
/// filter lets few orders through, a page may have fewer entries than asked for, even none, and the
/// list goes on while there is a `next_cursor`.
///
/// With `Accept: text/csv` or `application/x-ndjson` all of the list is streamed, without pages:
/// the orders that there were at its start, each as it is when it is read. `X-As-Of-Seq` says up
/// to which event it is complete. An order that changes meanwhile may come twice when sorted by
/// `updated_at`. A stream that could not be finished ends by a reset of the connection.
#[utoipa::path(
    get, path = "/api/orders", operation_id = "list_orders", tag = "orders",
    params(queries::ListOrders),
    responses((status = 200, description = "A page, or all of the list", content(
        (Page = "application/json"),
        (String = "text/csv"),
        (OrderEntry = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn list(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let format = format(&call.headers);
    let extent = if format.is_some() { Extent::Whole } else { Extent::Page };
    let mut listing = call.query(|query| Some(Listing::read(query, extent)))?;
    listing.narrow(&call)?;
    match format {
        Some(format) => stream::stream(app, &call, listing, format).await,
        None => page(&app, &call, &listing).await,
    }
}

/// Pages for everyone who does not ask for something else.
fn format(headers: &HeaderMap) -> Option<Format> {
    match accept::choose(headers, &["application/json", "text/csv", "application/x-ndjson"])? {
        "text/csv" => Some(Format::Csv),
        "application/x-ndjson" => Some(Format::Lines),
        _ => None,
    }
}

async fn page(app: &App, call: &Call, listing: &Listing) -> Result<Response, Problem> {
    let count = match listing.count {
        true => {
            let filter = listing.query.filter.clone();
            Some(app.reads().count_orders(filter).await.map_err(refused::store)?)
        }
        false => None,
    };
    let found = app.reads().orders(listing.query.clone()).await.map_err(refused::store)?;
    let next_cursor = found.next.map(|it| listing.cursor(it));
    let viewer = Viewer::of(call.caller.is_customer());
    let entry = |order: &Arc<Order>| Text(app.kept.entry(order, listing.expanded, viewer));
    let entries = found.orders.iter().map(entry);
    let page = Page { orders: entries.collect(), next_cursor, count, as_of_seq: found.as_of_seq };
    Ok(paging::page(&page, &call.uri, page.next_cursor.as_deref()))
}
