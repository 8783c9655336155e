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
    api::{
        admin, carts, clients, delivery_methods, events, health, metrics, oauth, openapi,
        orders::{self, shipments},
        products, reconciliation,
        sandbox::{behaviour, payments},
        stock, well_known,
    },
    app::App,
    headers, meters,
    pages::{assets, docs, problems},
    problem::Problem,
    request_id::{self, Front, IdSource},
};

pub fn router(app: Arc<App>) -> Router {
    let ids = {
        let app = app.clone();
        IdSource::new(move || {
            let now = app.engine.clock().now();
            app.engine.ids().uuid(now).to_string()
        })
    };
    let front = Front { ids, limiter: app.limiter.clone() };
    let router = Router::new()
        .route("/api/orders", get(orders::list).post(orders::place))
        .route("/api/orders/with-payment", post(orders::with_payment))
        .route("/api/orders/{id}", get(orders::get).delete(orders::cancel))
        .route("/api/orders/{id}/status", put(orders::status))
        .route("/api/orders/{id}/paid", axum::routing::patch(orders::mark_paid))
        .route("/api/orders/{id}/payments", post(orders::payments))
        .route("/api/orders/{id}/refunds", post(orders::refunds))
        .route("/api/orders/{id}/shipments", get(shipments::list).post(shipments::create))
        .route(
            "/api/orders/{id}/shipments/{shipment_id}",
            get(shipments::get).patch(shipments::update),
        )
        .route("/api/orders/{id}/hold", post(orders::hold))
        .route("/api/orders/{id}/release", post(orders::release))
        .route("/api/orders/{id}/events", get(orders::events))
        .route("/api/carts", post(carts::create))
        .route("/api/carts/{id}", get(carts::get).put(carts::put).delete(carts::delete))
        .route("/api/carts/{id}/items", put(carts::put_items))
        .route("/api/products", get(products::list))
        .route("/api/products/import", post(products::import).merge(products::named()))
        .route("/api/products/{id}", get(products::get).put(products::put).delete(products::delete))
        .route("/api/stock/{product_id}", get(stock::get).put(stock::set))
        .route("/api/stock/{product_id}/adjust", post(stock::adjust))
        .route("/api/delivery-methods", get(delivery_methods::list))
        .route(
            "/api/delivery-methods/{id}",
            get(delivery_methods::get).put(delivery_methods::put).delete(delivery_methods::delete),
        )
        .route("/api/events", get(events::feed))
        .route("/api/reconciliation", get(reconciliation::get))
        .route("/api/admin/log", get(admin::log))
        .route("/api/clients", get(clients::list).post(clients::create))
        .route("/api/clients/{id}", get(clients::get).delete(clients::remove))
        .route("/oauth/token", post(oauth::token))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .route("/.well-known/oauth-authorization-server", get(well_known::metadata))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route("/openapi.json", get(openapi::document));
    let router = if app.sandbox.is_some() { with_sandbox(router) } else { router };
    let origins = app.settings.cors_origins.clone();
    let router =
        with_pages(router).fallback(no_such_route).method_not_allowed_fallback(no_such_method);
    let router = match &origins[..] {
        [] => router,
        origins => router.layer(headers::cors(origins)),
    };
    router
        .layer(from_fn_with_state(front, request_id::attend))
        .layer(from_fn_with_state(app.clone(), meters::count))
        .with_state(app)
}

/// Where the payment sandbox is the provider in use.
fn with_sandbox(router: Router<Arc<App>>) -> Router<Arc<App>> {
    router
        .route("/sandbox/payments/{intent}", get(payments::get))
        .route("/sandbox/payments/{intent}/confirm", post(payments::confirm))
        .route("/sandbox/payments/{intent}/decline", post(payments::decline))
        .route("/sandbox/payments/{intent}/processing", post(payments::process))
        .route("/sandbox/payments/{intent}/cancel", post(payments::cancel))
        .route("/sandbox/behaviour", put(behaviour::behave))
}

/// For people with a browser; the description has none of them.
fn with_pages(router: Router<Arc<App>>) -> Router<Arc<App>> {
    router
        .route("/docs", get(docs::show))
        .route("/docs/assets/{name}", get(assets::get))
        .route("/problems", get(problems::list))
        .route("/problems/", get(problems::list))
        .route("/problems/{code}", get(problems::one))
}

pub(crate) async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "route_not_found", "There is nothing at this address")
}

/// axum adds `Allow`.
async fn no_such_method(request: Request) -> Problem {
    let path = request.uri().path();
    let is_order = path
        .strip_prefix("/api/orders/")
        .is_some_and(|id| !id.is_empty() && !id.contains('/') && id != "with-payment");
    let detail = match *request.method() {
        Method::PUT | Method::PATCH if is_order => {
            "Orders cannot be modified after creation. Cancel the order and create a new one."
        }
        _ => "This address does not know this method",
    };
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
