//! Marks the threads of this crate that send lines or spans. Events that their HTTP clients log are not written as lines: each of these
//! lines would be sent by a request, which logs again. With the `log` bridge and TRACE enabled there are hundreds for each request.

use std::cell::Cell;

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Marks the current thread as quiet, for the rest of its life.
#[cfg(feature = "setup")]
pub(crate) fn be_quiet() {
    let _ = IS_QUIET.try_with(|quiet| quiet.set(true));
}

/// Returns whether the current thread is quiet.
#[inline]
pub(crate) fn is_quiet() -> bool {
    #[cfg(feature = "ship")]
    if traceship::is_shipping_thread() {
        return true;
    }
    IS_QUIET.try_with(Cell::get).unwrap_or_default()
}
