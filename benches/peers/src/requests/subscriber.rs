//! The subscriber of each child: a registry with OpenTelemetry's layer, which samples all spans, and optionally the library's layer.

use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use tracing::subscriber::set_global_default;
use tracing_subscriber::{fmt::format::FmtSpan, layer::SubscriberExt};

use crate::{contenders::otel, sink::Sink};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only OpenTelemetry's layer.
    Span,
    /// The library's layer for lines too, and one event in the handler.
    Line,
    /// The same, with the ids of spans from `otel_layer`, as under `init`.
    Reported,
    /// The same as `Reported`, with closing lines.
    Closing,
    /// The same as `Reported`, with access lines, which only the library's layer for servers writes.
    Access,
}

const ALL: [Kind; 5] = [
    Kind::Span,
    Kind::Line,
    Kind::Reported,
    Kind::Closing,
    Kind::Access,
];

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Span => "span",
            Self::Line => "line",
            Self::Reported => "reported",
            Self::Closing => "closing",
            Self::Access => "access",
        }
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        ALL.into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("no kind {text:?}"))
    }
}

/// Installs the subscriber as the global default. Calls `at_end` with each ended span, as an exporter would receive it.
pub fn install(kind: Kind, at_end: fn(SpanData)) {
    let registry = tracing_subscriber::registry();
    let lines = tracing_stamp::layer().with_writer(Sink::Discard);
    let at_end = AtEnd(at_end);
    match kind {
        Kind::Span => set_global_default(registry.with(otel::layer_to(at_end))),
        Kind::Line => set_global_default(registry.with(otel::layer_to(at_end)).with(lines)),
        Kind::Reported | Kind::Access => {
            set_global_default(registry.with(otel::reporting_to(at_end)).with(lines))
        }
        Kind::Closing => {
            let lines = lines.with_span_events(FmtSpan::CLOSE);
            set_global_default(registry.with(otel::reporting_to(at_end)).with(lines))
        }
    }
    .expect("one subscriber per process");
}

#[derive(Debug)]
struct AtEnd(fn(SpanData));

impl SpanProcessor for AtEnd {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        (self.0)(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
