//! Detects whether `tracing` creates a `log` record for each event, which its feature `log-always` does. Any crate of the program can enable
//! it, and no API reports it, so this module tries it: it logs an event without a subscriber, and sees whether a record arrives.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tracing::{Dispatch, dispatcher, subscriber::NoSubscriber};

/// The target of the probe event.
const PROBE: &str = "tracing_stamp::log_always";

static IS_ENABLED: AtomicBool = AtomicBool::new(false);

/// Returns whether a record comes from the probe event. If so, notes that the feature is enabled.
pub(super) fn is_probe(target: &str) -> bool {
    let is_probe = target == PROBE;
    if is_probe {
        IS_ENABLED.store(true, Relaxed);
    }
    is_probe
}

/// Returns whether `log-always` is enabled. Called for a record that looks like the copy of an event.
pub(super) fn is_enabled() -> bool {
    if !IS_ENABLED.load(Relaxed) {
        let probe = || tracing::error!(target: PROBE, "copied");
        // While `tracing` calls a scoped subscriber, no subscriber gets what this thread logs, and replacing the default would panic.
        match dispatcher::get_default(Dispatch::is::<NoSubscriber>) {
            true => probe(),
            false => dispatcher::with_default(&Dispatch::none(), probe),
        }
    }
    IS_ENABLED.load(Relaxed)
}
