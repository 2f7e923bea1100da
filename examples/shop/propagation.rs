//! How a trace gets from one service to the next: in a `traceparent` header, written by the
//! caller and read by the called.

use std::{error::Error, net::SocketAddr};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use serde_json::Value;
use tracing::{Instrument as _, Span};
use tracing_stamp::{opentelemetry::global, tracing_opentelemetry::OpenTelemetrySpanExt as _};

pub(crate) type Client = legacy::Client<HttpConnector, Body>;
pub(crate) type Answer = (StatusCode, Value);
/// No answer, or one that is not JSON.
pub(crate) type CallError = Box<dyn Error + Send + Sync>;

const MAX_ANSWER_BYTES: usize = 64 * 1024;

pub(crate) fn client() -> Client {
    legacy::Client::builder(TokioExecutor::new()).build_http()
}

/// The calling side. To be awaited within the client span: the context that goes out is the
/// current one, and only there does the header name that span as the parent of the called
/// service's.
pub(crate) async fn post(
    client: &Client,
    service: SocketAddr,
    path: &str,
) -> Result<Answer, CallError> {
    let mut request = Request::post(format!("http://{service}{path}")).body(Body::empty())?;
    global::get_text_map_propagator(|propagator| {
        propagator.inject(&mut HeaderInjector(request.headers_mut()));
    });
    let response = client.request(request).await?;
    let status = response.status();
    let body = to_bytes(Body::new(response.into_body()), MAX_ANSWER_BYTES).await?;
    Ok((status, serde_json::from_slice(&body)?))
}

/// The called side: runs a request within `span`, in the trace of whoever sent it. Each service
/// makes the span itself, so that the span's target is that service.
pub(crate) async fn continue_trace(span: Span, request: Request, next: Next) -> Response {
    let caller = global::get_text_map_propagator(|propagator| {
        propagator.extract(&HeaderExtractor(request.headers()))
    });
    // Before the span is first entered: that starts it, and a started span keeps its parent.
    // Where a filter has disabled the span there is nothing to set, and the request is served
    // all the same.
    let _ = span.set_parent(caller);
    next.run(request).instrument(span).await
}
