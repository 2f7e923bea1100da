//! Levels of requests, within this process.

use axum::{Router, body::Body, routing::get};
use http::{Request, request::Parts};
use std::sync::{Arc, Mutex, PoisonError};
use tower::ServiceExt as _;
use tracing::{Level, debug, info};
use tracing_stamp::{
    http::ServerLayer,
    setup,
    testing::{Captured, capture_with},
    trace_level,
};

const DEBUG_HEADER: &str = "x-debug";

/// Sends requests to a service one after another, and captures the lines.
fn captured(service: &Router, requests: Vec<Request<Body>>) -> Captured {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("the runtime starts");
    let run = || {
        runtime.block_on(async {
            for request in requests {
                let response = service.clone().oneshot(request).await;
                let body = response.expect("infallible").into_body();
                axum::body::to_bytes(body, usize::MAX)
                    .await
                    .expect("the body is complete");
            }
        });
    };
    capture_with(setup().with_filter("info"), run).1
}

fn messages(captured: &Captured) -> Vec<&str> {
    captured.lines().iter().map(|line| line.message()).collect()
}

fn request(header: &str, value: &str) -> Request<Body> {
    let request = Request::get("/").header(header, value);
    request.body(Body::empty()).expect("a valid request")
}

fn by_header(request: &Parts) -> Option<Level> {
    request
        .headers
        .contains_key(DEBUG_HEADER)
        .then_some(Level::DEBUG)
}

async fn handle() -> &'static str {
    debug!("debug");
    info!("info");
    "handled"
}

fn router() -> Router {
    Router::new().route("/", get(handle))
}

#[test]
fn a_closure_sets_the_level_of_one_request() {
    let service = router().layer(ServerLayer::new().with_verbosity(by_header));
    let requests = vec![
        request("x-plain", "1"),
        request(DEBUG_HEADER, "1"),
        request("x-plain", "2"),
    ];
    let captured = captured(&service, requests);
    assert_eq!(messages(&captured), ["info", "debug", "info", "info"]);
    captured.assert_ids_agree();
}

#[test]
fn a_level_ends_with_the_request_even_if_the_trace_continues() {
    let context = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&context);
    let handler = move || async move {
        debug!("during the request");
        let current = opentelemetry::Context::current();
        *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(current);
    };
    let service = Router::new()
        .route("/", get(handler))
        .layer(ServerLayer::new().with_verbosity(by_header));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("the runtime starts");
    let run = || {
        let response = runtime.block_on(service.oneshot(request(DEBUG_HEADER, "1")));
        let context = context.lock().unwrap_or_else(PoisonError::into_inner);
        let _attached = context.clone().expect("the handler has run").attach();
        debug!("before the end of the body");
        drop(response);
        debug!("after the end of the body");
        assert_eq!(trace_level::current(), None);
    };
    let captured = capture_with(setup().with_filter("info"), run).1;
    // The body is empty, so the request ends with the head.
    assert_eq!(messages(&captured), ["during the request"]);
}

#[test]
fn baggage_counts_only_where_the_caller_is_trusted_in_nested_layers_too() {
    let verbose = || ServerLayer::new().with_verbosity(trace_level::from_baggage());
    let public = || verbose().with_public_endpoint(true);
    let plain = ServerLayer::new;
    let silent = ["info"].as_slice();
    let loud = ["debug", "info"].as_slice();
    for (service, expected) in [
        (router().layer(verbose()), loud),
        (router().layer(public()), silent),
        (router().layer(plain()), silent),
        // The last layer is the outermost one.
        (router().layer(verbose()).layer(verbose()), loud),
        (router().layer(public()).layer(public()), silent),
        (router().layer(verbose()).layer(public()), silent),
        (router().layer(plain()).layer(verbose()), loud),
        (router().layer(verbose()).layer(plain()), loud),
        (
            router()
                .layer(verbose())
                .layer(plain().with_public_endpoint(true))
                .layer(plain().with_verbosity(|_| None)),
            silent,
        ),
    ] {
        let captured = captured(&service, vec![request("baggage", "log.level=debug")]);
        assert_eq!(messages(&captured), expected);
    }
}

#[test]
fn an_inner_public_endpoint_raises_the_trace_that_it_begins() {
    let service = router()
        .layer(
            ServerLayer::new()
                .with_public_endpoint(true)
                .with_verbosity(by_header),
        )
        .layer(ServerLayer::new());
    let captured = captured(&service, vec![request(DEBUG_HEADER, "1")]);
    assert_eq!(messages(&captured), ["debug", "info"]);
}
