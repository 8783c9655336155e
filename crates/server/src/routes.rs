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
        admin, carts, clients, customers, delivery_methods, events, health, metrics, oauth,
        openapi,
        orders::{self, shipments},
        products, reconciliation, review_rules,
        sandbox::{behaviour, payments},
        stock, stores, well_known,
    },
    app::App,
    headers,
    pages::{self, assets, checkout, docs, problems},
    problem::Problem,
    request_id::{self, Front, IdSource},
    retrieval,
};

pub fn router(app: Arc<App>) -> Router {
    let ids = {
        let app = app.clone();
        IdSource::new(move || {
            let now = app.engine.clock().now();
            app.engine.ids().uuid(now).to_string()
        })
    };
    let (limiter, meters) = (app.limiter.clone(), app.meters.clone());
    let front = Front { ids, limiter, meters, adopt: app.settings.adopt };
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
        .route("/api/orders/{id}/review", post(orders::review))
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
        .route("/api/customers", get(customers::list))
        .route("/api/customers/me", get(customers::own::get).put(customers::own::put))
        .route(
            "/api/customers/{id}",
            get(customers::get).put(customers::put).delete(customers::erase),
        )
        .route("/api/stores", get(stores::list))
        .route("/api/stores/{number}", get(stores::get).put(stores::put))
        .route("/api/review-rules", get(review_rules::get).put(review_rules::put))
        .route("/api/review-rules/try", post(review_rules::try_out))
        .route("/api/stores/{number}/rotate-secret", post(stores::rotate_secret))
        .route("/api/events", get(events::feed))
        .route("/api/reconciliation", get(reconciliation::get))
        .route("/api/admin/log", get(admin::log))
        .route("/api/clients", get(clients::list).post(clients::create))
        .route("/api/clients/{id}", get(clients::get).delete(clients::remove))
        .route("/v1/orderNumbers", post(retrieval::order_numbers))
        .route("/v2/orderNumbers", post(retrieval::order_numbers))
        .route("/v1/orderDetail", post(retrieval::order_detail))
        .route("/v2/orderDetail", post(retrieval::order_detail))
        .route("/v1/updateMerchantOrderId", post(retrieval::update_merchant_order_id))
        .route("/v2/updateMerchantOrderId", post(retrieval::update_merchant_order_id))
        .route("/v1/updateVendorOrderStatus", post(retrieval::update_vendor_order_status))
        .route("/v2/updateVendorOrderStatus", post(retrieval::update_vendor_order_status))
        .route("/v1/setShipmentTracking", post(retrieval::set_shipment_tracking))
        .route("/v2/setShipmentTracking", post(retrieval::set_shipment_tracking))
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
        .merge(for_any_page())
        .layer(from_fn_with_state(front, request_id::attend))
        .with_state(app)
}

/// What shops' pages call from whatever origin; they know no secret.
fn for_any_page() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/createTempCart", post(retrieval::create_temp_cart))
        .route("/v2/createTempCart", post(retrieval::create_temp_cart))
        .layer(headers::cors_for_any())
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
        .route("/checkout", get(checkout::address::show).post(checkout::address::put))
        .route("/checkout/delivery", get(checkout::delivery::show).post(checkout::delivery::put))
        .route("/checkout/payment", get(checkout::payment::show).post(checkout::payment::order))
        .route("/checkout/pay", post(checkout::wait::pay))
        .route("/checkout/wait", get(checkout::wait::show))
        .route("/order-complete", get(checkout::complete::show))
        .route("/sandbox/pay/{secret}", get(checkout::sandbox::show).post(checkout::sandbox::act))
        .route("/docs", get(docs::show))
        .route("/docs/retrieval", get(pages::retrieval::show))
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
