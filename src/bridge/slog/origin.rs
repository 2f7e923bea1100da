//! Marks the origin of records and events, so that none is passed back to where it came from.

use slog::Record;

/// The name of all events that come from slog.
pub(super) const EVENTS: &str = "slog record";

/// The function in the location of records from this layer. slog's macros leave it empty, so it marks records that `tracing` has.
pub(super) const FROM_TRACING: &str = "tracing_stamp::bridge::slog::SlogLayer";

/// Returns whether a record comes from a [`SlogLayer`].
pub(super) fn is_from_tracing(record: &Record<'_>) -> bool {
    record.function() == FROM_TRACING
}
