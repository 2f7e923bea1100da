//! Finds out why no line has a trace id, and which diagnosis to report.

use super::{Diagnosis, LinkedVersions, Stats, advice, facts::was_ever_stamped};
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Relaxed, SeqCst},
};

/// The absence of ids is investigated after this many lines without ids, and each time their number doubles. A service may log some
/// dozens of lines before its first request.
const ENOUGH_LINES: u64 = 256;

/// Whether any layer of this process has reported the absence of ids.
static IS_REPORTED: AtomicBool = AtomicBool::new(false);

impl Stats {
    /// Notes the call site of a span.
    pub(crate) fn note_span(&self, name: &'static str) {
        self.facts().first_span.get_or_init(|| name);
    }

    pub(crate) fn note_span_ids(&self) {
        self.facts().has_span_ids.store(true, Relaxed);
    }

    pub(crate) fn note_own_source(&self) {
        self.facts().has_own_source.store(true, Relaxed);
    }

    pub(crate) fn note_named_version(&self) {
        self.facts().has_named_version.store(true, Relaxed);
    }

    #[cfg(feature = "setup")]
    pub(crate) fn note_init(&self) {
        self.facts().is_of_init.store(true, Relaxed);
    }

    /// Notes that the guard of `init` was dropped, if nothing was logged before.
    #[cfg(feature = "setup")]
    pub(crate) fn note_guard_dropped(&self) {
        if self.stamped() + self.unstamped() == 0 {
            self.facts().is_dropped_at_once.store(true, SeqCst);
        }
    }

    /// Notes that `lines` lines have no ids so far.
    #[inline]
    pub(super) fn note_unstamped(&self, lines: u64) {
        if lines.is_power_of_two() {
            self.check_when_possible(lines);
        }
    }

    #[cold]
    fn check_when_possible(&self, lines: u64) {
        let facts = self.facts();
        if lines >= ENOUGH_LINES || facts.is_dropped_at_once.load(SeqCst) {
            facts.is_due.store(true, Relaxed);
        }
    }

    /// Returns whether [`absence`](Self::absence) is to be called.
    #[inline]
    pub(crate) fn is_absence_due(&self) -> bool {
        self.facts().is_due.load(Relaxed)
    }

    /// Returns the diagnosis that follows from what is known now. Returns at most one per process.
    #[cold]
    pub(crate) fn absence(&self) -> Option<Diagnosis> {
        let facts = self.facts();
        facts.is_due.store(false, Relaxed);
        if was_ever_stamped() || self.unstamped() == 0 {
            return None;
        }
        let lines = self.unstamped();
        let diagnosis = if facts.is_dropped_at_once.load(SeqCst) {
            Diagnosis::GuardDropped
        } else if facts.has_own_source.load(Relaxed) {
            Diagnosis::NoContextFromSource { lines }
        } else if let Some(span) = facts.first_span.get() {
            if facts.has_span_ids.load(Relaxed) || facts.is_of_init.load(Relaxed) {
                Diagnosis::LinesOutsideSpans { lines }
            } else {
                return self.no_trace_context(span);
            }
        } else {
            Diagnosis::NoSpans { lines }
        };
        claim_report().then_some(diagnosis)
    }

    /// Returns the diagnosis for a span that ended without ids. Returns at most one per process.
    pub(crate) fn absence_in_span(&self, span: &'static str) -> Option<Diagnosis> {
        let facts = self.facts();
        let is_explained = was_ever_stamped()
            || facts.has_own_source.load(Relaxed)
            || facts.is_of_init.load(Relaxed);
        if is_explained {
            return None;
        }
        self.no_trace_context(span)
    }

    fn no_trace_context(&self, span: &'static str) -> Option<Diagnosis> {
        claim_report().then(|| Diagnosis::NoTraceContext {
            span,
            versions: if self.facts().has_named_version.load(Relaxed) {
                LinkedVersions::Unknown
            } else {
                advice::linked_versions()
            },
        })
    }
}

/// Returns true for the first caller in this process, and false for all later ones.
fn claim_report() -> bool {
    !IS_REPORTED.swap(true, Relaxed)
}
