//! Threads of this crate that send lines or spans. What their clients log themselves is no line: a line for each request would be sent by a
//! request, and with `log`'s bridge and TRACE on there are hundreds.

use std::cell::Cell;

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread, for as long as it lives.
#[cfg(any(feature = "setup", feature = "ship"))]
pub(crate) fn be_quiet() {
    let _ = IS_QUIET.try_with(|quiet| quiet.set(true));
}

/// Whether this thread was marked.
#[inline]
pub(crate) fn is_quiet() -> bool {
    IS_QUIET.try_with(Cell::get).unwrap_or_default()
}
