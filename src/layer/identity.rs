//! What is known of a span's ids.

use super::settled::Settled;
use crate::trace_context::{TraceContext, Witness};
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// A span's trace context, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Never entered, or entered where no context came with it.
    Nothing,
    /// This context became current when the span was entered: very likely the span's own.
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
    witness: Option<Witness>,
    /// Once the span was entered without a context of its own: the one that was current then.
    around: Option<Option<TraceContext>>,
}

impl Identity {
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.settled.get().is_some()
    }

    pub(super) fn known(&self) -> Known {
        match self.settled.get() {
            Some(Some(own)) => Known::Own(own),
            Some(None) => Known::Hidden,
            None => match self.guess(|guess| guess.seen) {
                Some(seen) => Known::Seen(seen),
                None => Known::Nothing,
            },
        }
    }

    /// The context, if it is known or very likely.
    pub(super) fn context(&self) -> Option<TraceContext> {
        match self.settled.get() {
            Some(settled) => settled,
            None => self.guess(|guess| guess.seen),
        }
    }

    /// The same, where the span is current and no context is: what was attached within the span, for all that is known,
    /// and is gone, does not count.
    pub(super) fn context_where_none_is_current(&self) -> Option<TraceContext> {
        match self.settled.get() {
            Some(settled) => settled,
            None => self.guess(|guess| guess.seen.filter(|_| guess.came_at_enter)),
        }
    }

    /// Settles it, unless it is settled: OpenTelemetry's first answer stays, since it cannot give another.
    pub(super) fn settle(&self, own: Option<TraceContext>) {
        self.settled.set(own);
        drop(self.take_witness());
    }

    /// Notes what became current when the span was entered.
    pub(super) fn see_at_enter(&self, seen: TraceContext, witness: Option<Witness>) {
        self.replace(Some(seen), true, witness);
    }

    pub(super) fn take_witness(&self) -> Option<Witness> {
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

    /// What was around the span when it was first entered, if it was and had no context of its own.
    pub(super) fn around(&self) -> Option<Option<TraceContext>> {
        self.guess(|guess| guess.around)
    }

    /// Forgets everything, for another span.
    pub(super) fn forget(&mut self) {
        self.settled.reset();
        if std::mem::take(self.has_guess.get_mut()) {
            *self.guess.get_mut().unwrap_or_else(PoisonError::into_inner) = Guess::default();
        }
    }

    fn replace(&self, seen: Option<TraceContext>, came_at_enter: bool, witness: Option<Witness>) {
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
