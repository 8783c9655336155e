//! What the server measures: how many requests, how they ended, and how long they took.
//!
//! Labels are the routes of `routes.rs`, never the paths that were asked for, so that nobody can
//! make up new ones from outside.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    core::Collector,
};

use crate::app::App;

pub(crate) struct Meters {
    requests: IntCounterVec,
    took_s: HistogramVec,
    pub(crate) streams: IntGauge,
}

/// From 0.25 ms to 30 s: what a caller feels, and what ends at a provider's time limit.
const BUCKETS_S: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// No route is there, or none for this method.
const NO_ROUTE: &str = "none";

impl Meters {
    /// Its meters are added to what is registered there.
    pub(crate) fn new(registry: &Registry) -> Meters {
        let requests = IntCounterVec::new(
            Opts::new("orderd_http_requests_total", "Requests that were answered"),
            &["route", "method", "status"],
        );
        let options = HistogramOpts::new(
            "orderd_http_request_duration_seconds",
            "From a request's head to the head of its answer",
        );
        let took_s = HistogramVec::new(options.buckets(BUCKETS_S.to_vec()), &["route", "method"]);
        let streams = IntGauge::new("orderd_streams_open", "Answers that do not end");
        let version = Opts::new("orderd_build_info", "Always 1; the label is what counts")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        registered(registry, IntGauge::with_opts(version)).set(1);
        Meters {
            requests: registered(registry, requests),
            took_s: registered(registry, took_s),
            streams: registered(registry, streams),
        }
    }

    fn of(&self, route: &str, method: &str, status: &str) -> (IntCounter, Histogram) {
        (
            self.requests.with_label_values(&[route, method, status]),
            self.took_s.with_label_values(&[route, method]),
        )
    }
}

/// Names and labels are constants here, each is registered once, and a test renders them all.
fn registered<T: Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<T>,
) -> T {
    let meter = made.expect("the name of a meter is well formed");
    registry.register(Box::new(meter.clone())).expect("a meter is registered once");
    meter
}

/// The middleware, for `axum::middleware::from_fn_with_state`.
#[expect(clippy::disallowed_methods, reason = "how long something took is told, and no fact")]
pub(crate) async fn count(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = method(request.method());
    let response = next.run(request).await;
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let (requests, took_s) = app.meters.of(route, method, response.status().as_str());
    requests.inc();
    took_s.observe(begun.elapsed().as_secs_f64());
    response
}

/// A client may make up methods.
fn method(method: &Method) -> &'static str {
    let known = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::OPTIONS, "OPTIONS"),
    ];
    known.iter().find(|(it, _)| it == method).map_or("other", |(_, name)| name)
}
