use crate::{
    json::Precision,
    schema::Schema,
    stats::{Diagnosis, Diagnostics, Stats},
    trace_context::{Source, TraceContext},
};
use opentelemetry::KeyValue;
use tracing_core::{Level, LevelFilter};

/// How the fields of the spans around an event are written.
///
/// ```
/// use tracing_stamp::SpanFields;
///
/// let layer = tracing_stamp::layer().with_span_fields(SpanFields::List);
/// # let _ = layer;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanFields {
    /// As members of the line; an event's field goes before a span's of the same name, an inner span's before an outer's.
    #[default]
    Flatten,
    /// Under `spans`: a list of objects with `name` and the span's fields, leaf last.
    List,
    /// Not at all: of spans only the ids are written, and their names on lines of their own life.
    Off,
}

/// What can be set on a layer.
pub(super) struct Settings {
    pub(super) schema: Schema,
    pub(super) resource: Vec<KeyValue>,
    pub(super) span_fields: SpanFields,
    pub(super) baggage: Vec<String>,
    pub(super) max_line_bytes: usize,
    pub(super) precision: Precision,
    pub(super) target: bool,
    pub(super) file: bool,
    pub(super) line_number: bool,
    pub(super) thread_ids: bool,
    pub(super) thread_names: bool,
    pub(super) life: LifeLines,
    pub(super) source: Source,
    /// `None` where nobody is to be told.
    pub(super) diagnostics: Option<Diagnostics>,
    pub(super) stats: Stats,
    /// Of events that belong to no sampled trace.
    pub(super) unsampled_max_level: LevelFilter,
}

impl Settings {
    /// Whether an event of this level and context is left out.
    #[inline]
    pub(super) fn leaves_out(&self, level: &Level, context: Option<&TraceContext>) -> bool {
        self.unsampled_max_level != LevelFilter::TRACE
            && *level > self.unsampled_max_level
            && !context.is_some_and(|context| {
                context.flags().is_sampled() || !context.is_sampling_decided()
            })
    }

    /// Reports why no line has ids, if that is due.
    #[inline]
    pub(super) fn report_absence(&self) {
        if self.stats.is_absence_due()
            && self.diagnostics.is_some()
            && let Some(diagnosis) = self.stats.absence()
        {
            self.tell(&diagnosis);
        }
    }

    /// Tells what is wrong, out of band.
    pub(super) fn tell(&self, diagnosis: &Diagnosis) {
        if let Some(diagnostics) = &self.diagnostics {
            diagnostics.report(diagnosis);
        }
    }
}

/// Which lines of a span's life are written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LifeLines {
    pub(super) new: bool,
    pub(super) enter: bool,
    pub(super) exit: bool,
    pub(super) close: bool,
}

impl LifeLines {
    pub(super) fn any(self) -> bool {
        self.new || self.enter || self.exit || self.close
    }
}

/// 256 KiB, the longest line that Loki takes by default (`limits_config.max_line_size`).
const DEFAULT_MAX_LINE_BYTES: usize = 256 * 1024;

impl Default for Settings {
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
            life: LifeLines::default(),
            source: Source::Native,
            diagnostics: Some(Diagnostics::default()),
            unsampled_max_level: LevelFilter::TRACE,
            stats: Stats::default(),
        }
    }
}
