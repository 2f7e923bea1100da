//! Marks the threads of a shipper.

use std::cell::Cell;

thread_local! {
    static IS_SHIPPING: Cell<bool> = const { Cell::new(false) };
}

/// Marks the current thread as a shipper's, for the rest of its life.
pub(crate) fn mark() {
    let _ = IS_SHIPPING.try_with(|shipping| shipping.set(true));
}

/// Returns whether the current thread belongs to a shipper.
///
/// A logger should leave out what such a thread logs: its HTTP client logs for each request, and those lines would be shipped by another
/// request. `tracing-stamp` does so.
#[inline]
#[must_use]
pub fn is_shipping_thread() -> bool {
    IS_SHIPPING.try_with(Cell::get).unwrap_or_default()
}
