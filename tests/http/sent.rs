//! Requests that are sent: their headers and spans.

use super::{SAMPLED, Sent, TRACE, attribute, captured, header_of, hyper_client, post, serve};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;
use opentelemetry::trace::{SpanId, SpanKind};
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use tower::ServiceExt as _;
use tracing::{Instrument as _, info_span};
use tracing_stamp::http::ClientLayer;

#[test]
fn the_outgoing_parent_id_equals_the_client_spans_id() {
    let sent = Sent::default();
    let ((), seen) = captured(async {
        let address = serve(sent.router()).await;
        let call = async {
            let response = hyper_client()
                .oneshot(post(address, "/charges?sig=1"))
                .await
                .expect("a response");
            response
                .into_body()
                .collect()
                .await
                .expect("the body is complete");
        };
        call.instrument(info_span!("checkout")).await;
    });
    let (client, checkout) = (seen.span("POST"), seen.span("checkout"));
    assert_eq!(sent.parents(), [header_of(client)]);
    assert_eq!(client.parent_span_id, checkout.span_context.span_id());
    assert_eq!(client.span_kind, SpanKind::Client);
    assert_eq!(
        attribute(client, "server.address").as_deref(),
        Some("127.0.0.1")
    );
    let url = attribute(client, "url.full").expect("it is there");
    assert!(
        url.starts_with("http://REDACTED:REDACTED@127.0.0.1:")
            && url.ends_with("/charges?sig=REDACTED"),
        "{url}"
    );
    assert!(attribute(client, "server.port").is_some());
}

#[test]
fn a_proxy_that_copies_headers_sends_no_tracestate_of_an_earlier_context() {
    let sent = Sent::default();
    let ((), _) = captured(async {
        let address = serve(sent.router()).await;
        let mut request = post(address, "/");
        request
            .headers_mut()
            .insert("traceparent", HeaderValue::from_static(SAMPLED));
        request
            .headers_mut()
            .insert("tracestate", HeaderValue::from_static("foo=1"));
        hyper_client().oneshot(request).await.expect("a response");
    });
    assert!(
        !sent.parents()[0]
            .as_ref()
            .expect("it is sent")
            .contains(TRACE)
    );
    assert!(!sent.headers()[0].contains_key("tracestate"));
}

#[test]
fn below_a_retry_or_redirect_layer_each_attempt_has_its_own_span() {
    let tries = AtomicUsize::new(0);
    let parents = Mutex::new(Vec::new());
    let flaky = tower::service_fn(|request: http::Request<String>| {
        parents
            .lock()
            .expect("no thread panics")
            .push(request.headers()["traceparent"].clone());
        let tries = tries.fetch_add(1, Relaxed);
        async move {
            let status = if tries == 0 { 503 } else { 200 };
            http::Response::builder().status(status).body(String::new())
        }
    });
    let ((), seen) = captured(async {
        let mut client = tower_layer::Layer::layer(&ClientLayer::new(), flaky);
        for _ in 0..2 {
            let request = http::Request::get("http://orders/")
                .body(String::new())
                .expect("a valid request");
            tower::Service::call(&mut client, request)
                .await
                .expect("a response");
        }
    });
    let sent: Vec<_> = seen
        .spans()
        .iter()
        .map(|span| header_of(span).expect("some"))
        .collect();
    assert_eq!(*parents.lock().expect("no thread panics"), sent);
    assert!(
        seen.spans()
            .iter()
            .all(|span| span.parent_span_id == SpanId::INVALID)
    );
}

#[test]
fn with_a_parent_set_late_line_exported_span_and_outgoing_header_carry_one_trace_id() {
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    let (sent, seen) = captured(async {
        let mut caller = HeaderMap::new();
        caller.insert("traceparent", HeaderValue::from_static(SAMPLED));
        let span = info_span!("handler");
        // Logs lines before the parent is set: outside of the span, and with the span as parent.
        tracing::info!("it begins");
        tracing::info!(parent: &span, "it has a span");
        span.set_parent(tracing_stamp::http::extract(&caller))
            .expect("logging has not started the span");
        span.in_scope(|| {
            tracing::info!("it is served");
            let mut sent = HeaderMap::new();
            tracing_stamp::http::inject(&mut sent);
            sent
        })
    });
    let span = seen.span("handler");
    assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    let line = seen.line("it is served");
    assert_eq!(line.trace_id(), Some(span.span_context.trace_id()));
    assert_eq!(line.span_id(), Some(span.span_context.span_id()));
    let header = sent["traceparent"].to_str().expect("ASCII");
    assert_eq!(
        header,
        format!("00-{TRACE}-{}-01", span.span_context.span_id())
    );
}
