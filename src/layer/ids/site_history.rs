use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tracing_core::Metadata;

/// What OpenTelemetry has returned for the spans of a call site.
#[derive(Debug)]
pub(super) struct SiteHistory {
    pub(super) metadata: &'static Metadata<'static>,
    /// It returned a context for at least one span.
    was_visible: AtomicBool,
    /// It returned none for at least one span.
    was_hidden: AtomicBool,
}

impl SiteHistory {
    pub(super) fn new(metadata: &'static Metadata<'static>) -> Self {
        Self {
            metadata,
            was_visible: AtomicBool::new(false),
            was_hidden: AtomicBool::new(false),
        }
    }

    /// Notes whether OpenTelemetry has a context for a span of this call site.
    pub(super) fn note(&self, is_visible: bool) {
        let flag = if is_visible {
            &self.was_visible
        } else {
            &self.was_hidden
        };
        // Read first, since a store takes the cache line away from all other threads.
        if !flag.load(Relaxed) {
            flag.store(true, Relaxed);
        }
    }

    /// Whether OpenTelemetry has returned a context for each span of this call site that it was asked for.
    #[inline]
    pub(super) fn is_always_visible(&self) -> bool {
        self.was_visible.load(Relaxed) && !self.was_hidden.load(Relaxed)
    }
}
