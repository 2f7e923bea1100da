use super::{bucket::Bucket, limits::Limits, reporter_thread};
use std::sync::Arc;

/// Guard returned by [`StampLayer::burst_guard`](crate::StampLayer::burst_guard). On drop it writes the lines that report what a
/// [`Burst`](crate::Burst) has left out so far.
#[derive(Clone, Debug)]
#[must_use = "dropping the guard writes the lines at once"]
pub struct BurstGuard(Option<Arc<Limits>>);

impl BurstGuard {
    pub(crate) fn new(limits: Option<&Arc<Limits>>) -> Self {
        Self(limits.map(Arc::clone))
    }

    /// Writes the lines now, as before `std::process::exit`, which drops no guard.
    pub fn write(&self) {
        if let Some(limits) = &self.0 {
            reporter_thread::report(limits, Bucket::take);
        }
    }

    /// Does not write the lines, in a process that was forked from the one that counted them.
    #[cfg(feature = "setup")]
    pub(crate) fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for BurstGuard {
    fn drop(&mut self) {
        self.write();
    }
}

/// The limits of a layer. When the layer is dropped, its numbers are reported and the reporter ends.
#[derive(Debug)]
pub(crate) struct LimitsOwner(pub(crate) Arc<Limits>);

impl Drop for LimitsOwner {
    fn drop(&mut self) {
        self.0.reporter.close();
        reporter_thread::report(&self.0, Bucket::take);
    }
}
