//! Reports problems of shipping to the diagnostics callback or standard error, and keeps repeated problems from being reported each time.

use crate::{
    diagnosis::{Diagnosis, Diagnostics},
    health::Health,
};
use collector_client::FailureLatch;
use log_files::excerpt;
use std::{
    collections::HashSet,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// The number of different local problems that are reported.
const MAX_PROBLEMS: usize = 256;
/// Seconds between two reports of rejected lines, or of lines that wait.
const LINES_PAUSE: u64 = 60;

pub(super) struct Reporter {
    diagnostics: Diagnostics,
    target: String,
    failure: FailureLatch,
    pub(super) health: Health,
    /// The local problems that were already reported.
    reported_problems: Mutex<HashSet<String>>,
    /// When rejected lines were last reported, in seconds since 1970.
    rejected_at: AtomicU64,
    /// When lines that wait were last reported.
    waiting_at: AtomicU64,
}

impl Reporter {
    pub(super) fn new(diagnostics: Diagnostics, target: String) -> Self {
        Self {
            diagnostics,
            target,
            failure: FailureLatch::default(),
            health: Health::default(),
            reported_problems: Mutex::default(),
            rejected_at: AtomicU64::new(0),
            waiting_at: AtomicU64::new(0),
        }
    }

    /// Reports that the server does not accept lines, once until it works again.
    pub(super) fn report_failing(&self, error: &str) {
        self.health.note_failure(error);
        if self.failure.fails() {
            self.report(&Diagnosis::Failing {
                target: self.target.clone(),
                error: excerpt(error),
            });
        }
    }

    /// Reports that the server works, if it was reported as failing.
    pub(super) fn report_working(&self) {
        self.health.note_success();
        if self.failure.recovers() {
            self.report(&Diagnosis::Resumed {
                target: self.target.clone(),
            });
        }
    }

    /// Reports that the server has rejected some lines of a request without saying which.
    pub(super) fn report_partly_rejected(&self, why: &str) {
        self.report_rejected(why, Path::new("the log files alone"));
    }

    /// Reports rejected lines and the file that has them, at most once a minute.
    pub(super) fn report_rejected(&self, why: &str, kept: &Path) {
        if is_due(&self.rejected_at) {
            self.report(&Diagnosis::LinesRejected {
                reason: excerpt(why),
                file: kept.to_owned(),
            });
        }
    }

    /// Reports lines that are sent again later and the file that has them until then, at most once a minute.
    pub(super) fn report_waiting(&self, why: &str, kept: &Path) {
        if is_due(&self.waiting_at) {
            self.report(&Diagnosis::LinesWaiting {
                reason: excerpt(why),
                file: kept.to_owned(),
            });
        }
    }

    /// Reports a problem of this machine, such as a file that cannot be read. Each is reported once.
    pub(super) fn report_problem(&self, message: String) {
        let is_new = {
            let mut reported = self
                .reported_problems
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            reported.len() < MAX_PROBLEMS && reported.insert(message.clone())
        };
        if is_new {
            self.report(&Diagnosis::Problem { message });
        }
    }

    /// Reports a diagnosis. A callback that panics does not stop shipping.
    pub(super) fn report(&self, diagnosis: &Diagnosis) {
        let _ = catch_unwind(AssertUnwindSafe(|| self.diagnostics.report(diagnosis)));
    }
}

/// Whether the last report is long enough ago. Then notes that there is another one.
fn is_due(last_report: &AtomicU64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |time| time.as_secs());
    let last = last_report.load(SeqCst);
    let exchange = || last_report.compare_exchange(last, now, SeqCst, SeqCst);
    last + LINES_PAUSE <= now && exchange().is_ok()
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
