//! Whether the locals of this thread are being destroyed.
//!
//! OpenTelemetry's layer panics when a span is entered on such a thread, and a panic in a destructor aborts the process. A
//! runtime in a thread-local, which drops its tasks, is enough to cause that. Locals are destroyed in the reverse order of their
//! creation. So a local that is created after a span was entered is destroyed before those that entering needs.

use super::native::is_reachable;
use std::cell::Cell;

thread_local! {
    /// It has no destructor, so it lives to the end.
    static HAS_BEGUN: Cell<bool> = const { Cell::new(false) };
    static FIRST_TO_GO: FirstToGo = const { FirstToGo };
}

struct FirstToGo;

impl Drop for FirstToGo {
    fn drop(&mut self) {
        HAS_BEGUN.set(true);
    }
}

#[inline]
pub(crate) fn is_ending() -> bool {
    HAS_BEGUN.get() || !is_reachable()
}

/// Called after a span was entered on this thread.
#[inline]
pub(crate) fn note_entered() {
    // Fails only once the locals are being destroyed.
    let _ = FIRST_TO_GO.try_with(|_| ());
}
