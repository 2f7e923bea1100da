//! What others may write into a request or an answer, and what becomes of it in a service that passes on what it got.

use super::{SAMPLED, TRACE, answer, attribute, captured, request, server_layer};
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

/// A service behind a proxy, and what came to it.
#[derive(Clone, Default)]
struct Behind(Arc<Mutex<Vec<HeaderMap>>>);

impl Behind {
    /// Passes on each header that it got, and gives back each that it is answered.
    fn proxy(&self, layer: ServerLayer, clears_baggage: bool) -> Router {
        let came = self.clone();
        let behind = Router::new().fallback(any(async move |request: Request<Body>| {
            came.0
                .lock()
                .expect("no panic")
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
                let mut request = Request::get("http://behind/").body(body).expect("right");
                *request.headers_mut() = head.headers;
                // Its span and its headers are made now, and not at the first poll.
                let answer = client.clone().call(request);
                drop(cleared);
                answer.await.expect("infallible")
            }))
            .layer(layer)
    }

    fn baggage(&self) -> Vec<String> {
        let all = self.0.lock().expect("no panic");
        let last = all.last().expect("it came").get_all("baggage");
        let text = |value: &http::HeaderValue| value.to_str().expect("text").to_owned();
        last.iter().map(text).collect()
    }
}

#[test]
fn a_proxy_passes_on_no_baggage_that_is_wrong_or_too_long() {
    let behind = Behind::default();
    let ((), _) = captured(async {
        let proxy = behind.proxy(server_layer(), false);
        let long = format!("big={}", "x".repeat(50_000));
        for (came, goes_on) in [
            ("k=v", vec!["k=v"]),
            (long.as_str(), vec![]),
            ("no member at all \\", vec![]),
        ] {
            answer(
                &proxy,
                request(&[("traceparent", SAMPLED), ("baggage", came)]),
            )
            .await;
            assert_eq!(behind.baggage(), goes_on, "{came:.40}");
        }
    });
}

#[test]
fn baggage_that_was_cleared_is_not_sent_where_headers_are_copied() {
    let behind = Behind::default();
    let ((), _) = captured(async {
        let proxy = behind.proxy(server_layer(), true);
        let secret = request(&[("traceparent", SAMPLED), ("baggage", "secret=1")]);
        answer(&proxy, secret).await;
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
            let answer = answer(&behind.proxy(layer, false), request(&[])).await;
            let names: Vec<_> = answer.headers().keys().map(|name| name.as_str()).collect();
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
fn a_layer_within_another_begins_a_trace_anew_where_it_is_the_first_that_does() {
    let inner = Router::new()
        .route("/7", get(async || info!("within")))
        .layer(server_layer().with_public_endpoint(true));
    let ((), seen) = captured(async {
        let app = Router::new().nest("/orders", inner).layer(server_layer());
        answer(
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
fn a_panic_that_is_caught_outside_is_one() {
    let app = Router::new()
        .route(
            "/orders/7",
            get(async || -> &'static str { panic!("on purpose") }),
        )
        .layer(server_layer());
    let ((), seen) = captured(async {
        let mut answer = pin!(app.oneshot(request(&[])));
        let mut context = task::Context::from_waker(task::Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(&mut context)));
        polled.expect_err("it panics");
        // And is dropped when the panic is over.
    });
    let span = &seen.spans()[0];
    assert_eq!(attribute(span, "error.type").as_deref(), Some("panic"));
    assert_eq!(span.status, Status::error(""));
}

#[test]
fn who_says_that_it_is_grpc_makes_no_error_of_an_answer_over_http() {
    let app = Router::new()
        .fallback(any(async || "right"))
        .layer(server_layer());
    let ((), seen) = captured(async {
        answer(&app, request(&[("content-type", "application/grpc")])).await;
    });
    let span = &seen.spans()[0];
    assert_eq!((span.name.as_ref(), &span.status), ("grpc", &Status::Unset));
    let status = attribute(span, "http.response.status_code");
    assert_eq!(status.as_deref(), Some("200"));
    assert_eq!(attribute(span, "error.type"), None);
}

#[test]
fn at_the_edge_no_header_of_a_strangers_trace_is_passed_on_in_whichever_form() {
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
        answer(&behind.proxy(edge, false), request(&all)).await;
    });
    let came = behind.0.lock().expect("no panic");
    let last = came.last().expect("it came");
    for (name, value) in foreign {
        // Of this process's own trace there is one.
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
