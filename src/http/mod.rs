//! A trace over HTTP: layers of tower for servers and clients, and W3C headers on HTTP's own types. All of it works with the
//! OpenTelemetry version that this crate depends on, the re-exported [`opentelemetry`]. An application on
//! another version keeps the integrations that it has, and gives the layer its version: see [`version`](crate::version).
//!
//! [`ServerLayer`] takes the caller's context from a request, opens the request's span, and ends it with the last byte of the
//! answer. [`ClientLayer`] opens a span for each request that is sent, and writes that span into the headers. What is neither,
//! such as a webhook's queue, has [`inject`] and [`extract`].
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
//! # Whose trace
//!
//! A caller's `traceparent` decides, unless the service is a [public endpoint](ServerLayer::with_public_endpoint). Where the request's span is filtered out, or nobody records
//! spans (no tracer, one that is shut down, `OTEL_SDK_DISABLED`), the caller's context itself is current while the request is served:
//! lines have its trace id, and what is sent on is `traceparent` and `tracestate` as they came. Without a caller nothing is invented.
//! A tracer without an exporter, as `init` has it by default, makes spans like any other: the trace id is the caller's, and lines
//! tell the spans of each service apart, though no backend has them. To be a mere go-between, set `OTEL_SDK_DISABLED=true`.
//!
//! Behind `reload`, OpenTelemetry's layer with its context activation off cannot be asked for a span's context: there lines and
//! headers have the caller's, or none.
//!
//! Headers are those of the process's propagator: what [`init`](https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html) installed, or
//! [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator); and those of the W3C where there is none.
//!
//! # What a span says
//!
//! Names and attributes are those of OpenTelemetry's [conventions for HTTP] and, of a gRPC request, [for gRPC] (1.44). Only those that
//! are worth repeating are fields of the `tracing` span, and so on each line within it: `http.request.method`, `http.route`,
//! `url.path` and, once it is known, `http.response.status_code`; or `rpc.status_code`. The `span_name` on lines is the name under which
//! the span is exported, `POST /orders/{order}`, so that one search finds a name in a tracing backend and in logs; `otel.name` and
//! `otel.kind` are not on lines. (A span of your own that has a field `otel.name` has both on its lines.) All others are on the exported span alone, and the
//! most useful of them on the [access line](ServerLayer::with_access_lines). They are set when the span has started, in one go and only
//! where it is recorded: a sampler sees the span's name, kind, method, route and path.
//!
//! `error.type` is the status (`500`, `UNAVAILABLE`), the type of the service's error, `panic`, `cancelled` for a request that was given up
//! before it was answered, or `body_dropped` for an answer that was not sent whole. Of several the first is told. A call of gRPC that is
//! given up is `CANCELLED`, which is no error of the server.
//!
//! Of a gRPC server's methods nobody can say which there are before one responds, and strangers can ask for any. So a server's span is
//! named `grpc` at first, which is what a sampler sees, and by its method when gRPC has responded with another status than
//! `UNIMPLEMENTED`. Otherwise it keeps that name and has the `rpc.method` `_OTHER`: also where the caller hangs up before.
//!
//! `Forwarded` and `X-Forwarded-…` are not looked at: whoever calls can write them. `url.scheme` of HTTP/1 is `http` therefore, also behind
//! a proxy that speaks TLS, and addresses are those of the connection.
//!
//! [conventions for HTTP]: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
//! [for gRPC]: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/

mod access;
mod allowed_hosts;
mod answer;
mod body;
mod client;
mod client_request;
mod client_span;
mod foreign_trace;
mod future;
mod grpc;
mod headers;
mod host;
mod methods;
mod outcome;
mod peer;
mod public_endpoint;
mod routing;
mod scope;
mod server;
mod server_span;
mod started;
mod under_way;
mod url;

pub use self::{
    answer::ResponseHeader,
    body::ResponseBody,
    client::{ClientLayer, ClientService},
    client_request::{ClientRequest, ClientSpan},
    future::ResponseFuture,
    headers::{HeaderExtractor, HeaderInjector, extract, inject},
    peer::Peer,
    server::{ServerLayer, ServerService},
};
