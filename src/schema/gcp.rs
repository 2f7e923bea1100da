use super::{
    FixedKey, Schema,
    shape::{Flags, Location},
};
use crate::json::NonFinite;

impl Schema {
    /// Google Cloud Logging's structured logging, for a project's id.
    ///
    /// ```json
    /// {"time":"2026-11-22T11:04:00.123456Z","severity":"INFO","message":"handled request","target":"shop::orders","logging.googleapis.com/trace":"projects/my-project/traces/4bf92f3577b34da6a3ce929d0e0e4736","logging.googleapis.com/spanId":"00f067aa0ba902b7","logging.googleapis.com/trace_sampled":true,"service.name":"orders","span_name":"db","method":"GET","status":200}
    /// ```
    ///
    /// The names are those of the [special fields of structured logging]; the trace is the resource name that
    /// [`LogEntry`] asks for. There is no severity below `DEBUG`, so TRACE is `DEBUG`; WARN is `WARNING`. File and line
    /// are one `LogEntrySourceLocation`, whose line is a string, as protobuf's JSON mapping has 64-bit integers. A
    /// payload is a protobuf `Struct`, which holds no NaN and no infinity: they are `null`.
    ///
    /// [special fields of structured logging]: https://cloud.google.com/logging/docs/structured-logging#structured_logging_special_fields
    /// [`LogEntry`]: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema};
    ///
    /// assert_eq!(Schema::gcp("my-project").name(FixedKey::Level), "severity");
    /// ```
    pub fn gcp(project: impl AsRef<str>) -> Self {
        Self {
            levels: ["DEBUG", "DEBUG", "INFO", "WARNING", "ERROR"],
            trace_prefix: format!("projects/{}/traces/", project.as_ref()),
            flags: Flags::Sampled,
            location: Location::Object,
            non_finite: NonFinite::Null,
            ..Self::otel().named(&[
                (FixedKey::Timestamp, "time"),
                (FixedKey::Level, "severity"),
                (FixedKey::TraceId, "logging.googleapis.com/trace"),
                (FixedKey::SpanId, "logging.googleapis.com/spanId"),
                (FixedKey::TraceFlags, "logging.googleapis.com/trace_sampled"),
                (FixedKey::File, "logging.googleapis.com/sourceLocation"),
            ])
        }
    }
}
