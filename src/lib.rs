//! JSON log lines for [`tracing`](https://docs.rs/tracing), each with the right OpenTelemetry `trace_id` and `span_id`.
//!
//! Two layers are added to an existing subscriber:
//!
//! ```
//! use tracing_subscriber::prelude::*;
//!
//! let subscriber = tracing_subscriber::registry()
//!     // .with(tracing_stamp::otel_layer(tracer, |layer| layer))
//!     .with(tracing_stamp::layer());
//! # let _ = subscriber;
//! ```
//!
//! From then on each event is one line of JSON on standard output:
//!
//! ```json
//! {"timestamp":"2026-11-22T11:04:00.123456Z","level":"INFO","message":"handled request","target":"shop::orders","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","span_name":"db","method":"GET","status":200}
//! ```
//!
//! Or one call starts everything, by the environment: with the feature `setup`, `let _guard = tracing_stamp::init()?;`.
//!
//! # Map
//!
//! - [`init`](https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html) and `setup` are for start-up.
//! - [`layer`] makes a [`StampLayer`], whose `with_…` methods say what a line has on it.
//! - [`otel_layer`] makes OpenTelemetry's layer, and reports the ids of its spans to stamping layers.
//! - [`Schema`] has the names of the fixed keys: OpenTelemetry's, ECS, Google Cloud's, Datadog's, or your own.
//! - [`opentelemetry_of!`](crate::opentelemetry_of) and [`otel_layer_of!`](crate::otel_layer_of) name the OpenTelemetry version that
//!   the application has: see [`version`].
//! - [`ContextSource`] and [`TraceContext`] are for ids that do not come from OpenTelemetry.
//! - [`bridge`](https://docs.rs/tracing-stamp/latest/tracing_stamp/bridge/) has lines and ids for `log` and slog.
//! - [`w3c`] carries a trace from one process to the next, and [`http`](https://docs.rs/tracing-stamp/latest/tracing_stamp/http/) over HTTP.
//! - [`carry`] takes ids, span and baggage along to tasks and threads.
//! - [`ship`](https://docs.rs/tracing-stamp/latest/tracing_stamp/ship/) brings lines from their files to Loki or Elasticsearch.
//! - [`writer`] has what a line can be written to, off the caller's thread and to rolling files, and without silent loss.
//! - [`Stats`] counts lines with and without ids, and names where those without are logged; a [`Diagnosis`] says why none has any.
//!
//! # Whose ids
//!
//! An explicit `parent:` decides; else OpenTelemetry's current context; else the current span. A span's ids are never
//! those of another trace, and logging never starts a span: `set_parent` after any line still works. With [`otel_layer`] the ids
//! of each span are known. Without it some cannot be known for certain, and are left out.
//!
//! # What is on a line
//!
//! One JSON object and a newline, each key once. Fixed keys come first; a user field that has the name of one is written
//! as `field.<name>`. Integers to 64 bits, floats and booleans stay what they are; wider integers are strings; bytes are
//! base64; an error is its message, with its sources as a list. ARCHITECTURE.md in the repository has it all.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `log`: records of the `log` crate become lines.
//! - `slog`: records of slog become lines or get ids, and `tracing` events become slog records.
//! - `http`: layers of tower for servers and clients; `axum` adds routes, `reqwest` and `reqwest-middleware` those clients.
//! - `setup`: `init`, with `log` and the exporter for OTLP over HTTP; `otlp-grpc` and `zipkin` have other ways out, `xray` another propagator.
//! - `ship`: lines from log files to Loki, Elasticsearch and OpenSearch; `cli` is the program `traceship`.
//! - `testing`: what a scope logs, as typed values, and its spans, for tests.
//! - `full`: all of these but `testing` and `cli`.
//! - `gzip`: closed log files are compressed.
//! - `signals`: lines are written before SIGTERM or SIGINT ends the process; SIGHUP opens log files anew. On Unix.
//!
//! # Panics
//!
//! None of this crate's own. A panic of a value's `Debug` or `Display` goes on to whoever logged the value, as it does
//! with every layer; the next line is whole.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "log", feature = "slog"))]
pub mod bridge;
pub mod carry;
mod disk;
mod error;
mod foreign;
#[cfg(doctest)]
mod guide;
#[cfg(feature = "http")]
pub mod http;
mod json;
mod layer;
mod lock;
#[cfg(any(feature = "setup", feature = "ship"))]
mod net;
mod quiet;
#[cfg(any(feature = "setup", feature = "ship"))]
mod redact;
mod schema;
#[cfg(feature = "setup")]
pub mod setup;
#[cfg(feature = "ship")]
pub mod ship;
#[cfg_attr(
    not(any(feature = "log", feature = "slog")),
    allow(dead_code, unused_imports, reason = "most of it is for the bridges")
)]
mod site;
mod stats;
#[cfg(feature = "testing")]
pub mod testing;
mod trace_context;
pub mod w3c;
pub mod writer;

#[doc(hidden)]
pub use self::layer::bracket;
#[cfg(feature = "setup")]
pub use self::setup::{init, setup};
pub use self::{
    error::Error,
    json::Precision,
    layer::{SpanFields, StampLayer, layer, otel_layer},
    schema::{FixedKey, Schema},
    stats::{Diagnosis, LinkedVersions, Stats, UnstampedCallSite},
    trace_context::{ContextSource, StampTracer, TraceContext, version},
};
pub use opentelemetry;
#[cfg(feature = "setup")]
pub use opentelemetry_sdk;
pub use tracing_opentelemetry;
