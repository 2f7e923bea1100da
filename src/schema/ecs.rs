use super::{FixedKey, Schema, shape::DurationUnit};
use crate::json::NonFinite;
use log_files::{ECS, METADATA_FIELDS};

impl Schema {
    /// Returns the schema for Elasticsearch and OpenSearch: the Elastic Common Schema.
    ///
    /// ```json
    /// {"@timestamp":"2026-11-22T11:04:00.123456Z","log.level":"INFO","message":"handled request","ecs.version":"1.6.0","log.logger":"shop::orders","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","span.id":"00f067aa0ba902b7","trace_flags":"01","service.name":"orders","event.dataset":"orders","span_name":"db","method":"GET","status":200}
    /// ```
    ///
    /// Names, order and types follow the [ECS logging specification] (`spec/spec.json`). Fields that it lacks follow the
    /// [ECS field reference]: `span.id`, `process.thread.id`, `parent.id`, `event.start` and `event.duration`, in nanoseconds.
    /// `ecs.version` is the one that Elastic's own loggers for Go and Python write. The resource attributes `service.instance.id` and
    /// `deployment.environment.name` become `service.node.name` and `service.environment`. `event.dataset` repeats `service.name`,
    /// as the specification asks, unless the resource sets it.
    ///
    /// Elasticsearch rejects a document with text in a numeric field, so NaN and the infinities are `null`. It also rejects a field that
    /// is both a value and an object, so the key for an error's sources is `<name>_sources`.
    ///
    /// User fields with names that Elasticsearch rejects are renamed: an empty part of a name between dots is written as `_`
    /// (`a._.b` for `a..b`), a metadata field such as `_id` as `field._id`, and `a` beside `a.b` as `field.a`.
    ///
    /// [ECS logging specification]: https://github.com/elastic/ecs-logging/blob/main/spec/spec.json
    /// [ECS field reference]: https://www.elastic.co/docs/reference/ecs/ecs-field-reference
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema};
    ///
    /// assert_eq!(Schema::ecs().name(FixedKey::TraceId), "trace.id");
    /// ```
    pub fn ecs() -> Self {
        Self {
            constants: &[("ecs.version", "1.6.0")],
            duration: DurationUnit::Nanoseconds,
            non_finite: NonFinite::Null,
            sources_suffix: "_sources",
            dots_nest: true,
            forbidden: METADATA_FIELDS,
            resource_names: &[
                ("service.instance.id", "service.node.name"),
                ("deployment.environment.name", "service.environment"),
            ],
            dataset: Some("event.dataset"),
            ..Self::otel().named(&[
                (FixedKey::Timestamp, ECS.timestamp),
                (FixedKey::Level, ECS.level),
                (FixedKey::Target, "log.logger"),
                (FixedKey::TraceId, ECS.trace_id),
                (FixedKey::SpanId, ECS.span_id),
                (FixedKey::RecordUid, ECS.record_uid),
                (FixedKey::File, "log.origin.file.name"),
                (FixedKey::Line, "log.origin.file.line"),
                (FixedKey::ThreadId, "process.thread.id"),
                (FixedKey::ThreadName, "process.thread.name"),
                (FixedKey::ParentSpanId, "parent.id"),
                (FixedKey::StartTime, "event.start"),
                (FixedKey::Duration, "event.duration"),
            ])
        }
    }
}
