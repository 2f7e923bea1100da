//! Whether the locals of this thread are being destroyed.
//!
//! OpenTelemetry's layer panics when a span is entered on such a thread, and a panic in a destructor there aborts the
//! process: a runtime in a thread-local, which drops its tasks, is enough. Locals are destroyed in the reverse order of
//! their making, so one that is made when a span has been entered goes before those that entering needs.

use super::native::is_reachable;
use std::cell::Cell;

thread_local! {
    /// Without a destructor, and so there to the end.
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

/// To be told when a span has been entered on this thread.
#[inline]
pub(crate) fn note_entered() {
    // It is gone only where the end has begun.
    let _ = FIRST_TO_GO.try_with(|_| ());
}
