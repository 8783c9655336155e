//! `GET /api/orders/{id}`.

use axum::{extract::State, response::Response};

use crate::{
    app::Shared,
    call::{Call, Named},
    problem::Problem,
    refused,
    reply::document,
    view::order::{OrderView, Viewer},
};

/// Get an order
///
/// Names and prices are those of the moment of placing.
#[utoipa::path(
    get, path = "/api/orders/{id}", operation_id = "get_order", tag = "orders",
    responses((status = 200, description = "The order", body = OrderView)),
)]
pub(crate) async fn get(
    State(app): Shared,
    Named(id): Named,
    call: Call,
) -> Result<Response, Problem> {
    call.query(|_| Some(()))?;
    let if_none_match = call.if_none_match()?;
    let reader = call.reader()?;
    let no = app.order_no(&id).await?;
    let order = app.reads().order(no).await.map_err(refused::store)?;
    let order = order
        .filter(|it| reader.may_see(it.customer.as_ref(), it.store))
        .ok_or_else(|| refused::order_not_found(&id))?;
    let viewer = Viewer::of(reader.is_customer());
    let view = OrderView::new(&order, viewer);
    Ok(document(&view, Some(order.version), if_none_match.as_ref()))
}
