//! The names that the schemas of `tracing-stamp` give to the fixed keys of a line.

/// The names of the keys that readers of a finished line look for.
///
/// ```
/// use log_files::{KeyNames, LineReader, OTEL};
///
/// // Lines whose trace id has another name.
/// let names = KeyNames { trace_id: "traceId", ..OTEL };
/// let line = br#"{"timestamp":"2026-11-22T11:04:00Z","level":"INFO","message":"hello","traceId":"4bf9"}"#;
/// let located = LineReader::new(Some(&names)).locate(line).expect("the line is an object");
/// assert_eq!(located.trace_id.map(|range| range.of(line)), Some(&b"4bf9"[..]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyNames<S> {
    /// The time of the line.
    pub timestamp: S,
    /// The level.
    pub level: S,
    /// The message.
    pub message: S,
    /// The name of the service, which is part of the resource.
    pub service: S,
    /// The trace id.
    pub trace_id: S,
    /// The span id.
    pub span_id: S,
    /// The W3C trace flags, or a sampled flag.
    pub trace_flags: S,
    /// The id of the line, `log.record.uid` of OpenTelemetry.
    pub record_uid: S,
    /// Whether the trace is written as a resource name, `projects/orders/traces/4bf9…`. The id is its last part.
    pub trace_is_path: bool,
}

/// OpenTelemetry's names, which are the default.
pub const OTEL: KeyNames<&str> = KeyNames {
    timestamp: "timestamp",
    level: "level",
    message: "message",
    service: "service.name",
    trace_id: "trace_id",
    span_id: "span_id",
    trace_flags: "trace_flags",
    record_uid: "log.record.uid",
    trace_is_path: false,
};

/// The names of the [Elastic Common Schema](https://www.elastic.co/guide/en/ecs/current/index.html).
pub const ECS: KeyNames<&str> = KeyNames {
    timestamp: "@timestamp",
    level: "log.level",
    trace_id: "trace.id",
    span_id: "span.id",
    record_uid: "event.id",
    ..OTEL
};

/// The names of [Google Cloud's structured logging](https://cloud.google.com/logging/docs/structured-logging).
pub const GCP: KeyNames<&str> = KeyNames {
    timestamp: "time",
    level: "severity",
    trace_id: "logging.googleapis.com/trace",
    span_id: "logging.googleapis.com/spanId",
    trace_flags: "logging.googleapis.com/trace_sampled",
    record_uid: "logging.googleapis.com/insertId",
    trace_is_path: true,
    ..OTEL
};

/// The names of [Datadog's standard attributes](https://docs.datadoghq.com/standard-attributes/).
pub const DATADOG: KeyNames<&str> = KeyNames {
    level: "status",
    service: "service",
    ..OTEL
};
