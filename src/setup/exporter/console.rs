//! The exporter for `OTEL_TRACES_EXPORTER=console`.

use crate::json::{Clock, Precision};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use std::io::{self, Write as _};

/// Writes a line of text for each span to standard error.
#[derive(Debug)]
pub(super) struct Console;

impl SpanExporter for Console {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut out = Vec::new();
        for span in batch {
            push(&mut out, &span);
        }
        // If standard error is closed, nobody reads the spans.
        let _ = io::stderr().write_all(&out);
        Ok(())
    }
}

fn push(out: &mut Vec<u8>, span: &SpanData) {
    Clock::default().push(out, span.start_time, Precision::Microseconds);
    let took = span
        .end_time
        .duration_since(span.start_time)
        .unwrap_or_default();
    let context = &span.span_context;
    // Writing to a `Vec` cannot fail.
    let _ = write!(
        out,
        " span {:?} {took:?} trace_id={} span_id={} parent_span_id={} status={:?}",
        span.name,
        context.trace_id(),
        context.span_id(),
        span.parent_span_id,
        span.status,
    );
    for attribute in &span.attributes {
        let (key, value) = (attribute.key.as_str(), attribute.value.as_str());
        let _ = write!(out, " {}={value:?}", key.escape_debug());
    }
    out.push(b'\n');
}
