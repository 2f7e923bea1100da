//! The span that was created or left last on this thread. It is very likely the next one that is entered or closed, and then it needs no
//! look-up. Its memory is very likely what the next span needs.

use super::{pool, span_state::SpanState, stack::STACK};
use std::sync::Arc;
use tracing_core::{Metadata, span::Id};

/// Keeps a span that was created or left, as the recent span.
#[inline]
pub(super) fn keep(tracker: u64, state: Arc<SpanState>, is_fresh: bool) {
    // Fails while the thread's locals are destroyed: then it is dropped.
    let before = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        stack.is_fresh = is_fresh;
        stack.recent.replace((tracker, state))
    });
    if let Ok(Some(before)) = before {
        replaced(before);
    }
}

/// Drops a span that was the recent one. Call this without the borrow.
#[inline]
pub(super) fn replaced((tracker, state): (u64, Arc<SpanState>)) {
    if state.is_closed() {
        pool::keep(tracker, state);
    }
}

/// Whether this is the recent span.
#[inline]
pub(super) fn is_recent(state: &Arc<SpanState>) -> bool {
    let found = STACK.try_with(|stack| {
        let stack = stack.borrow();
        let recent = stack.recent.as_ref();
        recent.is_some_and(|(_, recent)| Arc::ptr_eq(recent, state))
    });
    found.unwrap_or(false)
}

/// The recent span, if it has this id and has closed.
pub(super) fn closed(tracker: u64, id: &Id) -> Option<Arc<SpanState>> {
    let found = STACK.try_with(|stack| {
        let stack = stack.borrow();
        let (of, state) = stack.recent.as_ref()?;
        let is_it = *of == tracker && state.id == *id && state.is_closed();
        is_it.then(|| Arc::clone(state))
    });
    found.ok().flatten()
}

/// Takes the recent span, if it is of this call site and has closed.
#[inline]
pub(super) fn take_closed(
    tracker: u64,
    metadata: &'static Metadata<'static>,
) -> Option<Arc<SpanState>> {
    let found = STACK.try_with(|stack| {
        let is_it = |(of, state): &mut (u64, Arc<SpanState>)| {
            *of == tracker && std::ptr::eq(state.site.metadata, metadata) && state.is_closed()
        };
        stack.borrow_mut().recent.take_if(is_it)
    });
    let (_, state) = found.ok().flatten()?;
    Some(state)
}

/// Takes the recent span, if it has this id and is open.
#[inline]
pub(super) fn take(tracker: u64, id: &Id) -> Option<Arc<SpanState>> {
    take_to_enter(tracker, id).map(|(state, _)| state)
}

/// Enters the recent span, if it has this id, was created at the previous hook, and `recognises` accepts it. The closure runs while the
/// stack is borrowed, so it must run no user code.
#[inline]
pub(super) fn enter_fresh(
    tracker: u64,
    id: &Id,
    recognises: impl FnOnce(&SpanState) -> bool,
) -> bool {
    let entered = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        if !stack.is_fresh {
            return false;
        }
        let is_it = |(of, state): &mut (u64, Arc<SpanState>)| {
            *of == tracker && state.id == *id && state.is_open() && recognises(state)
        };
        let Some((_, state)) = stack.recent.take_if(is_it) else {
            return false;
        };
        stack.push(tracker, state, None);
        true
    });
    // Fails while the thread's locals are destroyed: then no span is current.
    entered.unwrap_or(false)
}

/// Like [`take`]. The flag is true if the span was created at the previous hook and can be recognised.
#[inline]
pub(super) fn take_to_enter(tracker: u64, id: &Id) -> Option<(Arc<SpanState>, bool)> {
    let recent = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let is_it = |(of, state): &mut (u64, Arc<SpanState>)| *of == tracker && state.id == *id;
        let (_, state) = stack.recent.take_if(is_it)?;
        Some((state, stack.is_fresh))
    });
    let (state, is_fresh) = recent.ok().flatten()?;
    state.is_open().then_some((state, is_fresh))
}
