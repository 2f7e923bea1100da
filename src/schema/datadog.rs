use super::{FixedKey, Schema};
use crate::json::NonFinite;
use log_files::DATADOG;

impl Schema {
    /// Returns the schema for Datadog, with its reserved and standard attributes.
    ///
    /// ```json
    /// {"timestamp":"2026-11-22T11:04:00.123456Z","status":"INFO","message":"handled request","logger.name":"shop::orders","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","service":"orders","span_name":"db","method":"GET","status_code":200}
    /// ```
    ///
    /// [JSON preprocessing] reads `timestamp`, `status`, `message`, `service`, `trace_id` and `span_id`. The ids are OpenTelemetry's, in
    /// hexadecimal, as [Correlate OpenTelemetry Traces and Logs] requires. The resource attributes `service.name`, `service.version`
    /// and `deployment.environment.name` become the unified service tags `service`, `version` and `env`. `logger.name` and
    /// `logger.thread_name` are standard attributes. NaN and the infinities are `null`, since a measure attribute must be a number.
    ///
    /// [JSON preprocessing]: https://docs.datadoghq.com/logs/log_configuration/pipelines/#preprocessing
    /// [Correlate OpenTelemetry Traces and Logs]: https://docs.datadoghq.com/opentelemetry/correlate/logs_and_traces/
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema};
    ///
    /// assert_eq!(Schema::datadog().name(FixedKey::Level), "status");
    /// ```
    pub fn datadog() -> Self {
        Self {
            non_finite: NonFinite::Null,
            resource_names: &[
                ("service.name", DATADOG.service),
                ("service.version", "version"),
                ("deployment.environment.name", "env"),
            ],
            ..Self::otel().named(&[
                (FixedKey::Level, DATADOG.level),
                (FixedKey::Target, "logger.name"),
                (FixedKey::ThreadName, "logger.thread_name"),
            ])
        }
    }
}
