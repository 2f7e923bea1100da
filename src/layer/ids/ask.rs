//! Asks OpenTelemetry for a span's context, without starting the span.
//!
//! Asking starts a span that has not started ([`of_span`]). So the tracker asks only while the span is entered, when
//! OpenTelemetry's layer activates its context anyway. The tracker never asks at an event: the ids are behind a lock that
//! OpenTelemetry also holds while it runs code that may log, and OpenTelemetry panics if the span closes meanwhile.
//!
//! [`of_span`]: crate::trace_context::Source::of_span

use super::{behavior::Shown, span_state::SpanState, tracker::IdTracker};
use crate::trace_context::TraceContext;
use std::sync::Arc;
use tracing_core::{Dispatch, Subscriber};
use tracing_subscriber::registry::LookupSpan;

impl IdTracker {
    /// Asks for a span that is being entered or left, and settles its ids.
    pub(super) fn ask<S>(&self, state: &Arc<SpanState>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let dispatch = self.dispatch::<S>(state)?;
        let own = self.source.of_span::<S>(&state.id, &dispatch);
        // No context means that the span is hidden, but only if the layer has returned one for another span.
        if own.is_some() || self.behavior.returns_contexts() {
            self.settle::<S>(state, own, &dispatch);
        }
        own
    }

    /// Settles the ids of a span. Then does the same for the parent that the span names, for the parent that this parent names, and so
    /// on: OpenTelemetry's layer has started them together with the span.
    pub(super) fn settle<S>(
        &self,
        state: &SpanState,
        own: Option<TraceContext>,
        dispatch: &Dispatch,
    ) where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if own.is_some() && !self.behavior.returns_contexts() {
            self.note(Shown::Returned);
        }
        state.site.note(own.is_some());
        state.identity.settle(own);
        let mut child = (own, state);
        while let (Some(_), span) = child
            && let Some(parent) = span.named_parent()
            && !parent.identity.is_settled()
        {
            let own = self.source.of_span::<S>(&parent.id, dispatch);
            parent.identity.settle(own);
            child = (own, parent);
        }
    }
}
