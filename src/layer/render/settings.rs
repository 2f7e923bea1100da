use crate::{json::Precision, schema::Schema};
use log_redaction::Redactor;
use opentelemetry::KeyValue;

/// How the fields of the spans around an event are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanFields {
    /// As members of the line. An event's field hides a span's field of the same name, and an inner span's hides an outer's.
    #[default]
    Flatten,
    /// Under `spans`: a list of objects with `name` and the span's fields, leaf last.
    List,
    /// Not at all. Lines have the ids of spans, and lifecycle lines also the span's name.
    Off,
}

/// What a line contains, and in which form.
#[derive(Clone)]
pub(in crate::layer) struct LineSettings {
    pub(in crate::layer) schema: Schema,
    pub(in crate::layer) resource: Vec<KeyValue>,
    pub(in crate::layer) span_fields: SpanFields,
    /// The keys of the baggage members that are written.
    pub(in crate::layer) baggage: Vec<String>,
    pub(in crate::layer) max_line_bytes: usize,
    pub(in crate::layer) precision: Precision,
    pub(in crate::layer) target: bool,
    pub(in crate::layer) file: bool,
    pub(in crate::layer) line_number: bool,
    pub(in crate::layer) thread_ids: bool,
    pub(in crate::layer) thread_names: bool,
    pub(in crate::layer) record_uid: bool,
    /// Whether lines other than closing lines have the id of their span's parent.
    pub(in crate::layer) parent_span_id: bool,
    /// `None` if nothing is redacted.
    pub(in crate::layer) redactor: Option<Redactor>,
}

/// 256 KiB, the longest line that Loki takes by default (`limits_config.max_line_size`).
const DEFAULT_MAX_LINE_BYTES: usize = 256 * 1024;

impl Default for LineSettings {
    fn default() -> Self {
        Self {
            schema: Schema::otel(),
            resource: Vec::new(),
            span_fields: SpanFields::default(),
            baggage: Vec::new(),
            max_line_bytes: DEFAULT_MAX_LINE_BYTES,
            precision: Precision::default(),
            target: true,
            file: false,
            line_number: false,
            thread_ids: false,
            thread_names: false,
            record_uid: false,
            parent_span_id: false,
            redactor: None,
        }
    }
}
