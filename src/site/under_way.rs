//! What a stamping layer must know of the event that is under way on this thread.

use std::cell::Cell;

thread_local! {
    static JSON_FIELDS: Cell<u64> = const { Cell::new(0) };
}

/// The fields, as bits by their index, whose `Debug` is JSON: one value, valid, and with everything escaped that this
/// crate escapes.
#[inline]
pub(crate) fn json_fields() -> u64 {
    JSON_FIELDS.try_with(Cell::get).unwrap_or_default()
}

/// Dispatches an event with such fields.
#[inline]
pub(crate) fn with_json_fields(fields: u64, dispatch: impl FnOnce()) {
    if json_fields() == fields {
        // Mostly there are none, within none: nothing has to be restored.
        return dispatch();
    }
    // An event of this kind can be logged within another: what is said of the outer one comes back, also by a panic.
    struct Restore(u64);
    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = JSON_FIELDS.try_with(|cell| cell.set(self.0));
        }
    }
    // During the thread's destruction nothing can be said, and JSON is text.
    let _restore = Restore(
        JSON_FIELDS
            .try_with(|cell| cell.replace(fields))
            .unwrap_or_default(),
    );
    dispatch();
}
