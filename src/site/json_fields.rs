//! What stamping layers need to know about the event that this thread is dispatching.

use std::cell::Cell;

thread_local! {
    static JSON_FIELDS: Cell<u64> = const { Cell::new(0) };
}

/// Returns the fields of the current event that write JSON in their `Debug`, one bit per field index. The JSON is one valid value,
/// escaped by this crate's rules.
#[inline]
pub(crate) fn json_fields() -> u64 {
    JSON_FIELDS.try_with(Cell::get).unwrap_or_default()
}

/// Dispatches an event with such fields.
#[inline]
pub(crate) fn with_json_fields(fields: u64, dispatch: impl FnOnce()) {
    if json_fields() == fields {
        // Usually neither this event nor the outer one has such fields, so there is nothing to restore.
        return dispatch();
    }
    // Events can nest, so the value of the outer event is restored, even after a panic.
    struct Restore(u64);
    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = JSON_FIELDS.try_with(|cell| cell.set(self.0));
        }
    }
    // While the thread's locals are destroyed, the value cannot be set, and JSON is written as text.
    let _restore = Restore(
        JSON_FIELDS
            .try_with(|cell| cell.replace(fields))
            .unwrap_or_default(),
    );
    dispatch();
}
