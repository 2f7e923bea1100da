//! JSON log lines for [`tracing`](https://docs.rs/tracing), each with the OpenTelemetry `trace_id` and `span_id` of its request.
//!
//! The ids come from OpenTelemetry's own context, so a line has the same ids as the exported span. Each event is one line, and each line is
//! one valid JSON object, in which no key occurs twice.
//!
//! ```
//! use opentelemetry_sdk::trace::SdkTracerProvider;
//! use tracing::{info, info_span};
//! use tracing_stamp::opentelemetry::trace::TracerProvider as _;
//! use tracing_subscriber::prelude::*;
//!
//! let provider = SdkTracerProvider::builder().build();
//! let layer = tracing_stamp::layer();
//! let stats = layer.stats();
//! let subscriber = tracing_subscriber::registry()
//!     .with(tracing_stamp::otel_layer(provider.tracer("orders"), |layer| layer))
//!     .with(layer);
//!
//! tracing::subscriber::with_default(subscriber, || {
//!     info_span!("db").in_scope(|| info!(method = "GET", status = 200, "handled request"));
//! });
//! assert_eq!((stats.stamped(), stats.unstamped()), (1, 0), "the line has ids");
//! ```
//!
//! This writes the following line to standard output:
//!
//! ```json
//! {"timestamp":"2026-11-22T11:04:00.123456Z","level":"INFO","message":"handled request","target":"shop::orders","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","span_name":"db","method":"GET","status":200}
//! ```
//!
//! # Which part to use
//!
//! | to | use | guide |
//! |---|---|---|
//! | start logging and tracing of a service with one call | [`init`], or [`setup`] for settings in code (both need the feature `setup`) | [Start-up] |
//! | add lines to a `registry()` that you build | [`layer()`] and [`otel_layer`] | [Existing registry] |
//! | choose the names of the fixed keys | [`Schema`] | [Schemas] |
//! | write to files, or on a separate thread | [`writer`] | [Writers] |
//! | continue a trace over HTTP and gRPC | [`http`] (feature `http`); the crate `tracing-stamp-reqwest` for reqwest | [HTTP and gRPC] |
//! | continue a trace through a queue, a job or an SQL comment | [`w3c`] | [HTTP and gRPC] |
//! | keep the ids in spawned tasks, threads and callbacks | [`carry`] | [Tasks and threads] |
//! | get lines and ids from code that logs through `log` or slog | [`bridge`] (features `log`, `slog`) | [`log` and slog] |
//! | send the lines to Loki, Elasticsearch or a collector | [`ship`] (feature `ship`), or the program `traceship` | [Shipping] |
//! | use another OpenTelemetry version | [`version`], [`opentelemetry_of!`] and [`otel_layer_of!`] | [OpenTelemetry versions] |
//! | take ids from a source that is not OpenTelemetry | [`ContextSource`] and [`TraceContext`] | [Existing registry] |
//! | write the DEBUG lines of one request alone | [`trace_level`], and [`TraceLevelFilter`] for a `registry()` that you build | [Debug one request] |
//! | find lines without ids | [`Stats`] counts them and lists their call sites; [`Diagnosis`] reports why no line has ids | [Existing registry] |
//! | test what a piece of code logs | [`testing`] (feature `testing`) | [Start-up][tests] |
//!
//! # Which ids a line has
//!
//! The line of an event that names a span (`parent: &span`) has the ids of that span. Any other line has the ids of OpenTelemetry's current
//! context or, if there is none, those of the current `tracing` span. A line never has the ids of another trace: if the ids are not
//! certain, they are left out. With [`otel_layer`] the ids of every span are certain; with a plain `tracing_opentelemetry::layer()` [some
//! are not]. Logging never makes OpenTelemetry start a span early, so `set_parent` still works after a line was written.
//!
//! # What a line contains
//!
//! A line is one JSON object and a newline. Fixed keys come first. A user field with the name of a fixed key is written as `field.<name>`.
//! Integers of up to 64 bits, floats and booleans keep their types. Wider integers are written as strings, and bytes as base64. An error is
//! written as its message, and its sources as a list. [ARCHITECTURE.md] has all rules.
//!
//! # Features
//!
//! No feature is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `setup` | [`init`] and [`setup`]; includes `log` and `otlp-http` |
//! | `otlp-http`, `otlp-grpc`, `zipkin` | exporters for spans; `zipkin` also adds the propagators `b3` and `b3multi` |
//! | `xray` | the propagator of AWS X-Ray |
//! | `log` | records of the `log` crate become lines |
//! | `slog` | slog records become lines or get ids, and `tracing` events become slog records |
//! | `http` | tower layers for servers and clients |
//! | `level-token` | signed tokens that set the log level of one request; includes `http` |
//! | `ship` | shipping from log files to Loki, Elasticsearch, OpenSearch or a collector |
//! | `gzip` | closed log files are compressed |
//! | `signals` | on Unix, lines are written before SIGTERM or SIGINT ends the process, and SIGHUP reopens log files |
//! | `testing` | [`testing`], which captures the lines and spans of a scope as typed values |
//! | `full` | all of these except `testing` |
//!
//! # Panics
//!
//! This crate does not panic. If the `Debug` or `Display` implementation of a value panics, the panic reaches the code that logs the value,
//! as with every `tracing` layer. The next line is complete again.
//!
//! [`init`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html
//! [`setup`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/setup/
//! [`http`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/http/
//! [`bridge`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/bridge/
//! [`ship`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/ship/
//! [`testing`]: https://docs.rs/tracing-stamp/latest/tracing_stamp/testing/
//! [`opentelemetry_of!`]: crate::opentelemetry_of
//! [`otel_layer_of!`]: crate::otel_layer_of
//! [Start-up]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md
//! [tests]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md#tests
//! [Existing registry]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/existing-registry.md
//! [Schemas]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/schemas.md
//! [Writers]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/writers.md
//! [HTTP and gRPC]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/http.md
//! [Debug one request]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/one-request.md
//! [Tasks and threads]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/tasks-and-threads.md
//! [`log` and slog]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/log-and-slog.md
//! [Shipping]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/shipping.md
//! [OpenTelemetry versions]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/opentelemetry-versions.md
//! [some are not]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/existing-registry.md#opentelemetrys-layer-otel_layer
//! [ARCHITECTURE.md]: https://github.com/tracing-stamp/tracing-stamp/blob/main/ARCHITECTURE.md
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "log", feature = "slog"))]
pub mod bridge;
mod burst;
pub mod carry;
mod error;
#[cfg(doctest)]
mod guide;
pub mod hold;
#[cfg(feature = "http")]
pub mod http;
mod json;
mod layer;
mod quiet;
mod schema;
#[cfg(feature = "setup")]
pub mod setup;
#[cfg(feature = "ship")]
pub mod ship;
#[cfg_attr(
    not(any(feature = "log", feature = "slog")),
    allow(dead_code, unused_imports, reason = "only the bridges use most of it")
)]
mod site;
mod stats;
#[cfg(feature = "testing")]
pub mod testing;
mod trace_context;
pub mod trace_level;
pub mod w3c;
pub mod writer;

#[doc(hidden)]
pub use self::layer::bracket;
#[cfg(feature = "setup")]
pub use self::setup::{init, setup};
pub use self::{
    burst::{Burst, BurstGuard},
    error::Error,
    hold::Hold,
    json::Precision,
    layer::{SpanFields, StampLayer, TraceLevelFilter, layer, otel_layer},
    schema::{FixedKey, Schema},
    stats::{Diagnosis, LinkedVersions, Stats, UnstampedCallSite},
    trace_context::{ContextSource, StampSpan, StampTracer, TraceContext, version},
};
#[cfg(feature = "redact")]
pub use log_redaction::InvalidPattern;
pub use log_redaction::{Redaction, Redactor, Replacement, RuleCount};
pub use opentelemetry;
#[cfg(feature = "setup")]
pub use opentelemetry_sdk;
pub use tracing_opentelemetry;
