//! What is installed in each child: a registry with OpenTelemetry's layer, all spans sampled, and by choice the library's lines.

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
    /// OpenTelemetry's layer alone.
    Span,
    /// The library's layer for lines too, and one event of the handler.
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

/// Makes it the global default; what an exporter would get of each span goes to `at_end`.
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
