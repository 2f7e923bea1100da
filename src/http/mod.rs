//! Tower layers that pass a trace through HTTP servers and clients, and W3C trace headers on the types of the `http` crate.
//!
//! | you have | use |
//! |---|---|
//! | a server built on tower: axum, tonic, hyper | [`ServerLayer`] |
//! | a client built on tower: tonic, hyper-util | [`ClientLayer`] |
//! | another HTTP client | [`ClientLayer::start_span`], with a [`ClientRequest`] that describes the request |
//! | reqwest | the crate [`tracing-stamp-reqwest`](https://docs.rs/tracing-stamp-reqwest) |
//! | only headers, without a layer | [`inject`] and [`extract`] |
//!
//! [`ServerLayer`] reads the caller's context from a request, starts the request's span, and ends it with the last byte of the response.
//! [`ClientLayer`] starts a span for each request that is sent, and writes the ids of that span into the request headers.
//!
//! ```
//! use tower::ServiceBuilder;
//! use tracing_stamp::http::{ClientLayer, ServerLayer};
//!
//! # #[derive(Clone)] struct Router; #[derive(Clone)] struct Client;
//! // For axum: `Router::new().route(…).layer(ServerLayer::new())`. For tonic: `Server::builder().layer(ServerLayer::new())`.
//! let server = ServiceBuilder::new().layer(ServerLayer::new()).service(Router);
//! let client = ServiceBuilder::new().layer(ClientLayer::new()).service(Client);
//! # let _ = (server, client);
//! ```
//!
//! This module works with the OpenTelemetry version that this crate depends on, the re-exported [`opentelemetry`]. An application on
//! another version keeps the HTTP integrations that it has, and gives the layer its version: see [`version`](crate::version).
//!
//! # Which trace a request belongs to
//!
//! The caller's `traceparent` decides, unless the service is a [public endpoint](ServerLayer::with_public_endpoint).
//!
//! If a filter hides the request's span, or nothing records spans (no tracer, a tracer that was shut down, `OTEL_SDK_DISABLED`), the
//! caller's context itself is current while the request is served, unless the service is a public endpoint. Lines have its trace id, and
//! outgoing requests carry the caller's `traceparent` and `tracestate` unchanged. If the caller sent no context, or the service is a
//! public endpoint, lines have no ids.
//!
//! A tracer without an exporter, which is the default of `init`, creates spans like any other. The trace id is the caller's, and each
//! service has span ids of its own on its lines, although no backend has these spans. To pass the caller's headers on unchanged, set
//! `OTEL_SDK_DISABLED=true`.
//!
//! If OpenTelemetry's layer is behind `reload` and was built with `with_context_activation(false)`, a span's context cannot be reached.
//! Lines and headers then have the caller's ids, or none.
//!
//! The process's propagator decides which headers a server reads and a client writes. It is installed by
//! [`init`](https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html) or
//! [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator). If none is installed, the headers are those of the W3C.
//!
//! # Names and attributes of spans
//!
//! Names and attributes are those of OpenTelemetry's [conventions for HTTP] and, for a gRPC request, [for gRPC] (1.44).
//!
//! - **On each line within the span** are the attributes that are worth repeating: `http.request.method`, `http.route`, `url.path` and,
//!   once it is known, `http.response.status_code`. For gRPC on a server they are `url.path` and, once they are known, `rpc.method` and
//!   `rpc.status_code`. They are fields of the `tracing` span.
//! - **On the exported span** are all other attributes. They are set when the span has started, all at once, and only if the span is
//!   recorded. So a sampler sees the name, kind, method, route and path of a span.
//! - **On the [access line](ServerLayer::with_access_lines)** are the most useful attributes of both kinds.
//! - **`error.type`** is on the exported span, on the access line, and on lines that are logged after the error.
//!
//! `span_name` on lines is the name under which the span is exported, such as `POST /orders/{order}`, so that one search finds the name
//! both in a tracing backend and in logs. The exception is a gRPC call on a server: until its status is known, its lines have the
//! `span_name` `grpc`. `otel.name` and `otel.kind` are not on lines. (A span of your own with a field `otel.name` has both `span_name` and
//! `otel.name` on its lines.)
//!
//! `error.type` on a server's span is the first of these errors:
//!
//! - the status (`500`, `UNAVAILABLE`);
//! - the type of the service's error;
//! - `panic`;
//! - `cancelled`, if an HTTP request was dropped before its response was there;
//! - `body_dropped`, if the response to an HTTP request was not sent completely.
//!
//! A gRPC call that is dropped has the status `CANCELLED` and no `error.type`, because `CANCELLED` is not an error of the server. If the
//! service panicked, the `error.type` is `panic`, and the status is `UNKNOWN`.
//!
//! Only the server knows which gRPC methods it has, and a caller can ask for any name. So a server's span is named `grpc` at first, and
//! this is the name that a sampler sees. The span gets the name of the method once gRPC has responded with a status other than
//! `UNIMPLEMENTED`. Otherwise its name stays `grpc`, and its `rpc.method` is `_OTHER`. This also applies if the caller hangs up before
//! the response.
//!
//! `Forwarded` and `X-Forwarded-…` headers are not read, because any caller can write them. Addresses are therefore those of the
//! connection, and `url.scheme` of HTTP/1 is `http`, even behind a proxy that terminates TLS.
//!
//! [conventions for HTTP]: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
//! [for gRPC]: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/

mod access_line;
mod allowed_hosts;
mod attributes;
mod body;
mod client;
mod foreign_trace;
mod future;
mod grpc;
mod headers;
mod host;
mod in_flight;
mod instrumented;
mod methods;
mod request_span;
mod request_state;
mod response_header;
mod server;
mod span_kind;
mod url;

#[cfg(feature = "setup")]
pub(crate) use self::url::install_url_rules;
pub use self::{
    body::ResponseBody,
    client::{ClientLayer, ClientRequest, ClientService, ClientSpan},
    future::ResponseFuture,
    headers::{HeaderExtractor, HeaderInjector, extract, inject},
    response_header::ResponseHeader,
    server::{Peer, ServerLayer, ServerService},
};
