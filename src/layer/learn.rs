//! How a layer learns a span's ids without starting the span.
//!
//! OpenTelemetry's layer, unless told otherwise, starts a span when it is first entered and makes its context current
//! ("activates" it). Asking for a span's context ([`of_span`]) starts it too, so within `on_enter` the question changes
//! nothing, provided that contexts are activated. Nothing public tells that; it shows in what is current:
//!
//! - Where we stand **after** OpenTelemetry's layer, another context is current when a span is entered than at the hook
//!   before, and the context's span, if it records, ends when the span closes.
//! - Where we stand **before** it, another context is current at the first hook within the span than when it was entered.
//!   When the span is left it still is, and when the span closes, which is where it would be started at the latest,
//!   OpenTelemetry says that it is the span's.
//!
//! A caller that attaches a context by hand between two hooks looks the same for a moment. So one change makes a context
//! [`Seen`](Known::Seen), and only the whole pattern shows that contexts are activated; from then on each span is asked.
//! With activation off the pattern does not come up, no span is asked, and a later `set_parent` returns `Ok`.
//!
//! Asking costs more than all else that is done for a span, and most spans need not be asked. Where we stand after
//! OpenTelemetry's layer (which is proven too: the context that is a span's own, as we have asked, was current when the span
//! was entered, and is not when it is left), a context that became current between two hooks, namely since the span was made
//! and now that it is entered, is [recognised](Core::recognises) as its own. All of this must hold: nothing was entered or
//! left in between; the context is of this process and of the trace in which the span was made; OpenTelemetry has had a
//! context for each span of the call site that it was asked for. What is left is a span that a filter hides of late,
//! depending on something else than its call site, while a caller attaches by hand, just there, a context of the same trace
//! (or, for the root of a trace, of any). That span is then taken for the attached one.
//!
//! What cannot be known is the very first span where we stand before OpenTelemetry's layer, until the first hook within
//! it. If a context is attached by hand by then, the lines that need the span's own ids have none, for that span.

use super::{
    core::Core,
    entered::{self, Change, Entered, Turn, Watched},
    identity::Known,
    span_state::SpanState,
};
use crate::trace_context::{self, TraceContext, Witness};
use std::sync::{Arc, atomic::Ordering};
use tracing_core::Subscriber;
use tracing_subscriber::registry::LookupSpan;

impl Core {
    #[inline]
    pub(super) fn activates(&self) -> bool {
        self.activates.load(Ordering::Relaxed)
    }

    fn witness(&self) -> Option<Witness> {
        let is_ours = self.settings.source.is_opentelemetry();
        is_ours.then(Witness::of_current).flatten()
    }

    fn found_activation(&self) {
        if self.settings.source.is_opentelemetry() {
            self.activates.store(true, Ordering::Relaxed);
            self.settings.stats.note_span_ids();
        }
    }

    /// At any hook but entering and leaving: the context that is current.
    #[inline]
    pub(super) fn observe(&self) -> Option<TraceContext> {
        let now = self.settings.source.current();
        if !self.activates() {
            self.observe_unsure(now);
        }
        now
    }

    /// When a span is made: the context that is current, unless nobody needs it.
    pub(super) fn observe_for_new_span(&self) -> Option<TraceContext> {
        let is_needed = !self.activates() || self.stands_after() || self.settings.life.close;
        is_needed.then(|| self.observe()).flatten()
    }

    /// Whether there is anything to do when a span closes.
    pub(super) fn minds_closing(&self) -> bool {
        self.settings.life.any() || !self.activates()
    }

    /// Whether OpenTelemetry's layer is known to come before this one, so that a span which is entered is started.
    #[inline]
    pub(super) fn stands_after(&self) -> bool {
        self.stands_after.load(Ordering::Relaxed)
    }

    /// When a span is left whose own context was current as soon as it was entered.
    #[cold]
    fn learn_order(&self, left: &Entered) {
        if self.settings.source.current() != left.state.identity.context() {
            self.stands_after.store(true, Ordering::Relaxed);
        }
    }

    /// Whether what is current is the own context of a contextual span, made at the hook before, that is being entered; if so,
    /// it is settled.
    pub(super) fn recognises(&self, span: &SpanState) -> bool {
        if !span.callsite.is_always_seen() || span.life.is_some() {
            return false;
        }
        let Some(now) = self.settings.source.current_local() else {
            return false;
        };
        let is_new = span.made_in.is_none_or(|around| {
            around.trace_id() == now.trace_id() && around.span_id() != now.span_id()
        });
        if is_new {
            span.identity.settle(Some(now));
        }
        is_new
    }

    #[cold]
    fn observe_unsure(&self, now: Option<TraceContext>) {
        match entered::changed(self.id, now) {
            Some(Change::Other(state)) if state.identity.known() == Known::Nothing => {
                if let Some(context) = self.settings.source.current_local() {
                    state.identity.see(Some(context));
                }
            }
            Some(Change::Back(state)) => state.identity.unsee_within(),
            _ => {}
        }
    }

    /// When a span is entered: pushes it to the entered spans of this thread, and asks or looks.
    pub(super) fn enter<S>(&self, state: Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let mut watched = None;
        if self.activates() && !state.identity.is_settled() {
            let now = self.settings.source.current();
            let own = self.ask::<S>(&state);
            if own.is_some() && own == now && !self.stands_after() {
                watched = Some(Box::new(Watched::Own));
            }
            if own.is_none() && state.identity.is_settled() {
                state.identity.entered_in(now);
            }
        }
        if state.identity.is_settled() {
            entered::push(self.id, state, watched);
            return;
        }
        // Not known, or OpenTelemetry's layer does not answer, as behind a `reload`.
        let now = self.settings.source.current();
        let before = entered::push_watched(self.id, Arc::clone(&state), now);
        if now != before
            && state.identity.known() == Known::Nothing
            && let Some(context) = self.settings.source.current_local()
        {
            state.identity.see_at_enter(context, self.witness());
        }
        if state.identity.context().is_none() {
            state.identity.entered_in(now);
        }
    }

    /// When a span is left: whether the context that came with it goes with it.
    pub(super) fn exit<S>(&self, left: &Entered, is_in_order: bool)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let identity = &left.state.identity;
        if self.activates() {
            // Entered before it was known that contexts are activated.
            if !identity.is_settled() {
                self.ask::<S>(&left.state);
            }
            if let Some(Watched::Own) = left.watched.as_deref()
                && is_in_order
            {
                self.learn_order(left);
            }
            return;
        }
        let now = self.settings.source.current();
        entered::see(self.id, now);
        let Some(Watched::Around { before, at_enter }) = left.watched.as_deref().copied() else {
            return;
        };
        if left.turn == Turn::Again || identity.is_settled() {
            return;
        }
        let came_with_it =
            at_enter != before && at_enter.is_some() && identity.context() == at_enter;
        if now == at_enter {
            // It stays, so it was not the span's.
            identity.see(None);
        } else if !came_with_it
            && is_in_order
            && let Some(context) = self.settings.source.current_local()
        {
            identity.see(Some(context));
        }
    }

    /// When a span closes.
    pub(super) fn close<S>(&self, state: &Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.activates() || !self.settings.source.is_opentelemetry() {
            return;
        }
        let Known::Seen(seen) = state.identity.known() else {
            return;
        };
        if let Some(witness) = state.identity.take_witness() {
            // Where OpenTelemetry's layer comes before us, it has just ended the span.
            if witness.has_ended() {
                state.identity.settle(Some(seen));
                self.found_activation();
            } else {
                state.identity.see(None);
            }
        } else if let Some(dispatch) = self.dispatch::<S>(state)
            && let Some(own) = trace_context::of_span(&state.id, &dispatch)
        {
            // Where it comes after us, it has the span still, and would start it now.
            self.settle_as(state, Some(own), &dispatch);
            if own == seen {
                self.found_activation();
            }
        }
    }
}
