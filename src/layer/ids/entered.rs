//! The spans that are entered on this thread, as each tracker sees them.
//!
//! The registry has them too. This module finds them without the registry's locks, so that an event touches no span's extensions:
//! OpenTelemetry's layer locks extensions while it runs processors, which may log.

use super::{
    recent,
    span_state::SpanState,
    stack::{Entered, STACK, Watched},
};
use crate::trace_context::TraceContext;
use std::sync::Arc;
use tracing_core::span::Id;

/// Leaves the span that was entered last, and keeps it as the recent span. Does this, and returns `true`, only if the span has this
/// id, is not watched and has no lifecycle lines.
#[inline]
pub(super) fn leave(tracker: u64, id: &Id) -> bool {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let is_it = |entered: &mut Entered| {
            entered.tracker == tracker
                && entered.id == *id
                && entered.watched.is_none()
                && !entered.state.has_lifecycle()
        };
        let left = stack.spans.pop_if(is_it)?;
        stack.is_fresh = false;
        Some(stack.recent.replace((tracker, left.state)))
    });
    let Ok(Some(before)) = left else {
        return false;
    };
    if let Some(before) = before {
        recent::replaced(before);
    }
    true
}

/// Enters a span with ids that are known or can be asked for later.
#[inline]
pub(super) fn push(tracker: u64, state: Arc<SpanState>, watched: Option<Box<Watched>>) {
    // Fails while the thread's locals are destroyed: then no span is current.
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(tracker, state, watched));
}

/// Enters a span with unknown ids. Returns the context at the previous hook.
pub(super) fn push_watched(
    tracker: u64,
    state: Arc<SpanState>,
    at_enter: Option<TraceContext>,
) -> Option<TraceContext> {
    let pushed = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let before = stack.note_context(tracker, at_enter);
        let watched = Watched::Around { before, at_enter };
        stack.push(tracker, state, Some(Box::new(watched)));
        before
    });
    pushed.unwrap_or_default()
}

/// Leaves a span: removes its last entry. The flag is true if that is the tracker's last entry.
pub(super) fn pop(tracker: u64, id: &Id) -> Option<(Entered, bool)> {
    STACK
        .try_with(|stack| {
            let mut stack = stack.borrow_mut();
            let mut of_tracker = (0..stack.spans.len())
                .rev()
                .filter(|&index| stack.spans[index].tracker == tracker);
            let last = of_tracker.next()?;
            let index = std::iter::once(last)
                .chain(of_tracker)
                .find(|&index| stack.spans[index].id == *id)?;
            Some((stack.spans.remove(index), index == last))
        })
        .ok()
        .flatten()
}

/// Runs `f` on the tracker's current span, with the stack borrowed: `f` calls no user code. Returns `None` while the thread's locals are
/// destroyed: then no span is current.
#[inline(always)]
pub(super) fn with_current<T>(tracker: u64, f: impl FnOnce(Option<&SpanState>) -> T) -> Option<T> {
    let found = STACK.try_with(|stack| {
        let stack = stack.borrow();
        f(stack.current(tracker).map(|entered| &*entered.state))
    });
    found.ok()
}

/// The tracker's current span.
pub(super) fn current(tracker: u64) -> Option<Arc<SpanState>> {
    let found = STACK.try_with(|stack| {
        let stack = stack.borrow();
        stack
            .current(tracker)
            .map(|entered| Arc::clone(&entered.state))
    });
    // Fails while the thread's locals are destroyed: then no span is current.
    found.ok().flatten()
}

/// How the context within a span has changed since the previous hook.
pub(super) enum Change {
    /// Another context is current than when the current span was entered.
    Other(Arc<SpanState>),
    /// The same context is current again as when the current span was entered.
    Back(Arc<SpanState>),
}

/// Notes the context at this hook of a tracker. Returns how it differs from that at the previous hook, within a span.
pub(super) fn changed(tracker: u64, context: Option<TraceContext>) -> Option<Change> {
    let changed = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        if stack.note_context(tracker, context) == context {
            return None;
        }
        let current = stack.current(tracker)?;
        let state = Arc::clone(&current.state);
        match current.watched.as_deref() {
            Some(Watched::Around { at_enter, .. }) if *at_enter == context => {
                Some(Change::Back(state))
            }
            Some(Watched::Around { .. }) => Some(Change::Other(state)),
            _ => None,
        }
    });
    // Fails while the thread's locals are destroyed: then nothing more is learnt.
    changed.ok().flatten()
}

/// Notes the context at this hook of a tracker.
pub(super) fn note_context(tracker: u64, context: Option<TraceContext>) {
    // Fails while the thread's locals are destroyed: then nothing more is learnt.
    let _ = STACK.try_with(|stack| stack.borrow_mut().note_context(tracker, context));
}
