//! Sends ten thousand requests, a hundred at a time, each in a trace of its own, through the three services of `examples/shop`. Some are
//! cancelled half-way. This is a process of its own, because it has a global subscriber and measures its memory.

#[path = "../../../examples/shop/gateway.rs"]
mod gateway;
#[path = "../../../examples/shop/orders/mod.rs"]
mod orders;
#[path = "../../../examples/shop/payments.rs"]
mod payments;

use axum::Router;
use opentelemetry::{
    Context,
    trace::{Span as _, SpanId, TraceId},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use serde_json::Value;
use std::{
    collections::HashSet,
    fs,
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinSet};
use tracing::Level;

const REQUESTS: u64 = 10_000;
const AT_ONCE: u64 = 100;
/// One of this many requests is cancelled.
const GIVEN_UP: u64 = 10;

/// Span processor that counts spans and collects the ids of ended spans.
#[derive(Clone, Debug, Default)]
struct Spans(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    started: AtomicU64,
    ended: AtomicU64,
    ids: Mutex<HashSet<(TraceId, SpanId)>>,
}

impl SpanProcessor for Spans {
    fn on_start(&self, span: &mut Span, _: &Context) {
        assert!(span.span_context().is_valid());
        self.0.started.fetch_add(1, Relaxed);
    }

    fn on_end(&self, span: SpanData) {
        self.0.ended.fetch_add(1, Relaxed);
        let ids = (span.span_context.trace_id(), span.span_context.span_id());
        self.0.ids.lock().expect("no thread panics").insert(ids);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Returns the order number of a request. A line can be assigned to its request by it.
fn order(request: u64) -> u64 {
    1_000_000 + request
}

fn trace_id(request: u64) -> TraceId {
    TraceId::from(u128::from(order(request)) << 64 | 0x00d0_0d1e)
}

async fn check_out(client: &reqwest::Client, gateway: SocketAddr, request: u64) -> bool {
    let sent = client
        .post(format!("http://{gateway}/checkout/{}", order(request)))
        .header(
            "traceparent",
            format!("00-{}-00f067aa0ba902b7-01", trace_id(request)),
        )
        .send();
    let completed = async {
        sent.await
            .expect("a response")
            .bytes()
            .await
            .expect("the body is complete")
    };
    if request.is_multiple_of(GIVEN_UP) {
        let patience = Duration::from_micros(request * 37 % 20_000);
        return tokio::time::timeout(patience, completed).await.is_ok();
    }
    completed.await;
    true
}

/// Sends requests from a hundred tasks. Returns how many were completed.
async fn check_out_all(gateway: SocketAddr, requests: std::ops::Range<u64>) -> usize {
    let client = reqwest::Client::new();
    let mut tasks = JoinSet::new();
    for first in 0..AT_ONCE {
        let client = client.clone();
        let requests = requests
            .clone()
            .skip(first as usize)
            .step_by(AT_ONCE as usize);
        tasks.spawn(async move {
            let mut completed = 0;
            for request in requests {
                completed += usize::from(check_out(&client, gateway, request).await);
            }
            completed
        });
    }
    tasks.join_all().await.into_iter().sum()
}

/// Waits until all started spans have ended.
async fn settled(spans: &Spans) {
    for _ in 0..1_000 {
        if spans.0.started.load(Relaxed) == spans.0.ended.load(Relaxed) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!(
        "{} spans began, {} ended",
        spans.0.started.load(Relaxed),
        spans.0.ended.load(Relaxed)
    );
}

/// Returns the resident memory in KiB.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Returns the order number of a line, from its path or its price.
fn order_of(line: &Value) -> Option<u64> {
    let by_path = line["url.path"]
        .as_str()
        .and_then(|path| path.rsplit('/').next()?.parse().ok());
    match (line["cents"].as_u64(), line["order"].as_u64()) {
        (Some(cents), _) => Some(cents / 6_900),
        (None, Some(order)) => Some(order),
        (None, None) => by_path,
    }
}

#[test]
fn no_line_of_ten_thousand_requests_has_a_wrong_or_missing_id_and_every_span_ends() {
    let folder = std::env::temp_dir().join(format!("load-{}", std::process::id()));
    let log = folder.join("load.jsonl");
    let spans = Spans::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(spans.clone())
        .build();
    let guard = tracing_stamp::setup()
        .with_filter("info")
        .with_tracer_provider(provider)
        .with_log_file(&log)
        .init()
        .expect("no other subscriber is installed");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("the runtime starts");
    let (completed, gateway) = runtime.block_on(async {
        let payments = serve(payments::router()).await;
        let orders = serve(orders::router(payments)).await;
        let gateway = serve(gateway::router(orders)).await;
        let completed = check_out_all(gateway, 0..REQUESTS).await;
        settled(&spans).await;
        (completed, gateway)
    });
    let given_up = (REQUESTS / GIVEN_UP) as usize;
    assert!(completed >= REQUESTS as usize - given_up);
    assert!(
        completed < REQUESTS as usize,
        "some requests are cancelled half-way"
    );

    // The same number of requests again must need no more memory, as nothing is kept of a request.
    let ended = std::mem::take(&mut *spans.0.ids.lock().expect("no thread panics"));
    let before = resident();
    runtime.block_on(async {
        for part in 0..4 {
            check_out_all(
                gateway,
                REQUESTS + part * 1_000..REQUESTS + (part + 1) * 1_000,
            )
            .await;
            settled(&spans).await;
            spans
                .0
                .ids
                .lock()
                .expect("no thread panics")
                .drain()
                .for_each(drop);
        }
    });
    if let (Some(before), Some(after)) = (before, resident()) {
        assert!(
            after < before + 4 * 1024,
            "{before} KiB before 4,000 requests more, {after} after"
        );
    }
    let written = guard.report().lines();
    let lost = [Level::INFO, Level::WARN, Level::ERROR].map(|level| written.lost(level));
    drop(runtime);
    drop(guard);
    assert_eq!(lost, [0; 3]);

    let mut lines = 0;
    let mut requests = HashSet::new();
    let file = BufReader::new(fs::File::open(&log).expect("the log"));
    for text in file.lines() {
        let text = text.expect("text");
        let line: Value = serde_json::from_str(&text).expect("JSON");
        let order = order_of(&line).unwrap_or_else(|| panic!("no order in {text}"));
        let request = order - 1_000_000;
        assert_eq!(line["trace_id"], trace_id(request).to_string(), "{text}");
        if request < REQUESTS {
            let span_id = line["span_id"]
                .as_str()
                .and_then(|id| SpanId::from_hex(id).ok());
            let span_id = span_id.unwrap_or_else(|| panic!("no span id in {text}"));
            assert!(
                ended.contains(&(trace_id(request), span_id)),
                "no span of {text}"
            );
            requests.insert(request);
            lines += 1;
        }
    }
    // A completed request has at least six lines. A cancelled one may have none.
    assert!(requests.len() >= REQUESTS as usize - given_up);
    assert!(
        lines >= completed * 6,
        "{lines} lines of {completed} responds"
    );
    fs::remove_dir_all(folder).expect("it is there");
}
