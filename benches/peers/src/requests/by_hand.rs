//! The code that an application adds to `tower_http`'s `TraceLayer`: a span with the name and attributes of the semantic conventions, and
//! the caller's context as its parent.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::MatchedPath,
    http::{HeaderMap, HeaderName, Request, Response, Version, header},
};
use opentelemetry::global;
use opentelemetry_http::HeaderExtractor;
use tower_http::{classify::ServerErrorsFailureClass, trace::TraceLayer};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Wraps the routes in `TraceLayer`, with spans only. Its events, which would become lines, are off.
pub fn around(routes: Router, make_span: fn(&Request<Body>) -> Span) -> Router {
    routes.layer(
        TraceLayer::new_for_http()
            .make_span_with(make_span)
            .on_request(())
            .on_response(note_status)
            .on_body_chunk(())
            .on_eos(())
            .on_failure(note_failure),
    )
}

/// Creates the span without a parent.
pub fn span(request: &Request<Body>) -> Span {
    let method = request.method().as_str();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let host = text(request.headers(), header::HOST).unwrap_or_default();
    let (address, port) = match host.rsplit_once(':') {
        Some((address, port)) => (address, port.parse::<i64>().ok()),
        None => (host, None),
    };
    info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
        url.scheme = "http",
        url.path = request.uri().path(),
        url.query = request.uri().query(),
        server.address = address,
        server.port = port,
        network.protocol.version = version(request.version()),
        user_agent.original = text(request.headers(), header::USER_AGENT),
    )
}

/// Creates the span as part of the caller's trace.
pub fn propagating_span(request: &Request<Body>) -> Span {
    let span = span(request);
    let caller = global::get_text_map_propagator(|propagator| {
        propagator.extract(&HeaderExtractor(request.headers()))
    });
    let _ = span.set_parent(caller);
    span
}

fn note_status<B>(response: &Response<B>, _: Duration, span: &Span) {
    // A `u16` would be exported as a string.
    span.record(
        "http.response.status_code",
        i64::from(response.status().as_u16()),
    );
}

fn note_failure(class: ServerErrorsFailureClass, _: Duration, span: &Span) {
    let error_type = match class {
        ServerErrorsFailureClass::StatusCode(status) => status.as_str().to_owned(),
        ServerErrorsFailureClass::Error(error) => error,
    };
    span.record("error.type", error_type);
    span.record("otel.status_code", "ERROR");
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}
