//! What is told out of band: once when it begins, once when it ends.

use crate::stats::{Diagnosis, Diagnostics};
use std::{
    fmt,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    time::{SystemTime, UNIX_EPOCH},
};

/// So often, in seconds, it is told anew that lines are rejected.
const PAUSE: u64 = 60;

pub(super) struct Told {
    diagnostics: Diagnostics,
    target: String,
    is_failing: AtomicBool,
    rejected: AtomicU64,
}

impl Told {
    pub(super) fn new(diagnostics: Diagnostics, target: String) -> Self {
        Self {
            diagnostics,
            target,
            is_failing: AtomicBool::new(false),
            rejected: AtomicU64::new(0),
        }
    }

    pub(super) fn failing(&self, error: &str) {
        if !self.is_failing.swap(true, SeqCst) {
            self.diagnostics.tell(&Diagnosis::ShippingFailing {
                target: self.target.clone(),
                error: error.to_owned(),
            });
        }
    }

    pub(super) fn works(&self) {
        if self.is_failing.swap(false, SeqCst) {
            self.diagnostics.tell(&Diagnosis::ShippingResumed {
                target: self.target.clone(),
            });
        }
    }

    /// That a server has refused lines without saying which.
    pub(super) fn refused(&self, why: &str) {
        self.rejected(why, Path::new("the log files alone"));
    }

    pub(super) fn rejected(&self, why: &str, kept: &Path) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        let last = self.rejected.load(SeqCst);
        if last + PAUSE <= now
            && self
                .rejected
                .compare_exchange(last, now, SeqCst, SeqCst)
                .is_ok()
        {
            self.diagnostics.tell(&Diagnosis::LinesRejected {
                why: why.to_owned(),
                kept: kept.to_owned(),
            });
        }
    }

    pub(super) fn tell(&self, diagnosis: &Diagnosis) {
        self.diagnostics.tell(diagnosis);
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
