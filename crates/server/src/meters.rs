//! What the server measures: how many requests, how they ended, and how long they took.
//!
//! Labels are the routes of `routes.rs`, never the paths that were asked for, so that nobody can
//! make up new ones from outside.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
    response::Response,
};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry,
    core::Collector,
};

pub(crate) struct Meters {
    requests: IntCounterVec,
    took_s: HistogramVec,
    turned_away_s: Histogram,
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
        let turned_away = HistogramOpts::new(
            "orderd_http_unavailable_duration_seconds",
            "From a request's head to the head of a 503",
        );
        let turned_away = Histogram::with_opts(turned_away.buckets(BUCKETS_S.to_vec()));
        let version = Opts::new("orderd_build_info", "Always 1; the label is what counts")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        registered(registry, IntGauge::with_opts(version)).set(1);
        Meters {
            requests: registered(registry, requests),
            took_s: registered(registry, took_s),
            turned_away_s: registered(registry, turned_away),
            streams: registered(registry, streams),
        }
    }

    /// A request whose head has come.
    #[expect(clippy::disallowed_methods, reason = "how long something took is told, and no fact")]
    pub(crate) fn begin(&self, request: &Request) -> Begun {
        Begun {
            at: Instant::now(),
            route: request.extensions().get().cloned(),
            method: method(request.method()),
        }
    }

    /// The head of its answer is there.
    pub(crate) fn end(&self, begun: &Begun, answer: &Response) {
        let route = begun.route().unwrap_or(NO_ROUTE);
        let status = answer.status();
        self.requests.with_label_values(&[route, begun.method, status.as_str()]).inc();
        let took_s = self.took_s.with_label_values(&[route, begun.method]);
        let elapsed_s = begun.at.elapsed().as_secs_f64();
        took_s.observe(elapsed_s);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            self.turned_away_s.observe(elapsed_s);
        }
    }
}

/// What is known of a request before it is answered.
pub(crate) struct Begun {
    at: Instant,
    route: Option<MatchedPath>,
    method: &'static str,
}

impl Begun {
    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    pub(crate) fn route(&self) -> Option<&str> {
        self.route.as_ref().map(MatchedPath::as_str)
    }

    /// In short, as traces are named.
    pub(crate) fn name(&self) -> String {
        self.route().map_or(self.method.to_owned(), |route| format!("{} {route}", self.method))
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
