/// Which events OpenTelemetry's layer sees. It copies each of them into the span in which the event happens.
///
/// A copy costs more than writing the line. With a hundred events in a span, an event takes 9,649 instructions and 10 allocations
/// with its copy, and 2,623 instructions and no allocation without: see [Performance].
///
/// [Performance]: https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/performance.md#events-that-are-copied-into-spans
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtelEvents {
    /// All events.
    All,
    /// ERROR events, which also set the span's status. The default.
    #[default]
    Errors,
    /// No events. They are still written as lines.
    None,
}
