//! A trace over HTTP, by real servers and clients where they matter.

mod backends;
mod bodies;
mod called;
mod conformance;
mod edges;
mod filtered;
mod hostile;
mod memory;
mod sent;
mod served;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../setup/servers.rs"]
mod servers;
mod shop;
mod strangers;

use axum::{Router, body::Body};
use http::{Request, Response};
use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
};
use tokio::{net::TcpListener, runtime};
use tower::ServiceExt as _;
use tracing_stamp::{
    Setup, setup,
    testing::{Captured, capture_with},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Runs a future to its end on this thread, and all that it spawns, and captures what is logged.
fn captured<T>(work: impl Future<Output = T>) -> (T, Captured) {
    captured_with(setup().filter("info"), work)
}

fn captured_with<T>(setup: Setup, work: impl Future<Output = T>) -> (T, Captured) {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    capture_with(setup, || {
        let result = runtime.block_on(work);
        // What was spawned is dropped here, and ends.
        drop(runtime);
        result
    })
}

/// Runs a future to its end that waits for nothing but itself.
fn block_in_place<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(result) = work.as_mut().poll(&mut context) {
            return result;
        }
    }
}

/// The answer of a service, to its last byte.
async fn answer(service: &Router, request: Request<Body>) -> Response<Vec<u8>> {
    let response = service.clone().oneshot(request).await.expect("infallible");
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("whole");
    Response::from_parts(head, body.to_vec())
}

fn request(headers: &[(&str, &str)]) -> Request<Body> {
    let mut request =
        Request::get("/orders/7?sig=secret&page=2").header("host", "shop.example:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).expect("a request")
}

/// Serves on a free port of this machine, until the runtime is dropped.
async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await
    });
    address
}

/// An attribute of a span as text.
fn attribute(span: &opentelemetry_sdk::trace::SpanData, key: &str) -> Option<String> {
    // Of two with one key the last is what a backend shows.
    let found = span
        .attributes
        .iter()
        .rfind(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.to_string())
}
