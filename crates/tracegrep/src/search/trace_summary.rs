use crate::id::TraceId;
use std::time::Duration;

/// Which traces come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Those with the most lines of level `ERROR` or above. Traces without such a line are left out.
    Errors,
    /// Those that took the longest. Traces with an unknown duration are left out.
    Slowest,
    /// Those with the most lines.
    Lines,
}

/// What is known of a trace after one look at its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceSummary {
    /// The id.
    pub id: TraceId,
    /// How many lines it has.
    pub lines: usize,
    /// How many of them are of level `ERROR` or above.
    pub errors: usize,
    /// The time of the first line, in nanoseconds since 1970.
    pub start: Option<i64>,
    /// The time of the last line.
    pub end: Option<i64>,
    /// The time from the first line to the last, or the longest duration that a line states, whichever is longer.
    pub duration: Option<Duration>,
    /// The service of the line that `text` comes from.
    pub service: Option<String>,
    /// The beginning of the message of the first error. Without an error, the span name or the message of the first line.
    pub text: Option<String>,
}
