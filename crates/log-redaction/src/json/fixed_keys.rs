//! The members of a line that are never changed: its time, its level and its ids.

use log_files::{DATADOG, ECS, GCP, OTEL};

/// The names of other loggers, beside those of the four schemas.
const OTHERS: &[&str] = &[
    "@timestamp",
    "ts",
    "lvl",
    "traceId",
    "traceID",
    "trace",
    "spanId",
    "spanID",
    "span",
    "parentId",
    "parent_id",
    "parent.id",
    "parentSpanId",
    "parent_span_id",
    "traceFlags",
    "transaction.id",
    "dd.trace_id",
    "dd.span_id",
    "insertId",
];

/// Returns whether a member at the top of a line is its time, its level or an id.
pub(super) fn is_fixed(key: &str) -> bool {
    let schemas = [&OTEL, &ECS, &GCP, &DATADOG];
    let is_of_schema = schemas.iter().any(|names| {
        [
            names.timestamp,
            names.level,
            names.trace_id,
            names.span_id,
            names.trace_flags,
            names.record_uid,
        ]
        .contains(&key)
    });
    is_of_schema || OTHERS.contains(&key)
}

/// Returns whether members below a member are fixed, as in `"trace":{"id":…}`.
pub(super) fn has_fixed_members(key: &str) -> bool {
    matches!(
        key,
        "trace" | "span" | "log" | "event" | "transaction" | "parent" | "dd"
    )
}
