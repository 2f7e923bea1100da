use super::{FixedKey, Schema};
use log_files::KeyNames;

/// The names under which readers of a finished line find its time, level, message, service and ids.
impl From<&Schema> for KeyNames<String> {
    fn from(schema: &Schema) -> Self {
        let name = |key| schema.name(key).to_owned();
        Self {
            timestamp: name(FixedKey::Timestamp),
            level: name(FixedKey::Level),
            message: name(FixedKey::Message),
            service: schema.resource_name("service.name").to_owned(),
            trace_id: name(FixedKey::TraceId),
            span_id: name(FixedKey::SpanId),
            trace_flags: name(FixedKey::TraceFlags),
            record_uid: name(FixedKey::RecordUid),
            trace_is_path: !schema.trace_prefix.is_empty(),
        }
    }
}
