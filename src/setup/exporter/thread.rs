//! Threads that export. What their clients log themselves is no line: a line for each export would be logged for each export, and
//! with `log`'s bridge and TRACE on there are hundreds.

use std::cell::Cell;

thread_local! {
    static EXPORTS: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread, for as long as it lives.
pub(super) fn exports() {
    let _ = EXPORTS.try_with(|exports| exports.set(true));
}

/// Marks this thread, and lets it make no spans either.
#[cfg(feature = "otlp-grpc")]
pub(super) fn exports_always() {
    exports();
    // To the thread's end.
    std::mem::forget(opentelemetry::Context::enter_telemetry_suppressed_scope());
}

/// Whether this thread was marked.
pub(in crate::setup) fn is_exporting() -> bool {
    EXPORTS.try_with(Cell::get).unwrap_or_default()
}
