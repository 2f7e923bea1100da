//! Asking OpenTelemetry for a span's context, without starting the span.
//!
//! Asking starts a span that is not started ([`of_span`]), so it is asked for where that changes nothing: while it is
//! entered, when its context is activated anyway. An event never asks: the answer is under a lock that OpenTelemetry holds
//! while it runs code that may log, and a span that closes meanwhile is a panic there.
//!
//! [`of_span`]: crate::trace_context::Source::of_span

use super::{
    core::Core,
    otel_layer::Open,
    span_state::{self, SpanState},
};
use crate::trace_context::TraceContext;
use std::sync::{Arc, atomic::Ordering};
use tracing_core::{
    Dispatch, Subscriber,
    dispatcher::{self, WeakDispatch},
};
use tracing_subscriber::registry::LookupSpan;

impl Core {
    /// Asks for a span that is being entered or left.
    pub(super) fn ask<S>(&self, state: &Arc<SpanState>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.settle::<S>(state, &self.dispatch::<S>(state)?)
    }

    /// Asks for a span that OpenTelemetry has started, and settles what it says.
    fn settle<S>(&self, state: &SpanState, dispatch: &Dispatch) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let own = self.settings.source.of_span::<S>(&state.id, dispatch);
        // A span is hidden only by a layer that has shown another.
        if own.is_some() || self.answers.load(Ordering::Relaxed) {
            self.settle_as::<S>(state, own, dispatch);
        }
        own
    }

    /// Settles what OpenTelemetry has said of a span, and what it then says of the parents that it has started for that
    /// span's sake: the one that the span names, and the one that that one names before it.
    pub(super) fn settle_as<S>(
        &self,
        state: &SpanState,
        own: Option<TraceContext>,
        dispatch: &Dispatch,
    ) where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if own.is_some() && !self.answers.load(Ordering::Relaxed) {
            self.answers.store(true, Ordering::Relaxed);
            self.settings.stats.note_span_ids();
        }
        state.callsite.note_answer(own.is_some());
        state.identity.settle(own);
        let mut child = (own, state);
        while let (Some(_), span) = child
            && let Some(parent) = span.named_parent()
            && !parent.identity.is_settled()
        {
            let own = self.settings.source.of_span::<S>(&parent.id, dispatch);
            parent.identity.settle(own);
            child = (own, parent);
        }
    }

    /// The dispatch that this layer is part of: OpenTelemetry panics when one is asked that does not know the span.
    pub(super) fn dispatch<S>(&self, state: &Arc<SpanState>) -> Option<Dispatch>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let known = self.dispatch.get().and_then(WeakDispatch::upgrade);
        if known.is_some() {
            return known;
        }
        // `Option`, `Vec` and `reload` tell no layer, or not each, of its dispatch. The current one is very likely it, and
        // surely where it knows this very state. A global default also counts no references, which the registered one does.
        let current = dispatcher::get_default(Dispatch::clone);
        let knows_it = current
            .downcast_ref::<S>()
            .and_then(|subscriber| span_state::get(self, &subscriber.span(&state.id)?))
            .is_some_and(|known| Arc::ptr_eq(&known, state));
        if knows_it {
            // Where another is kept it is gone: a subscriber can be shared by several.
            let _ = self.dispatch.set(current.downgrade());
            return Some(current);
        }
        self.registered.get()?.upgrade()
    }

    /// Keeps the dispatch that this layer is told it is part of.
    pub(super) fn register(&self, dispatch: &Dispatch) {
        // The first stays: a layer is part of one subscriber.
        let _ = self.registered.set(dispatch.downgrade());
        if dispatch.downcast_ref::<Open>().is_some_and(Open::is_in_use) {
            self.note_told();
        }
    }
}
