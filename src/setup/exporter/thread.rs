//! Marks the threads of an exporter's runtime.

use crate::quiet::be_quiet;

/// Keeps logging on this thread from creating lines or spans, as long as the thread lives.
pub(super) fn mark_as_exporter_thread() {
    be_quiet();
    // Never dropped, so the scope lasts until the thread ends.
    std::mem::forget(opentelemetry::Context::enter_telemetry_suppressed_scope());
}
