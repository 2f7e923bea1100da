//! How a layer learns a span's ids without starting the span.
//!
//! OpenTelemetry's layer, unless told otherwise, starts a span when it is first entered and makes its context current
//! ("activates" it). Asking for a span's context ([`of_span`]) starts it too, so within `on_enter` the question changes
//! nothing, provided that contexts are activated. Nothing public tells that; it shows in what is current:
//!
//! - Where we stand **after** OpenTelemetry's layer, another context is current when a span is entered than at the hook
//!   before, and that one is back when the span is left.
//! - Where we stand **before** it, another context is current at the first hook within the span than when it was entered.
//!   When the span is left it still is, and when the span closes, which is where it would be started at the latest,
//!   OpenTelemetry says that it is the span's.
//!
//! A caller that attaches a context by hand between two hooks looks the same for a moment. So one change makes a context
//! [`Seen`](Known::Seen), and only the whole pattern shows that contexts are activated; from then on each span is asked.
//! With activation off the pattern does not come up, no span is asked, and a later `set_parent` returns `Ok`.

use super::{
    core::Core,
    entered::{self, Entered},
    identity::Known,
    span_state::{self, SpanState},
};
use crate::trace_context::{self, TraceContext};
use std::sync::{Arc, atomic::Ordering};
use tracing_core::{Dispatch, Subscriber, dispatcher, span::Id};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

impl Core {
    #[inline]
    fn activates(&self) -> bool {
        self.activates.load(Ordering::Relaxed)
    }

    fn found_activation(&self) {
        if self.settings.source.is_opentelemetry() {
            self.activates.store(true, Ordering::Relaxed);
        }
    }

    /// At any hook but entering and leaving: looks at the context that is current.
    #[inline]
    pub(super) fn observe(&self, now: Option<TraceContext>) {
        if !self.activates() {
            self.observe_unsure(now);
        }
    }

    /// When a span is made: the current context, unless nobody needs it.
    pub(super) fn observe_for_new_span(&self) -> Option<TraceContext> {
        if self.activates() && !self.settings.life.close {
            return None;
        }
        let now = self.settings.source.current();
        self.observe(now);
        now
    }

    /// Whether there is anything to do when a span closes.
    pub(super) fn minds_closing(&self) -> bool {
        self.settings.life.any() || !self.activates()
    }

    #[cold]
    fn observe_unsure(&self, now: Option<TraceContext>) {
        if let Some(state) = entered::changed(self.id, now) {
            self.see(&state);
        }
    }

    /// Takes the context that is current for the span's, unless something better is known.
    fn see(&self, state: &SpanState) {
        if state.identity.known() == Known::Nothing
            && let Some(context) = self.settings.source.current_local()
        {
            state.identity.see(Some(context));
        }
    }

    /// When a span is entered: pushes it to the entered spans of this thread, and asks or looks.
    pub(super) fn enter<S>(&self, state: Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if state.identity.is_settled() {
            entered::push(self.id, state, None);
        } else if self.activates() {
            self.ask::<S>(&state);
            if state.identity.context().is_none() {
                state.identity.entered_in(self.settings.source.current());
            }
            entered::push(self.id, state, None);
        } else {
            let now = self.settings.source.current();
            if now != entered::push(self.id, Arc::clone(&state), now) {
                self.see(&state);
            }
            if state.identity.context().is_none() {
                state.identity.entered_in(now);
            }
        }
    }

    /// Asks OpenTelemetry whose context a span has that is being entered.
    fn ask<S>(&self, state: &Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let Some(dispatch) = self.dispatch::<S>(state) else {
            return;
        };
        let own = trace_context::of_span(&state.id, &dispatch);
        state.identity.settle(own);
        // A span that OpenTelemetry sees has made it start the parent that it names.
        if let (Some(_), true, Some(parent)) = (own, state.has_named_parent, &state.parent)
            && !parent.identity.is_settled()
        {
            parent
                .identity
                .settle(trace_context::of_span(&parent.id, &dispatch));
        }
    }

    /// When a span is left: whether the context that came with it goes with it.
    pub(super) fn exit(&self, left: &Entered) {
        if self.activates() {
            return;
        }
        let now = self.settings.source.current();
        entered::see(self.id, now);
        let identity = &left.state.identity;
        if left.is_duplicate || identity.is_settled() {
            return;
        }
        let came_with_it = left.at_enter != left.before
            && left.at_enter.is_some()
            && identity.context() == left.at_enter;
        if came_with_it && now == left.before {
            self.found_activation();
        } else if now == left.at_enter {
            // It stays, so it was not the span's.
            identity.see(None);
        } else if !came_with_it && let Some(context) = self.settings.source.current_local() {
            identity.see(Some(context));
        }
    }

    /// When a span closes. Where OpenTelemetry's layer comes after us, it has the span still, and would start it now.
    pub(super) fn close<S>(&self, state: &Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.activates() || !self.settings.source.is_opentelemetry() {
            return;
        }
        if let Known::Seen(seen) = state.identity.known()
            && let Some(dispatch) = self.dispatch::<S>(state)
            && let Some(own) = trace_context::of_span(&state.id, &dispatch)
        {
            state.identity.settle(Some(own));
            if own == seen {
                self.found_activation();
            }
        }
    }

    /// The dispatch that this layer is part of: OpenTelemetry panics when one is asked that does not know the span.
    fn dispatch<S>(&self, state: &Arc<SpanState>) -> Option<Dispatch>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if let Some(registered) = self.dispatch.get() {
            return registered.upgrade();
        }
        // `Option`, `Vec` and `reload` tell no layer, or not each, of its dispatch. The current one is very likely it, and
        // surely where it knows this very state.
        let current = dispatcher::get_default(Dispatch::clone);
        let knows_it = current
            .downcast_ref::<S>()
            .and_then(|subscriber| span_state::get(self, &subscriber.span(&state.id)?))
            .is_some_and(|known| Arc::ptr_eq(&known, state));
        knows_it.then(|| {
            self.register(&current);
            current
        })
    }

    /// The context of a span that a filter hides from this layer, or of its nearest ancestor that is known.
    #[cold]
    pub(super) fn context_of_hidden<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // OpenTelemetry's layer may see it, and then its context is current.
        if ctx.current_span().id() == Some(id)
            && let Some(now) = self.settings.source.current()
        {
            return Some(now);
        }
        let dispatch = self.dispatch.get()?.upgrade()?;
        let span = dispatch.downcast_ref::<S>()?.span(id)?;
        let known = span.scope().find_map(|span| span_state::get(self, &span));
        known.and_then(|state| state.context())
    }

    /// Keeps the dispatch that this layer is part of.
    pub(super) fn register(&self, dispatch: &Dispatch) {
        // The first stays: a layer is part of one subscriber.
        let _ = self.dispatch.set(dispatch.downgrade());
    }
}
