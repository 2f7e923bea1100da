//! Levels as words, in baggage and in tokens.

use tracing_core::Level;

pub(super) fn of(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Reads a level in any case. The words of OpenTelemetry's severities are the same.
pub(super) fn parse(word: &str) -> Option<Level> {
    [
        Level::ERROR,
        Level::WARN,
        Level::INFO,
        Level::DEBUG,
        Level::TRACE,
    ]
    .into_iter()
    .find(|level| of(*level).eq_ignore_ascii_case(word))
}
