//! Whether `tracing` makes a record of each event, by its feature `log-always`, which any crate of the program can switch on. Nothing says
//! so, so it is tried out: an event that no subscriber sees arrives here as a record, or does not.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tracing::{Dispatch, dispatcher};

/// The target of that event.
const PROBE: &str = "tracing_stamp::log_always";

static ARE_MADE: AtomicBool = AtomicBool::new(false);

/// Whether a record is that of the event; notes that it has arrived.
pub(super) fn is_probe(target: &str) -> bool {
    let is_probe = target == PROBE;
    if is_probe {
        ARE_MADE.store(true, Relaxed);
    }
    is_probe
}

/// For a record that looks like a copy.
pub(super) fn are_made() -> bool {
    if !ARE_MADE.load(Relaxed) {
        dispatcher::with_default(
            &Dispatch::none(),
            || tracing::error!(target: PROBE, "copied"),
        );
    }
    ARE_MADE.load(Relaxed)
}
