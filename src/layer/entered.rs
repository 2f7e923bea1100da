//! The spans that are entered on this thread, as each layer sees them.
//!
//! The registry knows them too. Ours are found without its locks: an event then touches no span's extensions, which
//! OpenTelemetry's layer locks while it runs processors that may log.

use super::span_state::SpanState;
use crate::trace_context::TraceContext;
use std::{cell::RefCell, sync::Arc};
use tracing_core::span::Id;

thread_local! {
    static STACK: RefCell<Stack> = const { RefCell::new(Stack::new()) };
}

/// How many layers a thread remembers a context for.
const MAX_LAYERS: usize = 16;

struct Stack {
    spans: Vec<Entered>,
    /// The context that each layer saw last on this thread.
    seen: Vec<(u64, Option<TraceContext>)>,
    /// The span that was made or left last on this thread, and the layer that it is the state of: very likely the next that
    /// is entered or closes.
    at_hand: Option<(u64, Arc<SpanState>)>,
    /// It was made, by what was current, and no span was entered or left since.
    is_fresh: bool,
}

/// A span that a layer has seen entered.
pub(super) struct Entered {
    layer: u64,
    id: Id,
    pub(super) state: Arc<SpanState>,
    pub(super) turn: Turn,
    /// What was current when it was entered, as long as there is something to learn from it.
    pub(super) watched: Option<Box<Watched>>,
}

/// Whether a span was entered already: like the registry's, the current span is the last that was not.
///
/// A whole word: one byte of it would be written alone and read with its neighbours, which stalls the processor.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(usize)]
pub(super) enum Turn {
    First,
    Again,
}

#[derive(Clone, Copy)]
pub(super) enum Watched {
    /// Of a span whose ids were not known.
    Around {
        /// The context at the hook before.
        before: Option<TraceContext>,
        at_enter: Option<TraceContext>,
    },
    /// The span's own context.
    Own,
}

/// Keeps at hand a span that was made, or left.
pub(super) fn keep_at_hand(layer: u64, state: Arc<SpanState>, is_fresh: bool) {
    // During the thread's destruction there is nowhere to keep it.
    let before = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        stack.is_fresh = is_fresh;
        stack.at_hand.replace((layer, state))
    });
    // Not under the borrow: this can be the last of it.
    drop(before);
}

/// The span, if it is at hand and open.
pub(super) fn take_at_hand(layer: u64, id: &Id) -> Option<Arc<SpanState>> {
    let at_hand = STACK.try_with(|stack| {
        let is_it = |(of, state): &mut (u64, Arc<SpanState>)| *of == layer && state.id == *id;
        stack.borrow_mut().at_hand.take_if(is_it)
    });
    let (_, state) = at_hand.ok().flatten()?;
    state.is_open().then_some(state)
}

/// Enters the span that was made at the hook before, if `recognises` its context. That runs with the stack borrowed, and so
/// calls no user code.
pub(super) fn enter_fresh(
    layer: u64,
    id: &Id,
    recognises: impl FnOnce(&SpanState) -> bool,
) -> bool {
    let entered = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        if !stack.is_fresh {
            return false;
        }
        let is_it = |(of, state): &mut (u64, Arc<SpanState>)| {
            *of == layer && state.id == *id && state.is_open() && recognises(state)
        };
        let Some((_, state)) = stack.at_hand.take_if(is_it) else {
            return false;
        };
        stack.push(layer, state, None);
        true
    });
    entered.unwrap_or(false)
}

/// Leaves the span that was entered last, if it is this one and nothing is to be learnt or written, and keeps it at hand.
pub(super) fn leave(layer: u64, id: &Id) -> bool {
    let left = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let is_it = |entered: &mut Entered| {
            entered.layer == layer
                && entered.id == *id
                && entered.watched.is_none()
                && entered.state.life.is_none()
        };
        let left = stack.spans.pop_if(is_it)?;
        stack.is_fresh = false;
        Some(stack.at_hand.replace((layer, left.state)))
    });
    // What was at hand before is let go of here, not under the borrow.
    matches!(left, Ok(Some(_)))
}

/// Enters a span whose ids are known or can be asked for later.
pub(super) fn push(layer: u64, state: Arc<SpanState>, watched: Option<Box<Watched>>) {
    // During the thread's destruction nothing is entered that could be current later.
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(layer, state, watched));
}

/// Enters a span whose ids are not known; the context at the hook before.
pub(super) fn push_watched(
    layer: u64,
    state: Arc<SpanState>,
    at_enter: Option<TraceContext>,
) -> Option<TraceContext> {
    let pushed = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        let before = stack.see(layer, at_enter);
        let watched = Watched::Around { before, at_enter };
        stack.push(layer, state, Some(Box::new(watched)));
        before
    });
    pushed.unwrap_or_default()
}

/// Leaves a span, the last entry of it; and whether it was the last that was entered.
pub(super) fn pop(layer: u64, id: &Id) -> Option<(Entered, bool)> {
    STACK
        .try_with(|stack| {
            let mut stack = stack.borrow_mut();
            let mut of_layer = (0..stack.spans.len())
                .rev()
                .filter(|&index| stack.spans[index].layer == layer);
            let last = of_layer.next()?;
            let index = std::iter::once(last)
                .chain(of_layer)
                .find(|&index| stack.spans[index].id == *id)?;
            Some((stack.spans.remove(index), index == last))
        })
        .ok()
        .flatten()
}

/// Runs `f` on the layer's current span, with the stack borrowed: `f` calls no user code.
#[inline]
pub(super) fn with_current<T>(layer: u64, mut f: impl FnMut(Option<&Entered>) -> T) -> T {
    let found = STACK.try_with(|stack| {
        let stack = stack.borrow();
        f(stack.current(layer))
    });
    // During the thread's destruction no span is current.
    found.unwrap_or_else(|_| f(None))
}

/// The layer's current span.
pub(super) fn current(layer: u64) -> Option<Arc<SpanState>> {
    with_current(layer, |entered| {
        entered.map(|entered| Arc::clone(&entered.state))
    })
}

/// What has come to be current since the hook before.
pub(super) enum Change {
    /// Another context than when the current span was entered.
    Other(Arc<SpanState>),
    /// The context of when the current span was entered.
    Back(Arc<SpanState>),
}

/// Notes the context that a layer sees at this hook; how it differs from the hook before, within a span.
pub(super) fn changed(layer: u64, context: Option<TraceContext>) -> Option<Change> {
    let changed = STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        if stack.see(layer, context) == context {
            return None;
        }
        let current = stack.current(layer)?;
        let state = Arc::clone(&current.state);
        match current.watched.as_deref() {
            Some(Watched::Around { at_enter, .. }) if *at_enter == context => {
                Some(Change::Back(state))
            }
            Some(Watched::Around { .. }) => Some(Change::Other(state)),
            _ => None,
        }
    });
    // During the thread's destruction nothing more is learnt.
    changed.ok().flatten()
}

/// Notes the context that a layer sees at this hook.
pub(super) fn see(layer: u64, context: Option<TraceContext>) {
    // During the thread's destruction nothing more is learnt.
    let _ = STACK.try_with(|stack| stack.borrow_mut().see(layer, context));
}

impl Stack {
    const fn new() -> Self {
        Self {
            spans: Vec::new(),
            seen: Vec::new(),
            at_hand: None,
            is_fresh: false,
        }
    }

    fn push(&mut self, layer: u64, state: Arc<SpanState>, watched: Option<Box<Watched>>) {
        self.is_fresh = false;
        let is_again = self
            .spans
            .iter()
            .any(|entered| entered.layer == layer && entered.id == state.id);
        self.spans.push(Entered {
            layer,
            id: state.id.clone(),
            state,
            turn: if is_again { Turn::Again } else { Turn::First },
            watched,
        });
    }

    #[inline]
    fn current(&self, layer: u64) -> Option<&Entered> {
        self.spans
            .iter()
            .rfind(|entered| entered.layer == layer && entered.turn == Turn::First)
    }

    fn see(&mut self, layer: u64, context: Option<TraceContext>) -> Option<TraceContext> {
        match self.seen.iter_mut().find(|(seen, _)| *seen == layer) {
            Some((_, last)) => std::mem::replace(last, context),
            None => {
                // A thread that sees ever new layers, as tests do, forgets the oldest: then it knows a little less.
                if self.seen.len() == MAX_LAYERS {
                    self.seen.remove(0);
                }
                self.seen.push((layer, context));
                None
            }
        }
    }
}
