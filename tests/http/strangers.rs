//! Untrusted headers of requests and responses, in a service that forwards all headers.

use super::{SAMPLED, TRACE, attribute, captured, request, respond, server_layer};
use axum::{
    Router,
    body::Body,
    routing::{any, get},
};
use http::{HeaderMap, Request};
use opentelemetry::{Context, baggage::BaggageExt as _, trace::Status};
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Mutex},
    task,
};
use tower::ServiceExt as _;
use tower_layer::Layer as _;
use tower_service::Service as _;
use tracing::info;
use tracing_stamp::http::{ClientLayer, ResponseHeader, ServerLayer};

/// A service behind a proxy, and the headers that it has received.
#[derive(Clone, Default)]
struct Behind(Arc<Mutex<Vec<HeaderMap>>>);

impl Behind {
    /// Returns a proxy that forwards all headers of requests and responses.
    fn proxy(&self, layer: ServerLayer, clears_baggage: bool) -> Router {
        let received = self.clone();
        let behind = Router::new().fallback(any(async move |request: Request<Body>| {
            received
                .0
                .lock()
                .expect("no thread panics")
                .push(request.headers().clone());
            [
                ("traceparent", SAMPLED),
                ("tracestate", "foo=1"),
                ("baggage", "internal=1"),
                ("x-other", "1"),
            ]
        }));
        let client = ClientLayer::new().layer(behind);
        Router::new()
            .fallback(any(async move |request: Request<Body>| {
                let cleared =
                    clears_baggage.then(|| Context::current().with_cleared_baggage().attach());
                let (head, body) = request.into_parts();
                let mut request = Request::get("http://behind/")
                    .body(body)
                    .expect("a valid request");
                *request.headers_mut() = head.headers;
                // The span and the headers are made by the call, and not at the first poll.
                let response = client.clone().call(request);
                drop(cleared);
                response.await.expect("the service is infallible")
            }))
            .layer(layer)
    }

    fn baggage(&self) -> Vec<String> {
        let all = self.0.lock().expect("no thread panics");
        let last = all
            .last()
            .expect("a request has arrived")
            .get_all("baggage");
        let text = |value: &http::HeaderValue| value.to_str().expect("ASCII").to_owned();
        last.iter().map(text).collect()
    }
}

#[test]
fn a_proxy_passes_on_no_invalid_or_oversized_baggage() {
    let behind = Behind::default();
    let ((), _) = captured(async {
        let proxy = behind.proxy(server_layer(), false);
        let long = format!("big={}", "x".repeat(50_000));
        for (received, forwarded) in [
            ("k=v", vec!["k=v"]),
            (long.as_str(), vec![]),
            ("no member at all \\", vec![]),
        ] {
            respond(
                &proxy,
                request(&[("traceparent", SAMPLED), ("baggage", received)]),
            )
            .await;
            assert_eq!(behind.baggage(), forwarded, "{received:.40}");
        }
    });
}

#[test]
fn baggage_that_was_cleared_is_not_sent_where_headers_are_copied() {
    let behind = Behind::default();
    let ((), _) = captured(async {
        let proxy = behind.proxy(server_layer(), true);
        let secret = request(&[("traceparent", SAMPLED), ("baggage", "secret=1")]);
        respond(&proxy, secret).await;
        assert_eq!(behind.baggage(), Vec::<String>::new());
    });
}

#[test]
fn responses_carry_traceresponse_or_server_timing_alone() {
    let behind = Behind::default();
    let ((), _) = captured(async {
        for header in [
            ResponseHeader::TraceResponse,
            ResponseHeader::ServerTiming,
            ResponseHeader::Off,
        ] {
            let layer = server_layer().with_response_header(header);
            let response = respond(&behind.proxy(layer, false), request(&[])).await;
            let names: Vec<_> = response
                .headers()
                .keys()
                .map(|name| name.as_str())
                .collect();
            for wrong in ["traceparent", "tracestate", "baggage"] {
                assert!(!names.contains(&wrong), "{header:?}: {names:?}");
            }
            assert!(names.contains(&"x-other"), "{names:?}");
            let is_there = names.contains(&"traceresponse");
            assert_eq!(is_there, header == ResponseHeader::TraceResponse);
        }
    });
}

#[test]
fn a_nested_layer_begins_a_new_trace_if_it_is_the_first_public_endpoint() {
    let inner = Router::new()
        .route("/7", get(async || info!("within")))
        .layer(server_layer().with_public_endpoint(true));
    let ((), seen) = captured(async {
        let app = Router::new().nest("/orders", inner).layer(server_layer());
        respond(
            &app,
            request(&[("traceparent", SAMPLED), ("baggage", "user=admin")]),
        )
        .await;
    });
    let [inner, outer] = seen.spans() else {
        panic!("{:?}", seen.spans())
    };
    assert_eq!(outer.span_context.trace_id().to_string(), TRACE);
    assert_ne!(inner.span_context.trace_id().to_string(), TRACE);
    let link = inner.links.first().expect("it is linked");
    assert_eq!(link.span_context.trace_id().to_string(), TRACE);
    let line = seen.line("within");
    assert_eq!(line.trace_id(), Some(inner.span_context.trace_id()));
}

#[test]
fn a_panic_that_is_caught_outside_the_layer_is_recorded_as_a_panic() {
    let app = Router::new()
        .route(
            "/orders/7",
            get(async || -> &'static str { panic!("on purpose") }),
        )
        .layer(server_layer());
    let ((), seen) = captured(async {
        let mut response = pin!(app.oneshot(request(&[])));
        let mut context = task::Context::from_waker(task::Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| response.as_mut().poll(&mut context)));
        polled.expect_err("it panics");
        // The future is dropped after the panic.
    });
    let span = &seen.spans()[0];
    assert_eq!(attribute(span, "error.type").as_deref(), Some("panic"));
    assert_eq!(span.status, Status::error(""));
}

#[test]
fn a_grpc_content_type_does_not_turn_a_plain_http_response_into_an_error() {
    let app = Router::new()
        .fallback(any(async || "right"))
        .layer(server_layer());
    let ((), seen) = captured(async {
        respond(&app, request(&[("content-type", "application/grpc")])).await;
    });
    let span = &seen.spans()[0];
    assert_eq!((span.name.as_ref(), &span.status), ("grpc", &Status::Unset));
    let status = attribute(span, "http.response.status_code");
    assert_eq!(status.as_deref(), Some("200"));
    assert_eq!(attribute(span, "error.type"), None);
}

#[test]
fn a_public_endpoint_forwards_no_trace_header_of_any_tracing_system() {
    let behind = Behind::default();
    let foreign = [
        ("traceparent", SAMPLED),
        ("tracestate", "foo=1"),
        ("baggage", "k=v"),
        ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"),
        ("x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"),
        ("x-b3-spanid", "e457b5a2e4d86bd1"),
        ("x-b3-sampled", "1"),
        ("x-b3-flags", "1"),
        (
            "x-amzn-trace-id",
            "Root=1-67891233-abcdef012345678912345678;Sampled=1",
        ),
        (
            "uber-trace-id",
            "80f198ee56343ba864fe8b2a57d3eff7:e457b5a2e4d86bd1:0:1",
        ),
        ("uberctx-user", "1"),
        ("jaeger-debug-id", "1"),
        (
            "x-cloud-trace-context",
            "105445aa7843bc8bf206b12000100000/1;o=1",
        ),
        (
            "sentry-trace",
            "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1",
        ),
        ("x-datadog-trace-id", "1"),
        ("x-datadog-sampling-priority", "2"),
        ("x-ot-span-context", "1"),
        ("ot-tracer-traceid", "1"),
        ("ot-baggage-user", "1"),
        ("grpc-trace-bin", "AAA"),
    ];
    let ((), _) = captured(async {
        let mut all = foreign.to_vec();
        all.push(("x-request-id", "kept"));
        let edge = server_layer().with_public_endpoint(true);
        respond(&behind.proxy(edge, false), request(&all)).await;
    });
    let received = behind.0.lock().expect("no thread panics");
    let last = received.last().expect("a request has arrived");
    for (name, value) in foreign {
        // The process's own trace has one.
        let passed = last.get(name).is_some_and(|passed| passed == value);
        assert!(
            !passed && (name == "traceparent" || !last.contains_key(name)),
            "{name}"
        );
    }
    assert_eq!(
        last.get("x-request-id"),
        Some(&"kept".parse().expect("a value"))
    );
}
