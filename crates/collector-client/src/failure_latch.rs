use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Remembers whether something fails, so that only the beginning and the end of a failure are reported, however many attempts are made.
#[derive(Debug, Default)]
pub struct FailureLatch(AtomicBool);

impl FailureLatch {
    /// Notes a failed attempt. Returns whether it is the first one.
    pub fn fails(&self) -> bool {
        !self.0.swap(true, SeqCst)
    }

    /// Notes a successful attempt. Returns whether the one before had failed.
    pub fn recovers(&self) -> bool {
        self.0.swap(false, SeqCst)
    }
}
