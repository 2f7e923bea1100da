use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

/// Handle that makes a [`RollingFile`](super::RollingFile) reopen its path, returned by
/// [`RollingFile::reopener`](super::RollingFile::reopener).
#[derive(Clone, Debug, Default)]
pub struct Reopener {
    is_requested: Arc<AtomicBool>,
}

impl Reopener {
    /// Requests a reopen. It happens before the next line is written.
    ///
    /// ```no_run
    /// let file = tracing_stamp::writer::RollingFile::open("orders.jsonl")?;
    /// let reopener = file.reopener();
    /// reopener.reopen();
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn reopen(&self) {
        self.is_requested.store(true, SeqCst);
    }

    /// Returns whether a reopen was requested since the last call.
    pub(super) fn take_request(&self) -> bool {
        self.is_requested.swap(false, SeqCst)
    }
}
