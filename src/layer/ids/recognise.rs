//! Recognises a span's ids without asking OpenTelemetry.
//!
//! Asking costs more than everything else that is done for a span, and most spans do not need it. If OpenTelemetry's layer comes before
//! this one, it makes the span's context current between two hooks of this layer: the span's creation, and its entry. So the tracker
//! [recognises](IdTracker::recognises) that context as the span's own, if all of this holds:
//!
//! - no span was entered or left in between;
//! - the context is from this process, and from the trace in which the span was created;
//! - OpenTelemetry has returned a context for each span of the call site that it was asked for.
//!
//! One mistake remains possible. A filter newly hides a span of a call site that was always visible, and a caller attaches by hand,
//! between these two hooks, a context of the same trace (or of any trace, if the span is a root). Then the span gets the attached
//! context's ids.

use super::{behavior::Shown, span_state::SpanState, stack::Entered, tracker::IdTracker};

impl IdTracker {
    /// Learns from a span that is left whether OpenTelemetry's layer comes before this one. The span's own context was current as soon
    /// as it was entered.
    #[cold]
    pub(super) fn learn_order(&self, left: &Entered) {
        if self.source.current() != left.state.identity.context() {
            self.note(Shown::CameAndWent);
        }
    }

    /// Returns whether the ids of a fresh span that is being entered are reported, or the current context is recognised as its own. Settles
    /// a recognised span.
    pub(super) fn recognises(&self, span: &SpanState) -> bool {
        if span.has_lifecycle() {
            return false;
        }
        if span.identity.is_reported() {
            return true;
        }
        if !self.behavior.is_first() || !span.site.is_always_visible() {
            return false;
        }
        let Some(now) = self.source.current_local() else {
            return false;
        };
        let is_new = span.created_in.is_none_or(|around| {
            around.trace_id() == now.trace_id() && around.span_id() != now.span_id()
        });
        if is_new {
            span.identity.settle(Some(now));
        }
        is_new
    }
}
