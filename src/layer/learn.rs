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
//! What cannot be known is the very first span where we stand before OpenTelemetry's layer, until the first hook within
//! it. If a context is attached by hand by then, the lines that need the span's own ids have none, for that span.

use super::{
    core::Core,
    entered::{self, Change, Entered, Watched},
    identity::Known,
    span_state::{self, SpanState},
};
use crate::trace_context::{self, TraceContext, Witness};
use std::sync::{Arc, atomic::Ordering};
use tracing_core::{
    Dispatch, Subscriber,
    dispatcher::{self, WeakDispatch},
    span::Id,
};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

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
        let is_needed = !self.activates() || self.settings.life.close;
        is_needed.then(|| self.observe()).flatten()
    }

    /// Whether there is anything to do when a span closes.
    pub(super) fn minds_closing(&self) -> bool {
        self.settings.life.any() || !self.activates()
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
        if self.activates()
            && !state.identity.is_settled()
            && self.ask::<S>(&state).is_none()
            && state.identity.is_settled()
        {
            state.identity.entered_in(self.settings.source.current());
        }
        if state.identity.is_settled() {
            entered::push(self.id, state);
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

    /// Asks OpenTelemetry whose context a span has that is being entered.
    fn ask<S>(&self, state: &Arc<SpanState>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.settle(state, &self.dispatch::<S>(state)?)
    }

    /// When a span is left: whether the context that came with it goes with it.
    pub(super) fn exit<S>(&self, left: &Entered)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let identity = &left.state.identity;
        if self.activates() {
            // Entered before it was known that contexts are activated.
            if !identity.is_settled() {
                self.ask::<S>(&left.state);
            }
            return;
        }
        let now = self.settings.source.current();
        entered::see(self.id, now);
        let Some(Watched { before, at_enter }) = left.watched.as_deref().copied() else {
            return;
        };
        if left.is_duplicate || identity.is_settled() {
            return;
        }
        let came_with_it =
            at_enter != before && at_enter.is_some() && identity.context() == at_enter;
        if now == at_enter {
            // It stays, so it was not the span's.
            identity.see(None);
        } else if !came_with_it
            && left.is_in_order
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

    /// Asks for a span that OpenTelemetry has started, and settles what it says.
    fn settle(&self, state: &SpanState, dispatch: &Dispatch) -> Option<TraceContext> {
        let own = trace_context::of_span(&state.id, dispatch);
        // A span is hidden only by a layer that has shown another.
        if own.is_some() || self.answers.load(Ordering::Relaxed) {
            self.settle_as(state, own, dispatch);
        }
        own
    }

    /// Settles what OpenTelemetry has said of a span, and what it then says of the parents that it has started for that
    /// span's sake: the one that the span names, and the one that that one names before it.
    fn settle_as(&self, state: &SpanState, own: Option<TraceContext>, dispatch: &Dispatch) {
        if own.is_some() {
            self.answers.store(true, Ordering::Relaxed);
        }
        state.identity.settle(own);
        let mut child = (own, state);
        while let (
            Some(_),
            &SpanState {
                has_named_parent: true,
                parent: Some(ref parent),
                ..
            },
        ) = child
            && !parent.identity.is_settled()
        {
            let own = trace_context::of_span(&parent.id, dispatch);
            parent.identity.settle(own);
            child = (own, parent);
        }
    }

    /// The dispatch that this layer is part of: OpenTelemetry panics when one is asked that does not know the span.
    fn dispatch<S>(&self, state: &Arc<SpanState>) -> Option<Dispatch>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let registered = self.dispatch.get().and_then(WeakDispatch::upgrade);
        if registered.is_some() {
            return registered;
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
