//! The caller's trace is continued if a filter hides the request's span, or if nothing records spans.

use super::{CALLER, TRACE, block_on, memory::Memory, request, respond, server_layer};
use axum::{Router, routing::get};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::Value;
use std::sync::Mutex;
use tracing::{Dispatch, dispatcher, warn};
use tracing_stamp::setup::{Format, Setup, setup};
use tracing_subscriber::{Layer as _, Registry, filter::LevelFilter, layer::SubscriberExt as _};

/// Returns the lines that are logged under a setup with its own provider.
pub(super) fn lines_of(setup: Setup, work: impl FnOnce()) -> Vec<Value> {
    let memory = Memory::default();
    let (dispatch, guard) = setup
        .with_format(Format::Json)
        .with_writer(memory.clone())
        .build()
        .expect("no error");
    dispatcher::with_default(&dispatch, work);
    drop(guard);
    memory.lines()
}

/// Responds with the headers that it would send on, and logs a warning.
fn relay() -> Router {
    let relay = get(|| async {
        warn!("a warning");
        let mut headers = http::HeaderMap::new();
        tracing_stamp::http::inject(&mut headers);
        let text = |name: &str| {
            headers
                .get(name)
                .map(|value| value.to_str().expect("ASCII").to_owned())
        };
        format!(
            "{:?}",
            [text("traceparent"), text("tracestate"), text("baggage")]
        )
    });
    Router::new()
        .route("/orders/{order}", relay)
        .layer(server_layer())
}

/// Returns the ids on the warning, and the headers that were sent on.
fn relayed(
    dispatch: &Dispatch,
    memory: &Memory,
    headers: &[(&str, &str)],
) -> (Option<String>, Option<String>, String) {
    let (response, head) = dispatcher::with_default(dispatch, || {
        block_on(async {
            let response = respond(&relay(), request(headers)).await;
            let head = response.headers().get("traceresponse").cloned();
            (
                String::from_utf8(response.into_body()).expect("valid UTF-8"),
                head,
            )
        })
    });
    assert_eq!(head, None, "no span of this process can be named");
    let lines = memory.lines();
    let warning = lines
        .iter()
        .rfind(|line| line["message"] == "a warning")
        .expect("the line is logged");
    let text = |key: &str| {
        warning
            .get(key)
            .map(|id| id.as_str().expect("text").to_owned())
    };
    (text("trace_id"), text("span_id"), response)
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";

fn goes_through_unchanged(name: &str, dispatch: &Dispatch, memory: &Memory) {
    let headers = [
        ("traceparent", PARENT),
        ("tracestate", "foo@@bar=1"),
        ("tracestate", "b=2"),
        ("baggage", "user=1;p"),
    ];
    let (trace_id, span_id, sent) = relayed(dispatch, memory, &headers);
    assert_eq!(trace_id.as_deref(), Some(TRACE), "{name}");
    assert_eq!(span_id.as_deref(), Some(CALLER), "{name}");
    let expected = [Some(PARENT), Some("foo@@bar=1,b=2"), Some("user=1;p")];
    assert_eq!(sent, format!("{expected:?}"), "{name}");

    // Without a caller no ids are invented.
    let (trace_id, span_id, sent) = relayed(dispatch, memory, &[]);
    assert_eq!((trace_id, span_id), (None, None), "{name}");
    assert_eq!(sent, "[None, None, None]", "{name}");
}

fn stamp<S>(memory: &Memory) -> impl tracing_subscriber::Layer<S> + use<S>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
{
    let memory = Mutex::new(memory.clone());
    tracing_stamp::layer().with_writer(memory)
}

fn otel(
    provider: &SdkTracerProvider,
) -> tracing_opentelemetry::OpenTelemetryLayer<Registry, opentelemetry_sdk::trace::SdkTracer> {
    tracing_opentelemetry::layer().with_tracer(provider.tracer("test"))
}

#[test]
fn at_rust_log_warn_a_warning_still_carries_the_incoming_trace_id() {
    let provider = SdkTracerProvider::builder().build();

    let memory = Memory::default();
    let whole = Registry::default()
        .with(otel(&provider))
        .with(stamp(&memory))
        .with(LevelFilter::WARN);
    goes_through_unchanged("one filter for all", &Dispatch::new(whole), &memory);

    let memory = Memory::default();
    let hidden = Registry::default()
        .with(otel(&provider).with_filter(LevelFilter::WARN))
        .with(stamp(&memory));
    goes_through_unchanged(
        "a filter of OpenTelemetry's layer",
        &Dispatch::new(hidden),
        &memory,
    );

    let memory = Memory::default();
    let (reloadable, _handle) =
        tracing_subscriber::reload::Layer::new(otel(&provider).with_filter(LevelFilter::WARN));
    let reload = Registry::default()
        .with(reloadable)
        .with(stamp(&memory).with_filter(LevelFilter::WARN));
    goes_through_unchanged("a filter behind `reload`", &Dispatch::new(reload), &memory);
}

#[test]
fn with_init_a_warning_has_the_request_spans_own_ids() {
    let provider = SdkTracerProvider::builder().build();
    let lines = lines_of(
        setup().with_filter("warn").with_tracer_provider(provider),
        || {
            block_on(respond(&relay(), request(&[("traceparent", PARENT)])));
        },
    );
    let [warning] = lines.as_slice() else {
        panic!("{lines:#?}")
    };
    assert_eq!(warning["trace_id"], TRACE);
    assert_ne!(warning["span_id"], CALLER);
}

#[test]
fn propagation_works_where_nothing_records() {
    let memory = Memory::default();
    let alone = Registry::default().with(stamp(&memory));
    goes_through_unchanged("no layer of OpenTelemetry", &Dispatch::new(alone), &memory);

    let memory = Memory::default();
    let noop =
        tracing_opentelemetry::layer().with_tracer(opentelemetry::trace::noop::NoopTracer::new());
    goes_through_unchanged(
        "a tracer that makes no ids",
        &Dispatch::new(Registry::default().with(noop).with(stamp(&memory))),
        &memory,
    );

    let memory = Memory::default();
    let provider = SdkTracerProvider::builder().build();
    let shut_down = Registry::default()
        .with(otel(&provider))
        .with(stamp(&memory));
    provider.shutdown().expect("nothing to wait for");
    goes_through_unchanged(
        "a provider that is shut down",
        &Dispatch::new(shut_down),
        &memory,
    );

    // Without any subscriber the context is passed on all the same.
    let memory = Memory::default();
    let headers = [("traceparent", PARENT)];
    let (response, _) = (block_on(respond(&relay(), request(&headers))), &memory);
    assert!(String::from_utf8_lossy(response.body()).contains(PARENT));
}

#[test]
fn with_context_activation_off_outgoing_headers_name_the_requests_span() {
    let memory = Memory::default();
    let exporter = opentelemetry_sdk::trace::InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let dispatch = Dispatch::new(
        Registry::default()
            .with(otel(&provider).with_context_activation(false))
            .with(stamp(&memory)),
    );
    let sent = dispatcher::with_default(&dispatch, || {
        block_on(respond(&relay(), request(&[("traceparent", PARENT)])))
    });
    let spans = exporter
        .get_finished_spans()
        .expect("the exporter is running");
    let [span] = spans.as_slice() else {
        panic!("{spans:#?}")
    };
    assert_eq!(span.parent_span_id.to_string(), CALLER);
    let own = format!("00-{TRACE}-{}-03", span.span_context.span_id());
    assert!(String::from_utf8_lossy(sent.body()).contains(&own));
    assert_eq!(
        memory.lines()[0]["span_id"],
        span.span_context.span_id().to_string()
    );
}

#[test]
fn with_init_and_no_exporter_headers_are_sent_and_lines_have_ids() {
    let sent = std::cell::RefCell::new(String::new());
    let lines = lines_of(setup().with_filter("info"), || {
        let response = block_on(respond(&relay(), request(&[("traceparent", PARENT)])));
        *sent.borrow_mut() = String::from_utf8(response.into_body()).expect("valid UTF-8");
    });
    let warning = lines
        .iter()
        .find(|line| line["message"] == "a warning")
        .expect("the line is logged");
    assert_eq!(warning["trace_id"], TRACE);
    let own = warning["span_id"].as_str().expect("an id");
    assert_ne!(own, CALLER);
    assert!(sent.borrow().contains(&format!("00-{TRACE}-{own}-03")));
}
