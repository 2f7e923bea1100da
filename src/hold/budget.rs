use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Limits the memory for the held lines of a layer.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Self {
        let used = AtomicUsize::new(0);
        Self { limit, used }
    }

    /// Takes so many bytes, if there are enough.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let take = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.limit);
        self.used.fetch_update(Relaxed, Relaxed, take).is_ok()
    }

    pub(super) fn give(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Relaxed);
    }

    /// How much has to be freed, so that the next lines find room without freeing more.
    pub(super) fn to_free(&self, bytes: usize) -> usize {
        bytes.max(self.limit / 16)
    }
}
