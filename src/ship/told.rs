//! What is told out of band: once when it begins, once when it ends.

use crate::{
    foreign::excerpt,
    stats::{Diagnosis, Diagnostics},
};
use std::{
    collections::HashSet,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// So many different hindrances are told.
const MOST: usize = 256;
/// So often, in seconds, it is told anew that lines are rejected.
const PAUSE: u64 = 60;

pub(super) struct Told {
    diagnostics: Diagnostics,
    target: String,
    is_failing: AtomicBool,
    /// What hinders on this machine, each told once.
    hindered: Mutex<HashSet<String>>,
    rejected: AtomicU64,
}

impl Told {
    pub(super) fn new(diagnostics: Diagnostics, target: String) -> Self {
        Self {
            diagnostics,
            target,
            is_failing: AtomicBool::new(false),
            hindered: Mutex::default(),
            rejected: AtomicU64::new(0),
        }
    }

    pub(super) fn failing(&self, error: &str) {
        if !self.is_failing.swap(true, SeqCst) {
            self.tell(&Diagnosis::ShippingFailing {
                target: self.target.clone(),
                error: excerpt(error),
            });
        }
    }

    pub(super) fn works(&self) {
        if self.is_failing.swap(false, SeqCst) {
            self.tell(&Diagnosis::ShippingResumed {
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
            self.tell(&Diagnosis::LinesRejected {
                why: excerpt(why),
                kept: kept.to_owned(),
            });
        }
    }

    /// What hinders that is not the server's: a file, the cursor. Each is told once.
    pub(super) fn hindered(&self, what: String) {
        let is_new = {
            let mut told = self.hindered.lock().unwrap_or_else(PoisonError::into_inner);
            told.len() < MOST && told.insert(what.clone())
        };
        if is_new {
            self.tell(&Diagnosis::ShippingHindered { what });
        }
    }

    /// Whoever is told may panic: lines go on.
    pub(super) fn tell(&self, diagnosis: &Diagnosis) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.diagnostics.report(diagnosis)));
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
