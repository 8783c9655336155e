//! Traces as a collector gets them, and a collector that does not take them.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, Status, span::SpanKind, status::StatusCode as SpanStatus},
};
use prost::Message;
use reqwest::Client;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    process::{Serving, assert_verified, orderd},
    shop::{Caller, order},
};

const DATABASE: &str = "sqlite:orderd.db";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A collector on this machine. It keeps what it is sent, unless it has been told to refuse.
struct Collector {
    address: String,
    answer: Arc<AtomicU16>,
    asked: Arc<AtomicUsize>,
    kept: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Collector {
    async fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(AtomicU16::new(200));
        let (asked, kept) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Vec<_>>>::default());
        let collector = Collector { address, answer, asked, kept };
        let Collector { answer, asked, kept, .. } = &collector;
        let (answer, asked, kept) = (answer.clone(), asked.clone(), kept.clone());
        let collect = move |body: Bytes| async move {
            asked.fetch_add(1, Ordering::SeqCst);
            let status = StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap();
            if status.is_success() {
                kept.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
            }
            status
        };
        let router = Router::new().route("/v1/traces", post(collect));
        tokio::spawn(async move { axum::serve(listener, router).await });
        collector
    }

    fn spans(&self) -> Vec<Span> {
        let kept = self.kept.lock().unwrap();
        let scopes = kept.iter().flat_map(|it| &it.resource_spans).flat_map(|it| &it.scope_spans);
        scopes.flat_map(|it| it.spans.clone()).collect()
    }

    async fn asked_more_often_than(&self, before: usize) {
        let hears = async {
            while self.asked.load(Ordering::SeqCst) <= before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let heard = tokio::time::timeout(Duration::from_secs(10), hears).await;
        heard.expect("the collector hears of it");
    }
}

fn serve(folder: &Path, collector: &str) -> Command {
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", DATABASE];
    let mut command = orderd(folder, &arguments);
    command.env("ORDERD_TELEMETRY_ENDPOINT", collector);
    command
}

/// Places an order as part of a trace.
async fn pay(serving: &Serving, token: &str, flags: &str, id: &str) -> u16 {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/api/orders/with-payment", serving.address));
    let request = request.bearer_auth(token).header("x-request-id", id);
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-{flags}"));
    let mut body = order(1, "jane");
    body["deliveryAddress"]["name"] = "Jane Secretive".into();
    request.json(&body).send().await.unwrap().status().as_u16()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

fn of(attributes: &[KeyValue], name: &str) -> Option<Value> {
    attributes.iter().find(|it| it.key == name)?.value.as_ref()?.value.clone()
}

fn text(text: &str) -> Option<Value> {
    Some(Value::StringValue(text.into()))
}

fn status(span: &Span) -> SpanStatus {
    span.status.as_ref().map_or(SpanStatus::Unset, Status::code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_found_in_its_trace_and_its_batch_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::start().await;
    let mut command = serve(folder.path(), &collector.address);
    command.env("ORDERD_TELEMETRY_SERVICE_NAME", "shop").env("ORDERD_LOG_FILTER", "trace");
    let serving = Serving::of(command, folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    let jane = serving.token("jane", "");
    assert_eq!(pay(&serving, &jane, "01", "good").await, 200);
    staff.put("/sandbox/behaviour", &json!({"fail_next": 1})).await;
    assert_eq!(pay(&serving, &jane, "01", "bad").await, 500);
    serving.terminate();
    let (ended, log) = serving.wait();
    assert!(ended.success(), "{log}");

    // What was not sent before is sent at the end.
    let spans = collector.spans();
    let request = |id: &str| {
        let found = spans.iter().find(|it| of(&it.attributes, "orderd.request_id") == text(id));
        found.unwrap_or_else(|| panic!("no span of {id}"))
    };
    let (good, bad) = (request("good"), request("bad"));
    for it in [good, bad] {
        assert_eq!(it.name, "POST /api/orders/with-payment");
        assert_eq!((hex(&it.trace_id), hex(&it.parent_span_id)), (TRACE.into(), PARENT.into()));
        assert_eq!(it.kind(), SpanKind::Server);
        assert_eq!(of(&it.attributes, "http.request.method"), text("POST"));
        assert_eq!(of(&it.attributes, "http.route"), text("/api/orders/with-payment"));
        assert!(it.end_time_unix_nano > it.start_time_unix_nano);
    }
    let code = |it: &Span| of(&it.attributes, "http.response.status_code");
    assert_eq!((code(good), status(good)), (Some(Value::IntValue(200)), SpanStatus::Unset));
    assert_eq!((code(bad), status(bad)), (Some(Value::IntValue(500)), SpanStatus::Error));

    // The batch that has placed the order is a trace of its own, linked to the request.
    let is_linked = |it: &&Span| it.links.iter().any(|link| link.span_id == good.span_id);
    let batch = spans.iter().find(is_linked).expect("a batch names the request");
    assert_eq!(batch.name, "batch");
    assert!(batch.parent_span_id.is_empty() && hex(&batch.trace_id) != TRACE);
    assert_eq!(of(&batch.attributes, "orderd.commands"), Some(Value::IntValue(1)));
    assert!(matches!(of(&batch.attributes, "orderd.waited_ms"), Some(Value::IntValue(0..))));
    assert!(matches!(of(&batch.attributes, "orderd.last_seq"), Some(Value::IntValue(1..))));
    assert!(batch.start_time_unix_nano >= good.start_time_unix_nano);
    let decide = spans.iter().find(|it| it.parent_span_id == batch.span_id);
    assert_eq!(decide.map(|it| &*it.name), Some("decide"));

    // So are the calls to the provider. The one that was refused says so, and not in its words.
    let effects = spans.iter().filter(|it| it.name == "initialize_payment").collect::<Vec<_>>();
    let said = |it: &&Span| (of(&it.attributes, "orderd.order_id"), status(it));
    let found = effects.iter().map(said).collect::<Vec<_>>();
    assert!(found.contains(&(text("ORD1"), SpanStatus::Unset)), "{found:?}");
    assert!(found.contains(&(text("ORD2"), SpanStatus::Error)), "{found:?}");
    for it in &effects {
        assert_eq!((it.kind(), it.parent_span_id.is_empty()), (SpanKind::Client, true));
        let error = of(&it.attributes, "error.type").is_some();
        assert_eq!(error, status(it) == SpanStatus::Error);
    }

    let kept = collector.kept.lock().unwrap().clone();
    let resource = kept[0].resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(of(&resource.attributes, "service.name"), text("shop"));
    assert_eq!(of(&resource.attributes, "service.version"), text(env!("CARGO_PKG_VERSION")));
    assert!(!format!("{kept:?}").contains("Secretive"));
    // The log is what it is without a collector, whatever of it is wanted.
    assert!(!log.contains("orderd.request_id") && !log.contains("orderd.commands"), "{log}");
    assert_verified(folder.path(), DATABASE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_decides_about_its_trace_and_the_setting_about_others() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::start().await;
    let mut command = serve(folder.path(), &format!("{}/", collector.address));
    command.env("ORDERD_TELEMETRY_SAMPLE_RATIO", "0");
    let serving = Serving::of(command, folder.path(), DATABASE);
    Caller::staff(&serving).fill().await;
    let jane = serving.token("jane", "");
    assert_eq!(pay(&serving, &jane, "01", "seen").await, 200);
    assert_eq!(pay(&serving, &jane, "00", "unseen").await, 200);
    serving.end();
    let spans = collector.spans();
    let named = spans.iter().map(|it| &*it.name).collect::<Vec<_>>();
    assert_eq!(named, ["POST /api/orders/with-payment"]);
    assert_eq!(of(&spans[0].attributes, "orderd.request_id"), text("seen"));
}

/// Small queues, so that a test fills them.
fn hurry(command: &mut Command) {
    command
        .env("OTEL_BSP_SCHEDULE_DELAY", "50")
        .env("OTEL_BSP_MAX_QUEUE_SIZE", "16")
        .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8");
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "the test measures how long a real process takes")]
async fn a_collector_that_never_answers_holds_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let connected = Arc::new(AtomicUsize::new(0));
    let counted = connected.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    let mut command = serve(folder.path(), &address);
    hurry(&mut command);
    let serving = Serving::of(command, folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    staff.fill().await;
    let mut slowest = Duration::ZERO;
    for number in 1..=100 {
        let begun = Instant::now();
        staff.place(&format!("key-{number}"), &order(number, "jane")).await.unwrap();
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "an answer has taken {slowest:?}");
    assert!(connected.load(Ordering::SeqCst) > 0, "nothing was exported");
    let begun = Instant::now();
    serving.terminate();
    let (ended, log) = serving.wait();
    let took = begun.elapsed();
    assert!(ended.success(), "{log}");
    assert!(took < Duration::from_secs(8), "the end has taken {took:?}: {log}");
    let told = |text: &str| log.lines().filter(|it| it.contains(text)).count();
    assert_eq!(told("queue full"), 1, "{log}");
    assert_eq!(told("the last spans are lost"), 1, "{log}");
    assert_verified(folder.path(), DATABASE);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_spans_are_told_once_and_again_when_they_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::start().await;
    collector.answer.store(400, Ordering::SeqCst);
    let mut command = serve(folder.path(), &collector.address);
    hurry(&mut command);
    command.env("ORDERD_LOG_FILTER", "info");
    let serving = Serving::of(command, folder.path(), DATABASE);
    let staff = Caller::staff(&serving);
    for sent in 0..3 {
        staff.get("/api/products").await;
        collector.asked_more_often_than(sent).await;
    }
    collector.answer.store(200, Ordering::SeqCst);
    staff.get("/api/products").await;
    collector.asked_more_often_than(3).await;
    serving.terminate();
    let (ended, log) = serving.wait();
    assert!(ended.success(), "{log}");
    let told = |text: &str| log.lines().filter(|it| it.contains(text)).collect::<BTreeSet<_>>();
    assert_eq!(told("the collector takes no spans").len(), 1, "{log}");
    let again = told("the collector takes spans again");
    assert_eq!(again.len(), 1, "{log}");
    assert!(again.iter().all(|it| it.contains("\"lost\":3")), "{log}");
    let named = collector.spans().iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    assert_eq!(named, ["GET /api/products"]);
}
