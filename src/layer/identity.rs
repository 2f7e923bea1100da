//! What is known of a span's ids.

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
    known: Mutex<Inner>,
    /// Nothing can change any more.
    is_settled: AtomicBool,
}

#[derive(Debug, Default)]
struct Inner {
    settled: Option<Option<TraceContext>>,
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
        self.is_settled.load(Ordering::Acquire)
    }

    pub(super) fn known(&self) -> Known {
        let inner = self.inner();
        match (inner.settled, inner.seen) {
            (Some(Some(own)), _) => Known::Own(own),
            (Some(None), _) => Known::Hidden,
            (None, Some(seen)) => Known::Seen(seen),
            (None, None) => Known::Nothing,
        }
    }

    /// The context, if it is known or very likely.
    pub(super) fn context(&self) -> Option<TraceContext> {
        let inner = self.inner();
        inner.settled.unwrap_or(inner.seen)
    }

    /// The same, where the span is current and no context is: what was attached within the span, for all that is known,
    /// and is gone, does not count.
    pub(super) fn context_where_none_is_current(&self) -> Option<TraceContext> {
        let inner = self.inner();
        let came = inner.seen.filter(|_| inner.came_at_enter);
        inner.settled.unwrap_or(came)
    }

    /// Settles it, unless it is settled: OpenTelemetry's first answer stays, since it cannot give another.
    pub(super) fn settle(&self, own: Option<TraceContext>) {
        let mut inner = self.inner();
        inner.settled.get_or_insert(own);
        let witness = inner.witness.take();
        drop(inner);
        self.is_settled.store(true, Ordering::Release);
        // Not under the lock: this can end a span, and processors may log.
        drop(witness);
    }

    /// Notes what became current when the span was entered.
    pub(super) fn see_at_enter(&self, seen: TraceContext, witness: Option<Witness>) {
        let mut inner = self.inner();
        inner.seen = Some(seen);
        inner.came_at_enter = true;
        let before = std::mem::replace(&mut inner.witness, witness);
        drop(inner);
        drop(before);
    }

    pub(super) fn take_witness(&self) -> Option<Witness> {
        self.inner().witness.take()
    }

    /// Takes back what became current within the span, since it is gone again.
    pub(super) fn unsee_within(&self) {
        let mut inner = self.inner();
        if !inner.came_at_enter {
            inner.seen = None;
        }
    }

    /// Notes what became current within the span, or that it is not the span's.
    pub(super) fn see(&self, seen: Option<TraceContext>) {
        let mut inner = self.inner();
        inner.seen = seen;
        inner.came_at_enter = false;
        let witness = inner.witness.take();
        drop(inner);
        drop(witness);
    }

    /// Notes that the span was entered in a context that is not its own.
    pub(super) fn entered_in(&self, around: Option<TraceContext>) {
        self.inner().around.get_or_insert(around);
    }

    /// What was around the span when it was first entered, if it was and had no context of its own.
    pub(super) fn around(&self) -> Option<Option<TraceContext>> {
        self.inner().around
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
