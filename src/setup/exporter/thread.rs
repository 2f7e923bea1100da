//! Marks the threads of an exporter's runtime.

use crate::quiet::be_quiet;

/// Makes what is logged on this thread no lines and no spans, for as long as the thread lives.
pub(super) fn mark_as_exporter_thread() {
    be_quiet();
    // Never dropped, so the scope lasts until the thread ends.
    std::mem::forget(opentelemetry::Context::enter_telemetry_suppressed_scope());
}
