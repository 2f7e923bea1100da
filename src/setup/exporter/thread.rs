//! Threads that export.

use crate::quiet::be_quiet;

/// Marks this thread, for as long as it lives, and lets it make no spans either.
pub(super) fn exports_always() {
    be_quiet();
    // To the thread's end.
    std::mem::forget(opentelemetry::Context::enter_telemetry_suppressed_scope());
}
