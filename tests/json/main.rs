//! The form of a line, according to the rules in ARCHITECTURE.md.

mod combinations;
mod errors;
mod escapes;
mod fixed;
mod limit;
mod message;
mod precedence;
mod record_uid;
mod reserved;
mod resource;
mod reuse;
mod spans;
#[path = "../support/mod.rs"]
mod support;
mod types;
mod values;
mod writing;

use support::{Line, Lines};
use tracing_stamp::StampLayer;
use tracing_subscriber::prelude::*;

/// Returns the lines that `run` logs through a layer with the given options.
fn lines(options: impl FnOnce(StampLayer) -> StampLayer, run: impl FnOnce()) -> Vec<Line> {
    let lines = Lines::default();
    let layer = options(tracing_stamp::layer())
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    lines.all()
}

/// Returns the only line that `run` logs through a layer with the given options.
fn line_with(options: impl FnOnce(StampLayer) -> StampLayer, run: impl FnOnce()) -> Line {
    let mut lines = lines(options, run);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

/// Returns the only line that `run` logs through the default layer.
fn line(run: impl FnOnce()) -> Line {
    line_with(|layer| layer, run)
}

/// The names of all fixed keys in the default schema.
const FIXED: [&str; 21] = [
    "timestamp",
    "level",
    "message",
    "target",
    "trace_id",
    "span_id",
    "trace_flags",
    "log.record.uid",
    "file",
    "line",
    "thread_id",
    "thread_name",
    "span_name",
    "spans",
    "suppressed",
    "truncated",
    "parent_span_id",
    "start_time",
    "duration_ms",
    "busy_ms",
    "idle_ms",
];
