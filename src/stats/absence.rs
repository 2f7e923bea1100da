//! Why no line has a trace id: what is known, and which diagnosis follows from it.

use super::{Diagnosis, Stats, advice::Versions, diagnosis::was_ever_stamped};
use std::sync::{
    OnceLock,
    atomic::{
        AtomicBool,
        Ordering::{Relaxed, SeqCst},
    },
};

/// After this many lines without ids, and whenever their number has doubled, the absence is looked into. A service may log some
/// dozens of lines before its first request.
const ENOUGH_LINES: u64 = 256;

/// Whether the absence of ids was reported, by any layer of this process.
static IS_REPORTED: AtomicBool = AtomicBool::new(false);

/// What one layer knows about the ids that it misses.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The first span of which the layer has seen the call site.
    first_span: OnceLock<&'static str>,
    /// OpenTelemetry has had ids for a span.
    has_span_ids: AtomicBool,
    /// Ids come from a `ContextSource` of the application.
    has_own_source: AtomicBool,
    /// Ids come from the version of OpenTelemetry that the application has named.
    has_named_version: AtomicBool,
    /// `init` has made the layer, and OpenTelemetry's layer beside it.
    is_of_init: AtomicBool,
    /// The guard was dropped before anything was logged.
    is_dropped_at_once: AtomicBool,
    /// A look is due, as soon as no borrow is held.
    is_due: AtomicBool,
}

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

    /// Notes that the guard of `init` is dropped, which matters where nothing was logged before.
    #[cfg(feature = "setup")]
    pub(crate) fn note_guard_dropped(&self) {
        if self.stamped() + self.unstamped() == 0 {
            self.facts().is_dropped_at_once.store(true, SeqCst);
        }
    }

    /// Notes that this many lines have no ids.
    #[inline]
    pub(super) fn note_unstamped(&self, lines: u64) {
        if lines.is_power_of_two() {
            self.look_when_possible(lines);
        }
    }

    #[cold]
    fn look_when_possible(&self, lines: u64) {
        let facts = self.facts();
        if lines >= ENOUGH_LINES || facts.is_dropped_at_once.load(SeqCst) {
            facts.is_due.store(true, Relaxed);
        }
    }

    /// Whether to ask for [`absence`](Self::absence).
    #[inline]
    pub(crate) fn is_absence_due(&self) -> bool {
        self.facts().is_due.load(Relaxed)
    }

    /// The diagnosis that follows from what is known now, once per process.
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
        is_first().then_some(diagnosis)
    }

    /// The diagnosis for a span that has ended without ids, once per process.
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
        is_first().then(|| {
            let is_named = self.facts().has_named_version.load(Relaxed);
            let versions = (!is_named).then(Versions::look);
            let others = versions.as_ref().map(|versions| &versions.others);
            let only = versions.as_ref().and_then(|versions| versions.only);
            Diagnosis::NoTraceContext {
                span,
                other_versions: others
                    .filter(|others| !others.is_empty())
                    .map(ToString::to_string),
                only_version: only.map(|version| version.to_string()),
            }
        })
    }
}

/// Whether nothing was reported so far; from now on something is.
fn is_first() -> bool {
    !IS_REPORTED.swap(true, Relaxed)
}
