/// What a line says of itself, whatever the schema calls it. [`Schema::rename`](crate::Schema::rename) gives another name.
///
/// ```
/// use tracing_stamp::{FixedKey, Schema};
///
/// assert_eq!(Schema::otel().name(FixedKey::Level), "level");
/// assert_eq!(Schema::ecs().name(FixedKey::Level), "log.level");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FixedKey {
    /// When the event happened: RFC 3339, UTC.
    Timestamp,
    /// The event's level, a string.
    Level,
    /// The event's message, always a string; empty where the event has none.
    Message,
    /// The event's target: by default the path of its module.
    Target,
    /// The trace's id.
    TraceId,
    /// The span's id.
    SpanId,
    /// The W3C trace flags, or what the schema makes of the sampled flag.
    TraceFlags,
    /// The source file.
    File,
    /// The line in the source file, a number; part of [`File`](Self::File)'s object in the `gcp` schema.
    Line,
    /// The thread's number in this process.
    ThreadId,
    /// The thread's name.
    ThreadName,
    /// The name of the innermost span.
    SpanName,
    /// The spans as a list of objects, leaf last.
    Spans,
    /// `true` on a line that was cut to the limit.
    Truncated,
    /// On a closing line: the id of the span's parent.
    ParentSpanId,
    /// On a closing line: when the span began.
    StartTime,
    /// On a closing line: from the span's beginning to its end; milliseconds, or the schema's unit.
    Duration,
    /// On a closing line: how long the span was entered, milliseconds.
    BusyMs,
    /// On a closing line: how long it was open and not entered, milliseconds.
    IdleMs,
}

impl FixedKey {
    #[cfg(test)]
    pub(super) const ALL: [Self; 19] = [
        Self::Timestamp,
        Self::Level,
        Self::Message,
        Self::Target,
        Self::TraceId,
        Self::SpanId,
        Self::TraceFlags,
        Self::File,
        Self::Line,
        Self::ThreadId,
        Self::ThreadName,
        Self::SpanName,
        Self::Spans,
        Self::Truncated,
        Self::ParentSpanId,
        Self::StartTime,
        Self::Duration,
        Self::BusyMs,
        Self::IdleMs,
    ];
}
