//! The spans that are entered on this thread, as each tracker sees them.
//!
//! The registry has them too. This module finds them without the registry's locks, so that an event touches no span's extensions:
//! OpenTelemetry's layer locks extensions while it runs processors, which may log.

use super::{pool, span_state::SpanState};
use crate::trace_context::TraceContext;
use std::{cell::RefCell, sync::Arc};
use tracing_core::{Metadata, span::Id};

thread_local! {
    static STACK: RefCell<Stack> = const { RefCell::new(Stack::new()) };
}

/// How many trackers a thread remembers a context for.
const MAX_TRACKERS: usize = 16;

struct Stack {
    spans: Vec<Entered>,
    /// The context at each tracker's last hook.
    last_contexts: Vec<(u64, Option<TraceContext>)>,
    /// The span that was created or left last on this thread, with its tracker. It is very likely the next one that is entered or
    /// closed. It stays if it closes, until the registry has cleared it and the next span needs its memory.
    recent: Option<(u64, Arc<SpanState>)>,
    /// Whether the recent span can be recognised, and no span was entered or left since its creation.
    is_fresh: bool,
}

/// A span that a tracker has seen entered.
pub(super) struct Entered {
    tracker: u64,
    id: Id,
    pub(super) state: Arc<SpanState>,
    pub(super) entry: Entry,
    /// The context when the span was entered, as long as there is something to learn from it.
    pub(super) watched: Option<Box<Watched>>,
}

/// Whether the span was already entered on this thread. As in the registry, the current span is that of the last `First` entry.
///
/// This takes a whole word. A single byte would be written alone and then read with its neighbours, which stalls the processor.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(usize)]
pub(super) enum Entry {
    First,
    Nested,
}

#[derive(Clone, Copy)]
pub(super) enum Watched {
    /// The contexts around a span with unknown ids.
    Around {
        /// The context at the previous hook.
        before: Option<TraceContext>,
        at_enter: Option<TraceContext>,
    },
    /// The span's own context.
    Own,
}

/// Keeps a span that was created or left, as the recent span.
#[inline]
pub(super) fn keep_recent(tracker: u64, state: Arc<SpanState>, is_fresh: bool) {
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
fn replaced((tracker, state): (u64, Arc<SpanState>)) {
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
pub(super) fn take_recent(tracker: u64, id: &Id) -> Option<Arc<SpanState>> {
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

/// Like [`take_recent`]. The flag is true if the span was created at the previous hook and can be recognised.
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
        replaced(before);
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

/// Runs `f` on the tracker's current span, with the stack borrowed: `f` calls no user code.
#[inline]
pub(super) fn with_current<T>(tracker: u64, mut f: impl FnMut(Option<&SpanState>) -> T) -> T {
    let found = STACK.try_with(|stack| {
        let stack = stack.borrow();
        f(stack.current(tracker).map(|entered| &*entered.state))
    });
    // Fails while the thread's locals are destroyed: then no span is current.
    found.unwrap_or_else(|_| f(None))
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

impl Stack {
    const fn new() -> Self {
        Self {
            spans: Vec::new(),
            last_contexts: Vec::new(),
            recent: None,
            is_fresh: false,
        }
    }

    #[inline]
    fn push(&mut self, tracker: u64, state: Arc<SpanState>, watched: Option<Box<Watched>>) {
        self.is_fresh = false;
        let is_nested = self
            .spans
            .iter()
            .any(|entered| entered.tracker == tracker && entered.id == state.id);
        self.spans.push(Entered {
            tracker,
            id: state.id.clone(),
            state,
            entry: if is_nested {
                Entry::Nested
            } else {
                Entry::First
            },
            watched,
        });
    }

    #[inline]
    fn current(&self, tracker: u64) -> Option<&Entered> {
        self.spans
            .iter()
            .rfind(|entered| entered.tracker == tracker && entered.entry == Entry::First)
    }

    /// Notes the context at this hook. Returns the context at the previous hook.
    fn note_context(
        &mut self,
        tracker: u64,
        context: Option<TraceContext>,
    ) -> Option<TraceContext> {
        let contexts = &mut self.last_contexts;
        match contexts.iter_mut().find(|(of, _)| *of == tracker) {
            Some((_, last)) => std::mem::replace(last, context),
            None => {
                // A thread with too many trackers, as in tests, forgets the oldest, which then learns a little less.
                if contexts.len() == MAX_TRACKERS {
                    contexts.remove(0);
                }
                contexts.push((tracker, context));
                None
            }
        }
    }
}
