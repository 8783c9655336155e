//! `GET /api/orders`: a page of orders.

use axum::{extract::State, http::header::LINK, response::Response};
use domain::{CustomerId, Moment, OrderNo, StoreId, order::Status};
use serde::Serialize;
use store::{OrderFilter, OrderQuery, OrderSort};
use utoipa::ToSchema;

use crate::{
    app::Shared,
    call::{Call, narrowed, next_link},
    cursor::{self, Binding, Part},
    openapi::queries,
    problem::Problem,
    query::Query,
    refused,
    reply::document,
    view::order::{OrderSummary, Viewer},
};

const STATUSES: [(&str, Status); 5] = [
    ("pending", Status::Pending),
    ("confirmed", Status::Confirmed),
    ("shipped", Status::Shipped),
    ("delivered", Status::Delivered),
    ("cancelled", Status::Cancelled),
];

const SORTS: [(&str, OrderSort); 2] =
    [("-created_at", OrderSort::NewestFirst), ("created_at", OrderSort::OldestFirst)];

#[derive(Serialize, ToSchema)]
#[schema(as = OrderPage)]
struct Page<'a> {
    orders: Vec<OrderSummary<'a>>,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

struct Asked {
    query: OrderQuery,
    count: bool,
    binding: Binding,
}

/// List orders
///
/// A page of the orders that the caller may see, without their items, addresses and payments.
#[utoipa::path(
    get, path = "/api/orders", operation_id = "list_orders", tag = "orders",
    params(queries::ListOrders),
    responses((status = 200, description = "A page", body = Page)),
)]
pub(crate) async fn list(State(app): Shared, call: Call) -> Result<Response, Problem> {
    let mut asked = call.query(read)?;
    let reader = call.reader()?;
    let filter = &mut asked.query.filter;
    if reader.is_customer() {
        let me = call.customer()?;
        if filter.customer.as_ref().is_some_and(|named| *named != me) {
            return Err(refused::another_customer());
        }
        filter.customer = Some(me);
    }
    if let Some(stores) = call.stores() {
        filter.stores = narrowed(std::mem::take(&mut filter.stores), stores);
    }
    let limit = asked.query.limit;
    let count = match asked.count {
        true => Some(app.reads().count_orders(filter.clone()).await.map_err(refused::store)?),
        false => None,
    };
    asked.query.limit += 1;
    let mut orders = app.reads().orders(asked.query).await.map_err(refused::store)?;
    let there_is_more = orders.len() > limit as usize;
    orders.truncate(limit as usize);
    let last = orders.last().filter(|_| there_is_more);
    let next_cursor = last.map(|it| {
        cursor::encode(asked.binding, &[Part::Number(i64::try_from(it.no.0).unwrap_or(i64::MAX))])
    });
    let viewer = Viewer::of(reader.is_customer());
    let link = next_cursor.as_deref().and_then(|cursor| next_link(&call.uri, cursor));
    let orders = orders.iter().map(|it| OrderSummary::new(it, viewer)).collect();
    let mut response = document(&Page { orders, next_cursor, count }, None, None);
    if let Some(link) = link {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}

fn read(query: &mut Query<'_>) -> Option<Asked> {
    let binding = query.binding("orders");
    let filter = OrderFilter {
        customer: customer_in(query),
        statuses: query.words("status", &STATUSES),
        stores: query
            .integers("store_id", 1..=u32::MAX.into())
            .into_iter()
            .filter_map(|it| u32::try_from(it).ok())
            .map(StoreId)
            .collect(),
        created_from: query.time("created_from").map(Moment),
        created_to: query.time("created_to").map(Moment),
    };
    let sort = query.word("sort", &SORTS).unwrap_or_default();
    let limit = query.limit();
    let after = query.cursor(binding).and_then(|position| match position[..] {
        [Part::Number(no)] => u64::try_from(no).ok().map(OrderNo),
        _ => None,
    });
    let count = query.flag("count").unwrap_or(false);
    Some(Asked { query: OrderQuery { filter, sort, after, limit }, count, binding })
}

/// In either spelling, but not in both.
fn customer_in(query: &mut Query<'_>) -> Option<CustomerId> {
    let snake = query.id("user_id");
    let camel = query.id("customerId");
    if snake.is_some() && camel.is_some() {
        query.fault("customerId", "duplicate_parameter", "must not be given beside user_id");
    }
    snake.or(camel)?.parse().ok()
}
