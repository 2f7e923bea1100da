//! The subscriber of each child: a registry with OpenTelemetry's layer, which samples all spans, and optionally the library's layer.

use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};
use tracing::subscriber::set_global_default;
use tracing_subscriber::layer::SubscriberExt;

use crate::{contenders::otel, sink::Sink};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only OpenTelemetry's layer.
    Span,
    /// The library's layer for lines too, and one event in the handler.
    Line,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Span => "span",
            Self::Line => "line",
        }
    }

    pub fn parse(text: &str) -> Result<Self, String> {
        [Self::Span, Self::Line]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("{text:?} is neither span nor line"))
    }
}

/// Installs the subscriber as the global default. Calls `at_end` with each ended span, as an exporter would receive it.
pub fn install(kind: Kind, at_end: fn(SpanData)) {
    let registry = tracing_subscriber::registry().with(otel::layer_to(AtEnd(at_end)));
    match kind {
        Kind::Span => set_global_default(registry),
        Kind::Line => {
            let lines = tracing_stamp::layer().with_writer(Sink::Discard);
            set_global_default(registry.with(lines))
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
