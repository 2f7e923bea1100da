/// A key that a line can have regardless of its fields. [`Schema::rename`](crate::Schema::rename) changes its name.
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
    /// The time of the event, as RFC 3339 in UTC.
    Timestamp,
    /// The level of the event, as a string.
    Level,
    /// The message of the event. Always a string, and empty if the event has no message.
    Message,
    /// The target of the event, by default its module path.
    Target,
    /// The trace id.
    TraceId,
    /// The span id.
    SpanId,
    /// The W3C trace flags, or the schema's form of the sampled flag.
    TraceFlags,
    /// The id of the line, a [ULID](https://github.com/ulid/spec).
    /// [`with_record_uid`](crate::StampLayer::with_record_uid) writes it.
    RecordUid,
    /// The source file.
    File,
    /// The line in the source file, as a number. In the `gcp` schema it is part of [`File`](Self::File)'s object.
    Line,
    /// The number of the thread in this process.
    ThreadId,
    /// The name of the thread.
    ThreadName,
    /// The name of the innermost span.
    SpanName,
    /// The list of spans as objects, innermost span last.
    Spans,
    /// The number of lines of the call site that [`with_burst`](crate::StampLayer::with_burst) has left out before this line.
    Suppressed,
    /// `true` on a line that was cut to the maximum length.
    Truncated,
    /// `true` on a line that was held until its trace was released: see [`Hold`](crate::Hold).
    Held,
    /// The id of the parent span. On closing lines, and on all lines within a span with
    /// [`with_parent_span_id`](crate::StampLayer::with_parent_span_id).
    ParentSpanId,
    /// On a closing line: the time when the span was created.
    StartTime,
    /// On a closing line: the time from the creation of the span to its end, in milliseconds or the schema's unit.
    Duration,
    /// On a closing line: how long the span was entered, in milliseconds.
    BusyMs,
    /// On a closing line: how long the span was open but not entered, in milliseconds.
    IdleMs,
}

impl FixedKey {
    #[cfg(test)]
    pub(super) const ALL: [Self; 22] = [
        Self::Timestamp,
        Self::Level,
        Self::Message,
        Self::Target,
        Self::TraceId,
        Self::SpanId,
        Self::TraceFlags,
        Self::RecordUid,
        Self::File,
        Self::Line,
        Self::ThreadId,
        Self::ThreadName,
        Self::SpanName,
        Self::Spans,
        Self::Suppressed,
        Self::Truncated,
        Self::Held,
        Self::ParentSpanId,
        Self::StartTime,
        Self::Duration,
        Self::BusyMs,
        Self::IdleMs,
    ];
}
