//! The spans that are entered on this thread, as each layer sees them.
//!
//! The registry knows them too. Ours are found without its locks: an event then touches no span's extensions, which
//! OpenTelemetry's layer locks while it runs processors that may log.

use super::span_state::SpanState;
use crate::trace_context::TraceContext;
use std::{cell::RefCell, sync::Arc};
use tracing_core::span::Id;

thread_local! {
    static STACK: RefCell<Stack> = const { RefCell::new(Stack { spans: Vec::new(), seen: Vec::new() }) };
}

/// How many layers a thread remembers a context for.
const MAX_LAYERS: usize = 16;

struct Stack {
    spans: Vec<Entered>,
    /// The context that each layer saw last on this thread.
    seen: Vec<(u64, Option<TraceContext>)>,
}

/// A span that a layer has seen entered.
pub(super) struct Entered {
    layer: u64,
    id: Id,
    pub(super) state: Arc<SpanState>,
    /// It was entered already: like the registry's, the current span is the last that is no duplicate.
    pub(super) is_duplicate: bool,
    /// When it is left: it was the last that was entered.
    pub(super) is_in_order: bool,
    /// What was current around its entering, of a span whose ids were not known then.
    pub(super) watched: Option<Box<Watched>>,
}

#[derive(Clone, Copy)]
pub(super) struct Watched {
    /// The context at the hook before.
    pub(super) before: Option<TraceContext>,
    /// The context when it was entered.
    pub(super) at_enter: Option<TraceContext>,
}

/// Enters a span whose ids are known.
pub(super) fn push(layer: u64, state: Arc<SpanState>) {
    // During the thread's destruction nothing is entered that could be current later.
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(layer, state, None));
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
        stack.push(layer, state, Some(Box::new(Watched { before, at_enter })));
        before
    });
    pushed.unwrap_or_default()
}

/// Leaves a span, the last entry of it; spans need not be left in order.
pub(super) fn pop(layer: u64, id: &Id) -> Option<Entered> {
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
            let mut left = stack.spans.remove(index);
            left.is_in_order = index == last;
            Some(left)
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
        let watched = current.watched.as_deref()?;
        Some(if watched.at_enter == context {
            Change::Back(state)
        } else {
            Change::Other(state)
        })
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
    fn push(&mut self, layer: u64, state: Arc<SpanState>, watched: Option<Box<Watched>>) {
        let is_duplicate = self
            .spans
            .iter()
            .any(|entered| entered.layer == layer && entered.id == state.id);
        self.spans.push(Entered {
            layer,
            id: state.id.clone(),
            state,
            is_duplicate,
            is_in_order: true,
            watched,
        });
    }

    #[inline]
    fn current(&self, layer: u64) -> Option<&Entered> {
        self.spans
            .iter()
            .rfind(|entered| entered.layer == layer && !entered.is_duplicate)
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
