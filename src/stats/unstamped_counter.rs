use super::Stats;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tracing_core::Metadata;

/// Counts the unstamped lines of one call site. Takes a lock only for the first of them.
#[derive(Debug, Default)]
pub(crate) struct UnstampedCounter(OnceLock<Arc<AtomicU64>>);

impl UnstampedCounter {
    #[inline]
    pub(crate) fn count(&self, stats: &Stats, metadata: &'static Metadata<'static>) {
        let counter = self.0.get_or_init(|| stats.call_sites().counter(metadata));
        counter.fetch_add(1, Relaxed);
    }
}
