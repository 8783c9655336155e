//! Every URL, on one page.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{Method, StatusCode},
    middleware::from_fn_with_state,
    routing::{get, post, put},
};

use crate::{
    api::{delivery_methods, events, health, openapi, orders, products, stock},
    app::App,
    problem::Problem,
    request_id::{self, IdSource},
};

pub fn router(app: Arc<App>) -> Router {
    let ids = {
        let app = app.clone();
        IdSource::new(move || {
            let now = app.engine.clock().now();
            app.engine.ids().uuid(now).to_string()
        })
    };
    Router::new()
        .route("/api/orders", get(orders::list).post(orders::place))
        .route("/api/orders/{id}", get(orders::get).delete(orders::cancel))
        .route("/api/orders/{id}/status", put(orders::status))
        .route("/api/orders/{id}/paid", axum::routing::patch(orders::mark_paid))
        .route("/api/orders/{id}/events", get(orders::events))
        .route("/api/products", get(products::list))
        .route("/api/products/{id}", get(products::get).put(products::put).delete(products::delete))
        .route("/api/stock/{product_id}", get(stock::get).put(stock::set))
        .route("/api/stock/{product_id}/adjust", post(stock::adjust))
        .route("/api/delivery-methods", get(delivery_methods::list))
        .route(
            "/api/delivery-methods/{id}",
            get(delivery_methods::get).put(delivery_methods::put).delete(delivery_methods::delete),
        )
        .route("/api/events", get(events::feed))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(ids, request_id::attend))
        .with_state(app)
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "route_not_found", "There is nothing at this address")
}

/// axum adds `Allow`.
async fn no_such_method(request: Request) -> Problem {
    let path = request.uri().path();
    let is_order =
        path.strip_prefix("/api/orders/").is_some_and(|id| !id.is_empty() && !id.contains('/'));
    let detail = match *request.method() {
        Method::PUT | Method::PATCH if is_order => {
            "Orders cannot be modified after creation. Cancel the order and create a new one."
        }
        _ => "This address does not know this method",
    };
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
