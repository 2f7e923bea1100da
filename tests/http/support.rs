//! Services and clients for the tests here and those of `tracing-stamp-reqwest`.

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, MatchedPath, OriginalUri},
    routing::any,
};
use http::{HeaderMap, Request, Response, StatusCode};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use opentelemetry_sdk::trace::SpanData;
use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, runtime};
use tower::ServiceExt as _;
use tracing_stamp::{
    http::{ClientLayer, ServerLayer},
    setup::{Setup, setup},
    testing::{Captured, capture_with},
};

pub(crate) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub(crate) const CALLER: &str = "00f067aa0ba902b7";
pub(crate) const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Runs a future to completion on this thread, along with the tasks that it spawns, and captures lines and spans.
pub(crate) fn captured<T>(work: impl Future<Output = T>) -> (T, Captured) {
    captured_with(setup().with_filter("info"), work)
}

pub(crate) fn captured_with<T>(setup: Setup, work: impl Future<Output = T>) -> (T, Captured) {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime starts");
    capture_with(setup, || {
        let result = runtime.block_on(work);
        // This drops the tasks that are still running, and so ends their spans.
        drop(runtime);
        result
    })
}

/// Runs a future to completion by polling it, for a future that waits for nothing else.
pub(crate) fn block_in_place<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(result) = work.as_mut().poll(&mut context) {
            return result;
        }
    }
}

/// Sends a request to a service, and returns the complete response.
pub(crate) async fn respond(service: &Router, request: Request<Body>) -> Response<Vec<u8>> {
    let response = service
        .clone()
        .oneshot(request)
        .await
        .expect("the service is infallible");
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("the body is complete");
    Response::from_parts(head, body.to_vec())
}

pub(crate) fn request(headers: &[(&str, &str)]) -> Request<Body> {
    let mut request =
        Request::get("/orders/7?sig=secret&page=2").header("host", "shop.example:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).expect("a valid request")
}

/// Returns a server layer that reads route, path and peer from axum's extensions.
pub(crate) fn server_layer() -> ServerLayer {
    ServerLayer::new()
        .with_route(|request| request.extensions.get().map(MatchedPath::as_str))
        .with_path(|request| request.extensions.get().map(|OriginalUri(uri)| uri.path()))
        .with_peer(|request| request.extensions.get().map(|ConnectInfo(peer)| *peer))
}

/// Serves on a free local port until the runtime is dropped.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await
    });
    address
}

/// Returns an attribute of a span as text.
pub(crate) fn attribute(span: &opentelemetry_sdk::trace::SpanData, key: &str) -> Option<String> {
    // If a key occurs twice, a backend shows the last value.
    let found = span
        .attributes
        .iter()
        .rfind(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.to_string())
}

/// Records the requests that a server receives.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<HeaderMap>>>);

impl Sent {
    pub(crate) fn router(&self) -> Router {
        let sent = self.clone();
        let response = move |request: Request<Body>| {
            let path = request.uri().path().to_owned();
            sent.0
                .lock()
                .expect("no thread panics")
                .push(request.headers().clone());
            let tries = sent.0.lock().expect("no thread panics").len();
            async move {
                match path.as_str() {
                    "/missing" => StatusCode::NOT_FOUND,
                    "/busy" if tries < 3 => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::OK,
                }
            }
        };
        Router::new().fallback(any(response))
    }

    pub(crate) fn headers(&self) -> Vec<HeaderMap> {
        self.0.lock().expect("no thread panics").clone()
    }

    pub(crate) fn parents(&self) -> Vec<Option<String>> {
        let parent = |headers: &HeaderMap| {
            headers
                .get("traceparent")
                .map(|value| value.to_str().expect("ASCII").to_owned())
        };
        self.headers().iter().map(parent).collect()
    }
}

pub(crate) fn header_of(span: &SpanData) -> Option<String> {
    let context = &span.span_context;
    Some(format!(
        "00-{}-{}-03",
        context.trace_id(),
        context.span_id()
    ))
}

pub(crate) fn hyper_client() -> impl tower::Service<
    http::Request<Body>,
    Response = http::Response<impl http_body::Body<Error: std::fmt::Debug>>,
    Error: std::fmt::Debug,
> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    tower_layer::Layer::layer(&ClientLayer::new(), client)
}

pub(crate) fn post(address: SocketAddr, path: &str) -> http::Request<Body> {
    http::Request::post(format!("http://user:pass@{address}{path}"))
        .body(Body::empty())
        .expect("a valid request")
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("the runtime starts").block_on(work)
}
