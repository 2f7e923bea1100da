//! What a thread remembers about the spans of all trackers.

use super::span_state::SpanState;
use crate::trace_context::TraceContext;
use std::{cell::RefCell, sync::Arc};
use tracing_core::span::Id;

thread_local! {
    pub(super) static STACK: RefCell<Stack> = const { RefCell::new(Stack::new()) };
}

/// How many trackers a thread remembers a context for.
const MAX_TRACKERS: usize = 16;

pub(super) struct Stack {
    pub(super) spans: Vec<Entered>,
    /// The context at each tracker's last hook.
    last_contexts: Vec<(u64, Option<TraceContext>)>,
    /// The span that was created or left last on this thread, with its tracker. It is very likely the next one that is entered or
    /// closed. It stays if it closes, until the registry has cleared it and the next span needs its memory.
    pub(super) recent: Option<(u64, Arc<SpanState>)>,
    /// Whether the recent span can be recognised, and no span was entered or left since its creation.
    pub(super) is_fresh: bool,
}

/// A span that a tracker has seen entered.
pub(super) struct Entered {
    pub(super) tracker: u64,
    pub(super) id: Id,
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
    pub(super) fn push(
        &mut self,
        tracker: u64,
        state: Arc<SpanState>,
        watched: Option<Box<Watched>>,
    ) {
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
    pub(super) fn current(&self, tracker: u64) -> Option<&Entered> {
        self.spans
            .iter()
            .rfind(|entered| entered.tracker == tracker && entered.entry == Entry::First)
    }

    /// Notes the context at this hook. Returns the context at the previous hook.
    pub(super) fn note_context(
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
