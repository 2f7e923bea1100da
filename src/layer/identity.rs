//! What is known of a span's ids.

use crate::trace_context::{
    Made, Settled, Told, TraceContext,
    version::{KeptIds, Watch},
};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// A span's trace context, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Known {
    /// Never entered, or entered where no context came with it.
    #[default]
    Nothing,
    /// A custom source had this context when the span was entered, and not before: that is the span's.
    Seen(TraceContext),
    /// The span's own.
    Own(TraceContext),
    /// OpenTelemetry has no context for it: a filter hides it, or the tracer makes no ids.
    Hidden,
}

#[derive(Debug, Default)]
pub(super) struct Identity {
    /// What OpenTelemetry has said, which stays.
    settled: Settled,
    /// Where the tracer reports the span's ids, if it does.
    told: OnceLock<Arc<Told>>,
    /// With a custom source what became current is the span's. With OpenTelemetry's it may also be attached by hand, and is
    /// no more than a hint by which to find out how OpenTelemetry's layer behaves.
    trusts: bool,
    guess: Mutex<Guess>,
    /// Something stands in `guess`; most spans are settled at once, and never lock it.
    has_guess: AtomicBool,
}

/// What is known before OpenTelemetry was asked.
#[derive(Debug, Default)]
struct Guess {
    seen: Option<TraceContext>,
    /// It was current as soon as the span was entered, not only later.
    came_at_enter: bool,
    /// What was seen, until it is known whose it is.
    witness: Option<Box<dyn Watch>>,
    /// The ids that the span's extensions held when they were last looked at.
    kept: Option<KeptIds>,
    /// Once the span was entered without a context of its own: the one that was current then.
    around: Option<Option<TraceContext>>,
}

impl Identity {
    /// The span's own context, or that it has none, once that is certain.
    #[inline]
    fn answer(&self) -> Option<Option<TraceContext>> {
        match self.told.get() {
            Some(told) => told.ids(),
            None => self.settled.get(),
        }
    }

    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.answer().is_some()
    }

    pub(super) fn known(&self) -> Known {
        match self.answer() {
            Some(Some(own)) => Known::Own(own),
            Some(None) => Known::Hidden,
            None => self.guess(|guess| match (guess.kept, guess.seen) {
                (Some(kept), _) => Known::Own(kept.context),
                (None, Some(seen)) if self.trusts => Known::Seen(seen),
                _ => Known::Nothing,
            }),
        }
    }

    /// The span's context, if it is known.
    pub(super) fn context(&self) -> Option<TraceContext> {
        match self.known() {
            Known::Own(context) | Known::Seen(context) => Some(context),
            Known::Nothing | Known::Hidden => None,
        }
    }

    /// The same, where the span is current and no context is: what a custom source had within the span, and has no longer,
    /// does not count.
    pub(super) fn context_where_none_is_current(&self) -> Option<TraceContext> {
        let context = self.context()?;
        let counts = self.is_settled() || self.guess(|guess| guess.came_at_enter);
        counts.then_some(context)
    }

    /// Whether neither is anything certain, nor has anything become current.
    pub(super) fn knows_nothing(&self) -> bool {
        !self.is_settled() && self.seen().is_none()
    }

    /// What became current when or after the span was entered, while it is not certain whose it is.
    pub(super) fn seen(&self) -> Option<TraceContext> {
        self.guess(|guess| guess.seen)
    }

    /// Whether the span was entered, and so may have been started, and nothing is certain.
    pub(super) fn is_doubtful(&self) -> bool {
        !self.trusts && !self.is_settled() && self.guess(|guess| guess.around.is_some())
    }

    pub(super) fn trusts_what_it_sees(&self) -> bool {
        self.trusts
    }

    /// Whether what becomes current is taken for the span's.
    pub(super) fn trust(&mut self, trusts: bool) {
        self.trusts = trusts;
    }

    /// Takes over what became of the new span in OpenTelemetry's layer.
    pub(super) fn tell(&self, made: &Made) {
        match made {
            _ if self.trusts => {}
            // The first stays: there is one such layer in a subscriber.
            Made::Seen(told) => drop(self.told.set(Arc::clone(told))),
            Made::Hidden => self.settled.set(None),
        }
    }

    /// Whether the tracer reports the span's ids, or has.
    #[inline]
    pub(super) fn is_told(&self) -> bool {
        self.told.get().is_some()
    }

    /// The id of the parent, as the tracer has reported it, or the span's extensions hold it.
    pub(super) fn parent(&self) -> Option<u64> {
        match self.told.get() {
            Some(told) => told.parent(),
            None => self
                .guess(|guess| guess.kept?.parent_span_id)
                .map(u64::from_be_bytes),
        }
    }

    /// Notes the ids that the span's extensions hold.
    pub(super) fn keep(&self, kept: KeptIds) {
        self.note(|guess| guess.kept = Some(kept));
    }

    /// Settles it, unless it is settled: OpenTelemetry's first answer stays, since it cannot give another.
    pub(super) fn settle(&self, own: Option<TraceContext>) {
        self.settled.set(own);
        drop(self.take_witness());
    }

    /// Notes what became current when the span was entered.
    pub(super) fn see_at_enter(&self, seen: TraceContext, witness: Option<Box<dyn Watch>>) {
        self.replace(Some(seen), true, witness);
    }

    pub(super) fn take_witness(&self) -> Option<Box<dyn Watch>> {
        self.guess(|guess| guess.witness.take())
    }

    /// Takes back what became current within the span, since it is gone again.
    pub(super) fn unsee_within(&self) {
        self.guess(|guess| {
            if !guess.came_at_enter {
                guess.seen = None;
            }
        });
    }

    /// Notes what became current within the span, or that it is not the span's.
    pub(super) fn see(&self, seen: Option<TraceContext>) {
        self.replace(seen, false, None);
    }

    /// Notes that the span was entered in a context that is not its own.
    pub(super) fn entered_in(&self, around: Option<TraceContext>) {
        self.note(|guess| *guess.around.get_or_insert(around));
    }

    /// What was around the span when it was first entered, where that is certainly not its own.
    pub(super) fn known_around(&self) -> Option<TraceContext> {
        if !self.trusts && self.answer() != Some(None) {
            return None;
        }
        self.guess(|guess| guess.around.flatten())
    }

    /// Whether the span was entered, and neither then nor later was there any context; or whether its tracer makes no ids.
    pub(super) fn is_without_any_context(&self) -> bool {
        let has_none = self.told.get().is_some_and(|told| told.ids() == Some(None));
        has_none || self.guess(|guess| guess.around == Some(None) && guess.seen.is_none())
    }

    /// Forgets everything, for another span.
    pub(super) fn forget(&mut self) {
        self.settled.reset();
        self.told.take();
        if std::mem::take(self.has_guess.get_mut()) {
            *self.guess.get_mut().unwrap_or_else(PoisonError::into_inner) = Guess::default();
        }
    }

    fn replace(
        &self,
        seen: Option<TraceContext>,
        came_at_enter: bool,
        witness: Option<Box<dyn Watch>>,
    ) {
        let before = self.note(|guess| {
            guess.seen = seen;
            guess.came_at_enter = came_at_enter;
            std::mem::replace(&mut guess.witness, witness)
        });
        // Not under the lock: this can end a span, and processors may log.
        drop(before);
    }

    /// Runs `f` on the guess, under its lock; without it, on none, where nothing was ever noted.
    fn guess<T: Default>(&self, f: impl FnOnce(&mut Guess) -> T) -> T {
        if !self.has_guess.load(Ordering::Acquire) {
            return T::default();
        }
        f(&mut self.lock())
    }

    fn note<T>(&self, f: impl FnOnce(&mut Guess) -> T) -> T {
        let noted = f(&mut self.lock());
        self.has_guess.store(true, Ordering::Release);
        noted
    }

    fn lock(&self) -> MutexGuard<'_, Guess> {
        self.guess.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
