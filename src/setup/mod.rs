//! Starts logging and tracing of a service with one call.
//!
//! | to | use |
//! |---|---|
//! | start a service that is configured by environment variables | [`init`] |
//! | set some of it in code, which takes precedence over the environment | [`setup`], and then [`Setup::init`] |
//! | log within a scope, without changing anything global | [`setup`], and then [`Setup::build`] |
//! | test what a piece of code logs | [`testing`](https://docs.rs/tracing-stamp/latest/tracing_stamp/testing/) |
//! | add lines to a `registry()` that the application builds | [`layer()`](crate::layer()) in place of this module |
//!
//! The page [Start-up] of the guide covers all of it: environment variables, filters, log files, proxies and shutdown.
//!
//! [Start-up]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/start-up.md

#[cfg(feature = "zipkin")]
mod b3;
mod builder;
mod burst;
mod compression;
mod directives;
mod env;
mod exporter;
mod filter;
mod guard;
mod headers;
mod init;
mod install;
mod level_key;
mod line_output;
mod lines_filter;
mod noop_propagator;
mod options;
mod otel_events;
mod pretty;
mod propagators;
mod redacting;
mod redaction;
mod report;
mod resource;
mod sdk;
mod settings;
mod shipping;
mod sink;
mod span_events;
mod subscriber;
mod unstamped;
mod url_rules;

#[cfg(feature = "testing")]
pub(crate) use self::redacting::redact_spans;
pub use self::{
    builder::Setup,
    filter::FilterHandle,
    guard::ShutdownGuard,
    init::{init, setup},
    otel_events::OtelEvents,
    redacting::RedactingExporter,
    report::Report,
    settings::{Format, Output},
};
