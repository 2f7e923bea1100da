use super::{
    FixedKey, Schema,
    shape::{Flags, Location},
};
use crate::json::NonFinite;
use log_files::GCP;

impl Schema {
    /// Returns the schema for Google Cloud's structured logging in the project with the given id.
    ///
    /// ```json
    /// {"time":"2026-11-22T11:04:00.123456Z","severity":"INFO","message":"handled request","target":"shop::orders","logging.googleapis.com/trace":"projects/my-project/traces/4bf92f3577b34da6a3ce929d0e0e4736","logging.googleapis.com/spanId":"00f067aa0ba902b7","logging.googleapis.com/trace_sampled":true,"service.name":"orders","span_name":"db","method":"GET","status":200}
    /// ```
    ///
    /// The names are the [special fields of structured logging]. The trace is the resource name that [`LogEntry`] requires. Google
    /// Cloud has no severity below `DEBUG`, so TRACE becomes `DEBUG`, and WARN becomes `WARNING`. File and line form one
    /// `LogEntrySourceLocation`. Its line is a string, because protobuf's JSON mapping writes 64-bit integers as strings. A
    /// payload is a protobuf `Struct`, which cannot hold NaN or infinities, so they are `null`.
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
                (FixedKey::Timestamp, GCP.timestamp),
                (FixedKey::Level, GCP.level),
                (FixedKey::TraceId, GCP.trace_id),
                (FixedKey::SpanId, GCP.span_id),
                (FixedKey::TraceFlags, GCP.trace_flags),
                (FixedKey::RecordUid, GCP.record_uid),
                (FixedKey::File, "logging.googleapis.com/sourceLocation"),
            ])
        }
    }
}
