//! Spans, sent to a collector by OTLP: protobuf over HTTP.
//!
//! They wait in a queue of the library's, which a thread of its own empties every few seconds.
//! Nobody waits for that: where the collector is slow or gone, the queue fills and spans are lost,
//! which the log tells once, and again when they are taken.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::http::HeaderMap;
use opentelemetry::{KeyValue, propagation::TextMapPropagator, trace::TracerProvider};
use opentelemetry_http::{Bytes, HeaderExtractor, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    trace::{self, Sampler, SdkTracer, SdkTracerProvider, SpanData},
};
use tokio::{runtime::Handle, time::timeout};
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::settings::Telemetry;

/// How long the collector has to take what it is sent.
const SEND_MAX: Duration = Duration::from_secs(5);

/// How long the end of the process waits for the collector.
const END_MAX: Duration = Duration::from_secs(2);

pub(super) struct Export(SdkTracerProvider);

impl Export {
    /// `None` where no collector is set.
    pub(super) fn begin(settings: &Telemetry, runtime: &Handle) -> Result<Option<Export>, String> {
        let Some(endpoint) = &settings.endpoint else { return Ok(None) };
        let wrong = |why: &dyn std::fmt::Display| format!("the setting telemetry.endpoint: {why}");
        let url = engine::http::address(endpoint).map_err(|why| wrong(&why))?;
        let client = engine::http::client(&url).map_err(|why| wrong(&why))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(OnRuntime { client, runtime: runtime.clone() })
            .with_endpoint(format!("{}/v1/traces", url.as_str().trim_end_matches('/')))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(SEND_MAX)
            .build()
            .map_err(|error| wrong(&error))?;
        let resource = Resource::builder()
            .with_service_name(settings.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        // A caller that names a trace has decided whether it is to be seen.
        let sampler = Sampler::TraceIdRatioBased(settings.sample_ratio);
        let links_max = u32::try_from(engine::Limits::default().commands_max).unwrap_or(u32::MAX);
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(sampler)))
            .with_resource(resource)
            .with_max_links_per_span(links_max)
            .with_batch_exporter(Watched { exporter, lost: AtomicU64::new(0) })
            .build();
        Ok(Some(Export(provider)))
    }

    /// Takes the spans that are meant for a collector, and nothing else: no line of the log.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let tracer: SdkTracer = self.0.tracer("orderd");
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(engine::traces::TARGET, LevelFilter::INFO))
    }

    pub(super) fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(END_MAX) {
            tracing::warn!(%error, "the last spans are lost: the collector has not taken them");
        }
    }
}

/// By W3C `traceparent` and `tracestate`.
pub(super) fn adopt(span: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // A span that is not wanted has no parent to be given.
    _ = span.set_parent(parent);
}

/// The library's thread has no runtime, and the client needs one.
#[derive(Debug)]
struct OnRuntime {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = async move { timeout(SEND_MAX, client.send_bytes(request)).await };
        self.runtime.spawn(sending).await??
    }
}

/// Tells of failures when they begin and when they are over, and not of each.
#[derive(Debug)]
struct Watched {
    exporter: SpanExporter,
    lost: AtomicU64,
}

impl trace::SpanExporter for Watched {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        match self.exporter.export(spans).await {
            Ok(()) => {
                let lost = self.lost.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    tracing::info!(lost, "the collector takes spans again");
                }
            }
            Err(error) => {
                if self.lost.fetch_add(count, Ordering::Relaxed) == 0 {
                    tracing::warn!(%error, "the collector takes no spans: they are lost");
                }
            }
        }
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
