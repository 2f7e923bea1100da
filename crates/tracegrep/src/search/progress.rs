use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// How much of the files a search has read. Clones show the progress of the same search.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    read: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// The progress of a search that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes of the files were read. A compressed file counts once it was read to its end.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.0.read.load(Relaxed)
    }

    /// How many bytes are to be read in all, as far as this is known. Files that are read twice count twice.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.total.load(Relaxed)
    }

    pub(super) fn add_read(&self, bytes: u64) {
        self.0.read.fetch_add(bytes, Relaxed);
    }

    pub(super) fn add_total(&self, bytes: u64) {
        self.0.total.fetch_add(bytes, Relaxed);
    }
}
