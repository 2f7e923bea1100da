use super::{caches, table};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tracing_core::Level;

/// Guard returned by [`raise`](super::raise). On drop it ends the level. It can be sent to another thread.
#[derive(Debug)]
#[must_use = "dropping the guard ends the level"]
pub struct TraceLevelGuard {
    /// The trace's id and the level's, unless there is no level to end.
    added: Option<(u128, u64)>,
}

impl TraceLevelGuard {
    /// A guard without a level.
    pub(super) fn none() -> Self {
        Self { added: None }
    }

    /// Adds a level to the table. The filters do not know of it yet.
    pub(super) fn add(trace: u128, level: Level) -> Self {
        /// Zero is the id of levels without a guard.
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let id = NEXT_ID.fetch_add(1, Relaxed);
        Self {
            added: table::insert(trace, id, level).then_some((trace, id)),
        }
    }

    pub(super) fn has_level(&self) -> bool {
        self.added.is_some()
    }
}

impl Drop for TraceLevelGuard {
    fn drop(&mut self) {
        if let Some((trace, id)) = self.added {
            // The caches stay as they are, since this may run while `tracing` closes a span.
            table::remove(trace, id);
            caches::note_use();
        }
    }
}
