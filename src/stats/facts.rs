//! What is known about missing ids, by the layer and by the process.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// Whether any layer of this process has written a line with ids.
static EVER_STAMPED: AtomicBool = AtomicBool::new(false);

/// What one layer knows about the missing ids.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The name of the first span call site that the layer has seen.
    pub(super) first_span: OnceLock<&'static str>,
    /// Whether OpenTelemetry has had ids for a span.
    pub(super) has_span_ids: AtomicBool,
    /// Whether the ids come from a `ContextSource` of the application.
    pub(super) has_own_source: AtomicBool,
    /// Whether the ids come from a version of OpenTelemetry that the application has named.
    pub(super) has_named_version: AtomicBool,
    /// Whether `init` created the layer, with OpenTelemetry's layer beside it.
    pub(super) is_of_init: AtomicBool,
    /// Whether the guard of `init` was dropped before anything was logged.
    pub(super) is_dropped_at_once: AtomicBool,
    /// Whether the absence is to be investigated as soon as no borrow is held.
    pub(super) is_due: AtomicBool,
}

/// Notes that a line has ids.
#[inline]
pub(super) fn note_stamped() {
    // A store would take the cache line away from all other threads, so the flag is read first.
    if !EVER_STAMPED.load(Relaxed) {
        EVER_STAMPED.store(true, Relaxed);
    }
}

/// Returns whether any layer of this process has written a line with ids.
pub(super) fn was_ever_stamped() -> bool {
    EVER_STAMPED.load(Relaxed)
}
