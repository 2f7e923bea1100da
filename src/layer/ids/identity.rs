//! What is known about a span's ids.

use crate::trace_context::{
    ReportedIds, Settled, TraceContext, Visibility,
    version::{ExtensionIds, Watch},
};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// A span's trace context, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Known {
    /// The span was never entered, or no context became current in it.
    #[default]
    Nothing,
    /// This context became current in the span, and the source is trusted, so it is the span's.
    Inferred(TraceContext),
    /// The span's own.
    Own(TraceContext),
    /// OpenTelemetry has no context for the span: a filter hides it, or the tracer creates no ids.
    Hidden,
}

#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The result from OpenTelemetry, which never changes.
    settled: Settled,
    /// The tracer reports the span's ids here, if it reports any.
    reported: OnceLock<Arc<ReportedIds>>,
    /// With a custom source, the context that becomes current in a span is the span's. With OpenTelemetry it may also be
    /// attached by hand, and is only a clue to how OpenTelemetry's layer behaves.
    trusts_source: bool,
    /// Most spans are settled at once, and never lock their clues.
    has_clues: AtomicBool,
    clues: OnceLock<Box<Mutex<Clues>>>,
}

/// What is known before OpenTelemetry is asked.
#[derive(Debug, Default)]
struct Clues {
    /// The context that became current when or after the span was entered.
    candidate: Option<TraceContext>,
    /// The candidate was current as soon as the span was entered.
    since_enter: bool,
    /// Watches the candidate's OpenTelemetry span, until it is known whether the candidate is this span's context.
    watch: Option<Box<dyn Watch>>,
    /// The ids that were last found in the span's extensions.
    in_extensions: Option<ExtensionIds>,
    /// The context that was current when the span was first entered without a context of its own.
    entered_in: Option<Option<TraceContext>>,
}

impl Identity {
    /// Prepares a blank identity for a new span.
    #[inline]
    pub(super) fn begin(&mut self, trusts_source: bool) {
        self.trusts_source = trusts_source;
    }

    /// Makes this a blank identity. Only the memory of the clues stays.
    #[inline]
    pub(super) fn recycle(&mut self) {
        let Self {
            settled,
            reported,
            trusts_source,
            has_clues,
            clues,
        } = self;
        *settled = Settled::default();
        reported.take();
        *trusts_source = false;
        if std::mem::take(has_clues.get_mut())
            && let Some(clues) = clues.get_mut()
        {
            *clues.get_mut().unwrap_or_else(PoisonError::into_inner) = Clues::default();
        }
    }

    /// The span's own context, or `Some(None)` if it has none. `None` if neither is certain.
    #[inline]
    fn certain(&self) -> Option<Option<TraceContext>> {
        match self.reported.get() {
            Some(reported) => reported.ids(),
            None => self.settled.get(),
        }
    }

    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.certain().is_some()
    }

    pub(super) fn known(&self) -> Known {
        match self.certain() {
            Some(Some(own)) => Known::Own(own),
            Some(None) => Known::Hidden,
            None => self.clue(|clues| match (clues.in_extensions, clues.candidate) {
                (Some(ids), _) => Known::Own(ids.context),
                (None, Some(candidate)) if self.trusts_source => Known::Inferred(candidate),
                _ => Known::Nothing,
            }),
        }
    }

    /// The span's context, if it is known.
    pub(super) fn context(&self) -> Option<TraceContext> {
        match self.known() {
            Known::Own(context) | Known::Inferred(context) => Some(context),
            Known::Nothing | Known::Hidden => None,
        }
    }

    /// The span's context for a line in the span that is written while no context is current. A context that a custom source had
    /// only within the span, and has no longer, does not count.
    pub(super) fn context_where_none_is_current(&self) -> Option<TraceContext> {
        let context = self.context()?;
        let counts = self.is_settled() || self.clue(|clues| clues.since_enter);
        counts.then_some(context)
    }

    /// Whether nothing is certain, and there is no candidate.
    pub(super) fn knows_nothing(&self) -> bool {
        !self.is_settled() && self.candidate().is_none()
    }

    /// The context that became current when or after the span was entered.
    pub(super) fn candidate(&self) -> Option<TraceContext> {
        self.clue(|clues| clues.candidate)
    }

    /// Whether the span was entered, and so may have been started, and nothing is certain.
    pub(super) fn is_doubtful(&self) -> bool {
        !self.trusts_source && !self.is_settled() && self.clue(|clues| clues.entered_in.is_some())
    }

    pub(super) fn trusts_source(&self) -> bool {
        self.trusts_source
    }

    /// Notes whether OpenTelemetry's layer sees the span.
    pub(super) fn set_visibility(&self, visibility: &Visibility) {
        match visibility {
            _ if self.trusts_source => {}
            // Only the first counts: a subscriber has one such layer.
            Visibility::Reported(ids) => drop(self.reported.set(Arc::clone(ids))),
            Visibility::Hidden => self.settled.set(None),
        }
    }

    /// Whether the tracer reports the span's ids, now or when the span starts.
    #[inline]
    pub(super) fn is_reported(&self) -> bool {
        self.reported.get().is_some()
    }

    /// Whether OpenTelemetry's span has the status error, if its tracer reports that.
    pub(super) fn has_failed(&self) -> bool {
        let reported = self.reported.get();
        reported.is_some_and(|reported| reported.has_failed())
    }

    /// The id of the parent, if the tracer has reported it or the span's extensions hold it.
    pub(super) fn parent(&self) -> Option<u64> {
        match self.reported.get() {
            Some(reported) => reported.parent(),
            None => self
                .clue(|clues| clues.in_extensions?.parent_span_id)
                .map(u64::from_be_bytes),
        }
    }

    /// Notes the ids that the span's extensions hold.
    pub(super) fn note_in_extensions(&self, ids: ExtensionIds) {
        self.note(|clues| clues.in_extensions = Some(ids));
    }

    /// Notes the result from OpenTelemetry. Only the first counts, since OpenTelemetry cannot return another.
    pub(super) fn settle(&self, own: Option<TraceContext>) {
        self.settled.set(own);
        drop(self.take_watch());
    }

    /// Notes the context that became current when the span was entered.
    pub(super) fn set_candidate_at_enter(
        &self,
        candidate: TraceContext,
        watch: Option<Box<dyn Watch>>,
    ) {
        self.replace_candidate(Some(candidate), true, watch);
    }

    /// Notes the context that became current within the span, or `None` if none is the span's.
    pub(super) fn set_candidate(&self, candidate: Option<TraceContext>) {
        self.replace_candidate(candidate, false, None);
    }

    /// Forgets a candidate that became current within the span, since it is no longer current.
    pub(super) fn forget_candidate_within(&self) {
        self.clue(|clues| {
            if !clues.since_enter {
                clues.candidate = None;
            }
        });
    }

    #[inline]
    pub(super) fn take_watch(&self) -> Option<Box<dyn Watch>> {
        self.clue(|clues| clues.watch.take())
    }

    /// Notes that the span was entered in a context that is not its own.
    pub(super) fn note_entered_in(&self, context: Option<TraceContext>) {
        self.note(|clues| *clues.entered_in.get_or_insert(context));
    }

    /// The context that the span was first entered in, if that is certainly not its own.
    pub(super) fn entered_in(&self) -> Option<TraceContext> {
        if !self.trusts_source && self.certain() != Some(None) {
            return None;
        }
        self.clue(|clues| clues.entered_in.flatten())
    }

    /// Whether the span was entered and there was no context then or later, or its tracer creates no ids.
    pub(super) fn is_without_any_context(&self) -> bool {
        let reported = self.reported.get();
        reported.is_some_and(|reported| reported.ids() == Some(None))
            || self.clue(|clues| clues.entered_in == Some(None) && clues.candidate.is_none())
    }

    fn replace_candidate(
        &self,
        candidate: Option<TraceContext>,
        since_enter: bool,
        watch: Option<Box<dyn Watch>>,
    ) {
        let before = self.note(|clues| {
            clues.candidate = candidate;
            clues.since_enter = since_enter;
            std::mem::replace(&mut clues.watch, watch)
        });
        // Dropped without the lock: this can end a span, and processors may log.
        drop(before);
    }

    /// Runs `f` on the clues, under their lock. Returns the default if there are none.
    fn clue<T: Default>(&self, f: impl FnOnce(&mut Clues) -> T) -> T {
        if !self.has_clues.load(Ordering::Acquire) {
            return T::default();
        }
        f(&mut self.lock())
    }

    fn note<T>(&self, f: impl FnOnce(&mut Clues) -> T) -> T {
        let noted = f(&mut self.lock());
        self.has_clues.store(true, Ordering::Release);
        noted
    }

    fn lock(&self) -> MutexGuard<'_, Clues> {
        let clues = self.clues.get_or_init(Box::default);
        clues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
