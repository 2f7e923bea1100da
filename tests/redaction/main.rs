//! Secrets in lines: whatever way they come in, they are replaced, and nothing else changes.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod baggage;
mod bridged;
mod counts;
mod fields;
mod hold;
mod keys;
mod lifecycle;
mod limit;
mod nested;
mod panics;
mod patterns;
mod property;
mod removed;
mod resource;
#[path = "../support/mod.rs"]
mod support;

use support::{Line, Lines};
use tracing_stamp::{Redaction, Schema, SpanFields, StampLayer, bridge::log::Logger as LogLogger};
use tracing_subscriber::prelude::*;

/// No output may contain this.
const SECRET: &str = "s3cr3t-hunter2";

const REDACTED: &str = "[redacted]";

/// A secret that is known by its form.
const TOKEN: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

fn logger() -> LogLogger {
    log::set_max_level(log::LevelFilter::Trace);
    LogLogger::new()
}

fn schemas() -> [Schema; 4] {
    [
        Schema::otel(),
        Schema::ecs(),
        Schema::gcp("project"),
        Schema::datadog(),
    ]
}

/// Returns the lines that `run` logs through a layer with the given options.
fn lines(options: impl FnOnce(StampLayer) -> StampLayer, run: impl FnOnce()) -> Vec<Line> {
    let lines = Lines::default();
    let layer = options(tracing_stamp::layer())
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    lines.all()
}

/// Returns the only line that `run` logs through a layer with these rules.
fn line(redaction: Redaction, run: impl FnOnce()) -> Line {
    let mut lines = lines(|layer| layer.with_redaction(redaction), run);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

/// Asserts that no line of `run` has a secret, and that each line has `found` in it, in all schemas and with the fields of spans in both
/// forms.
fn assert_redacted(redaction: &Redaction, found: &str, run: impl Fn()) {
    for schema in schemas() {
        for span_fields in [SpanFields::Flatten, SpanFields::List] {
            let lines = Lines::default();
            let layer = tracing_stamp::layer()
                .with_schema(schema.clone())
                .with_span_fields(span_fields)
                .with_baggage(["api-key", "note"])
                .with_redaction(redaction.clone())
                .with_diagnostics(|_| ())
                .with_writer(lines.clone());
            tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), &run);
            assert!(!lines.all().is_empty(), "nothing was logged");
            for line in lines.text().lines() {
                assert!(line.contains(found), "{found} is not in {line}");
                for secret in [SECRET, TOKEN] {
                    assert!(!line.contains(secret), "{secret} is in {line}");
                }
            }
        }
    }
}
