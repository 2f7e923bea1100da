use super::{
    FixedKey, Schema,
    shape::{DurationUnit, Flags, Location},
};
use crate::json::NonFinite;
use log_files::OTEL;
use std::borrow::Cow;

/// The names in the default schema. The other schemas override some of them.
pub(super) const NAMES: [(FixedKey, &str); 22] = [
    (FixedKey::Timestamp, OTEL.timestamp),
    (FixedKey::Level, OTEL.level),
    (FixedKey::Message, OTEL.message),
    (FixedKey::Target, "target"),
    (FixedKey::TraceId, OTEL.trace_id),
    (FixedKey::SpanId, OTEL.span_id),
    (FixedKey::TraceFlags, OTEL.trace_flags),
    (FixedKey::RecordUid, OTEL.record_uid),
    (FixedKey::File, "file"),
    (FixedKey::Line, "line"),
    (FixedKey::ThreadId, "thread_id"),
    (FixedKey::ThreadName, "thread_name"),
    (FixedKey::SpanName, "span_name"),
    (FixedKey::Spans, "spans"),
    (FixedKey::Suppressed, "suppressed"),
    (FixedKey::Truncated, "truncated"),
    (FixedKey::Held, "held"),
    (FixedKey::ParentSpanId, "parent_span_id"),
    (FixedKey::StartTime, "start_time"),
    (FixedKey::Duration, "duration_ms"),
    (FixedKey::BusyMs, "busy_ms"),
    (FixedKey::IdleMs, "idle_ms"),
];

impl Schema {
    /// Returns the default schema, with OpenTelemetry's names, or `tracing`'s where OpenTelemetry has none.
    ///
    /// ```json
    /// {"timestamp":"2026-11-22T11:04:00.123456Z","level":"INFO","message":"handled request","target":"shop::orders","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","service.name":"orders","span_name":"db","method":"GET","status":200}
    /// ```
    ///
    /// The ids follow [Trace Context in non-OTLP Log Formats]: top-level keys, lower-case hexadecimal, and the flags as in a
    /// `traceparent`. NaN and the infinities have their names from [protobuf's JSON mapping].
    ///
    /// [Trace Context in non-OTLP Log Formats]: https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/
    /// [protobuf's JSON mapping]: https://protobuf.dev/programming-guides/json/
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema};
    ///
    /// assert_eq!(Schema::otel().name(FixedKey::TraceId), "trace_id");
    /// ```
    pub fn otel() -> Self {
        Self {
            names: NAMES
                .iter()
                .map(|(key, name)| (*key, Cow::Borrowed(*name)))
                .collect(),
            levels: ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"],
            constants: &[],
            trace_prefix: String::new(),
            flags: Flags::Hex,
            location: Location::Keys,
            duration: DurationUnit::Milliseconds,
            non_finite: NonFinite::Text,
            sources_suffix: ".sources",
            dots_nest: false,
            forbidden: &[],
            resource_names: &[],
            dataset: None,
        }
    }

    /// Overrides some names. Only for the schemas of this crate: their names are known to be distinct.
    pub(super) fn named(mut self, names: &[(FixedKey, &'static str)]) -> Self {
        for (key, name) in &mut self.names {
            if let Some((_, other)) = names.iter().find(|(named, _)| named == key) {
                *name = Cow::Borrowed(other);
            }
        }
        self
    }
}
