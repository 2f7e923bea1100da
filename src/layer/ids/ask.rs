//! Asking OpenTelemetry for a span's context, without starting the span.
//!
//! Asking starts a span that has not started ([`of_span`]). So the tracker asks only while the span is entered, when
//! OpenTelemetry's layer activates its context anyway. It never asks at an event: the answer is under a lock that OpenTelemetry
//! holds while it runs code that may log, and it panics if the span closes meanwhile.
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
        // Only a layer that has answered for another span hides this one.
        if own.is_some() || self.behavior.answers() {
            self.settle::<S>(state, own, &dispatch);
        }
        own
    }

    /// Settles the ids of a span. Then asks for the parent that it names, and for the parent that that one names, and so on:
    /// OpenTelemetry's layer has started them together with the span.
    pub(super) fn settle<S>(
        &self,
        state: &SpanState,
        own: Option<TraceContext>,
        dispatch: &Dispatch,
    ) where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if own.is_some() && !self.behavior.answers() {
            self.note(Shown::Answered);
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
