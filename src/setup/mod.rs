//! One call at start-up.

#[cfg(feature = "zipkin")]
mod b3;
mod builder;
mod directives;
mod env;
mod exporter;
mod filter;
mod guard;
mod headers;
mod install;
mod lines_filter;
mod nothing;
mod pretty;
mod propagators;
mod report;
mod resource;
mod sdk;
mod settings;
mod shipping;
mod sink;
mod unstamped;

pub use self::{
    builder::{OtelEvents, Setup, init, setup},
    filter::FilterHandle,
    guard::ShutdownGuard,
    report::Report,
    settings::{Format, Output},
};
