//! HTTP layers with settings from the environment. Each test runs in a process of its own, because the environment and the propagator
//! belong to the process.

#![cfg(all(feature = "http", feature = "setup", feature = "zipkin"))]

#[path = "http/memory.rs"]
mod memory;

use axum::{Router, body::Body, routing::any};
use http::{HeaderMap, Request};
use memory::Memory;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::Value;
use std::{
    env,
    process::Command,
    sync::{Arc, Mutex},
};
use tower::ServiceExt as _;
use tower_layer::Layer as _;
use tracing::warn;
use tracing_stamp::{
    Redaction,
    http::{ClientLayer, ServerLayer},
    setup::{Format, Setup, setup},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const IS_CHILD: &str = "STAMP_TEST_IS_CHILD";

/// Returns whether this process has the environment. If not, runs the test again in a process that has it.
fn is_within(test: &str, environment: &[(&str, &str)]) -> bool {
    if env::var_os(IS_CHILD).is_some() {
        return true;
    }
    let program = env::current_exe().expect("its path");
    let mut child = Command::new(program);
    child.args(["--exact", test, "--nocapture"]);
    child.envs(environment.iter().copied()).env(IS_CHILD, "1");
    let output = child.output().expect("it runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

/// Returns the headers that arrived at a service behind a proxy that forwards all headers, and the lines of both.
fn through_a_proxy(
    layer: ServerLayer,
    headers: &[(&'static str, &str)],
) -> (HeaderMap, Vec<Value>) {
    let memory = Memory::default();
    let guard = setup()
        .with_format(Format::Json)
        .with_writer(memory.clone())
        .init()
        .expect("no error");
    let received: Arc<Mutex<HeaderMap>> = Arc::default();
    let to_record = received.clone();
    let behind = Router::new()
        .fallback(any(async move |request: Request<Body>| {
            *to_record.lock().expect("no thread panics") = request.headers().clone();
            warn!("behind");
        }))
        .layer(ServerLayer::new());
    let client = ClientLayer::new().layer(behind);
    let proxy = Router::new()
        .fallback(any(async move |request: Request<Body>| {
            warn!("at the edge");
            let (head, body) = request.into_parts();
            let mut request = Request::get("http://behind/")
                .body(body)
                .expect("a valid request");
            *request.headers_mut() = head.headers;
            client
                .oneshot(request)
                .await
                .expect("the service is infallible")
        }))
        .layer(layer);
    let mut request = Request::get("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let response = runtime.expect("the runtime starts").block_on(async {
        let request = request.body(Body::empty()).expect("a valid request");
        proxy
            .oneshot(request)
            .await
            .expect("the service is infallible")
    });
    drop(response);
    drop(guard);
    let received = received.lock().expect("no thread panics").clone();
    (received, memory.lines())
}

#[test]
fn at_a_public_endpoint_a_caller_chooses_nothing_by_b3_in_any_form() {
    for propagators in ["b3", "b3multi", "tracecontext,b3multi"] {
        let environment = [
            ("OTEL_PROPAGATORS", propagators),
            ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
        ];
        let test = "at_a_public_endpoint_a_caller_chooses_nothing_by_b3_in_any_form";
        if !is_within(test, &environment) {
            continue;
        }
        let edge = ServerLayer::new().with_public_endpoint(true);
        let single = format!("{TRACE}-00f067aa0ba902b7-1");
        let (received, lines) = through_a_proxy(
            edge,
            &[
                ("b3", &single),
                ("x-b3-traceid", TRACE),
                ("x-b3-spanid", "00f067aa0ba902b7"),
                ("x-b3-sampled", "1"),
                ("x-b3-flags", "1"),
            ],
        );
        let sent = format!("{received:?}");
        assert!(!sent.contains(TRACE), "{sent}");
        assert_eq!(lines.len(), 2, "{lines:?}");
        for line in &lines {
            assert_ne!(line["trace_id"], TRACE);
            // The sampled flag is not set.
            assert!(
                ["00", "02"].contains(&line["trace_flags"].as_str().expect("text")),
                "{line}"
            );
        }
        assert_eq!(lines[0]["trace_id"], lines[1]["trace_id"]);
        return;
    }
}

#[test]
fn propagation_works_with_export_disabled() {
    let environment = [("OTEL_SDK_DISABLED", "true")];
    if !is_within("propagation_works_with_export_disabled", &environment) {
        return;
    }
    let headers = [("traceparent", PARENT), ("tracestate", "foo=1,bar@@x=2")];
    let (received, lines) = through_a_proxy(ServerLayer::new(), &headers);
    for (name, value) in headers {
        assert_eq!(received[name], value);
    }
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in &lines {
        assert_eq!(line["trace_id"], TRACE);
    }
}

#[test]
fn with_export_disabled_and_no_caller_no_ids_are_invented() {
    let test = "with_export_disabled_and_no_caller_no_ids_are_invented";
    if !is_within(test, &[("OTEL_SDK_DISABLED", "true")]) {
        return;
    }
    let (received, lines) = through_a_proxy(ServerLayer::new(), &[]);
    assert!(!received.contains_key("traceparent"), "{received:?}");
    assert!(
        lines.iter().all(|line| line.get("trace_id").is_none()),
        "{lines:?}"
    );
}

/// What a service shows of the URL of a request that it serves, and of one that it sends.
struct Shown {
    /// On the access line.
    query: Value,
    /// On the exported span.
    url: String,
    /// The rules that have redacted something, and how often.
    counts: Vec<(String, u64)>,
}

/// Serves a request and sends one, both with secrets in their URLs.
fn shown(setup: Setup) -> Shown {
    let memory = Memory::default();
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(spans.clone());
    let guard = setup
        .with_format(Format::Json)
        .with_writer(memory.clone())
        .with_tracer_provider(provider.build())
        .init()
        .expect("no error");
    let service = Router::new().fallback(any(async || {}));
    let server = ServerLayer::new()
        .with_access_lines(true)
        .layer(service.clone());
    let client = ClientLayer::new().layer(service);
    let request = |url: &str| {
        Request::get(url)
            .body(Body::empty())
            .expect("a valid request")
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("the runtime starts").block_on(async {
        let served = server.oneshot(request("/?ssn=078-05-1120&token=1&page=2"));
        drop(served.await.expect("the service is infallible"));
        let sent = client.oneshot(request(
            "http://ada:hunter2@a/?ssn=078-05-1120&sig=1&page=2",
        ));
        drop(sent.await.expect("the service is infallible"));
    });
    let url = spans.get_finished_spans().expect("it is not shut down");
    let mut url = url.iter().flat_map(|span| &span.attributes);
    let url = url.find(|attribute| attribute.key.as_str() == "url.full");
    let url = url.expect("the client's span has a URL").value.to_string();
    let counts = guard.stats().redacted().into_iter();
    let counts = counts.map(|count| (count.rule, count.count)).collect();
    drop(guard);
    let lines = memory.lines();
    let access = lines
        .iter()
        .find(|line| line["message"] == "request finished");
    Shown {
        query: access.expect("a line")["url.query"].clone(),
        url,
        counts,
    }
}

#[test]
fn own_keys_hold_in_urls_and_are_counted() {
    let test = "own_keys_hold_in_urls_and_are_counted";
    if !is_within(test, &[("LOG_REDACT_KEYS", "ssn")]) {
        return;
    }
    let shown = shown(setup());
    assert_eq!(shown.query, "ssn=REDACTED&token=REDACTED&page=2");
    assert_eq!(
        shown.url,
        "http://REDACTED:REDACTED@a/?ssn=REDACTED&sig=REDACTED&page=2"
    );
    let count = |rule: &str| shown.counts.iter().find(|(name, _)| name == rule);
    // The server's query is redacted for the line and for the span.
    assert_eq!(count("ssn").map(|(_, count)| *count), Some(3));
    assert_eq!(count("token").map(|(_, count)| *count), Some(2));
}

#[test]
fn urls_keep_their_default_rules_if_redaction_is_switched_off() {
    let test = "urls_keep_their_default_rules_if_redaction_is_switched_off";
    if !is_within(test, &[("LOG_REDACT", "none")]) {
        return;
    }
    let shown = shown(setup());
    assert_eq!(shown.query, "ssn=078-05-1120&token=REDACTED&page=2");
    assert!(shown.counts.is_empty());
}

#[test]
fn urls_keep_their_default_rules_beside_rules_without_secret_keys() {
    let test = "urls_keep_their_default_rules_beside_rules_without_secret_keys";
    if !is_within(test, &[]) {
        return;
    }
    let shown = shown(setup().with_redaction(Redaction::new().key("ssn")));
    assert_eq!(shown.query, "ssn=REDACTED&token=REDACTED&page=2");
    assert_eq!(
        shown.url,
        "http://REDACTED:REDACTED@a/?ssn=REDACTED&sig=REDACTED&page=2"
    );
}
