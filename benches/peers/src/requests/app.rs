//! The service, and the request sent to it.

use std::{
    future::poll_fn,
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use axum::{
    Router,
    body::{Body, HttpBody},
    http::Request,
    routing::get,
};
use tower_service::Service;

use super::{contender::Contender, subscriber::Kind};

pub const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub const TRACESTATE: &str = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";

/// One route within a contender's layer.
pub struct App {
    router: Router,
}

impl App {
    pub fn new(contender: Contender, kind: Kind) -> Self {
        let route = match kind {
            Kind::Span => get(silent),
            Kind::Line | Kind::Reported | Kind::Closing | Kind::Access => get(logging),
        };
        let routes = Router::new().route("/orders/{order}", route);
        // As a server does. Without a state, layers would be applied again for each request.
        let router = contender
            .around(routes, kind == Kind::Access)
            .with_state(());
        Self { router }
    }

    /// Serves one request, and reads the response to its end as hyper does.
    pub fn serve(&mut self) {
        let request = request();
        now(async {
            let response = self.router.call(request).await;
            let Ok(response) = response;
            let mut body = response.into_body();
            while !body.is_end_stream() {
                let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
                black_box(frame.transpose().expect("the body is in memory"));
            }
        });
    }
}

fn request() -> Request<Body> {
    Request::get("/orders/1017?page=2")
        .header("host", "shop.example:8080")
        .header("user-agent", "peers/1.0")
        .header("traceparent", format!("00-{TRACE_ID}-00f067aa0ba902b7-01"))
        .header("tracestate", TRACESTATE)
        .body(Body::empty())
        .expect("the request is valid")
}

async fn silent() -> &'static str {
    "shipped"
}

async fn logging() -> &'static str {
    tracing::info!(order = 1017, "order found");
    "shipped"
}

/// Polls a future that never waits, to its end.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
