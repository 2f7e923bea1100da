//! Knowing a span's ids without asking OpenTelemetry.
//!
//! Asking costs more than all else that is done for a span, and most spans need not be asked. If OpenTelemetry's layer stands
//! before this one, its context becomes current between two hooks: after the span's creation here, and before it is entered here. So
//! the tracker [recognises](IdTracker::recognises) that context as the span's own. All of this must hold: nothing was entered or left
//! in between; the context is of this process and of the trace in which the span was created; OpenTelemetry has had a context for
//! each span of the call site that it was asked for.
//!
//! One mistake remains possible. A filter newly hides a span of a call site that was always visible, and a caller attaches by hand,
//! between these two hooks, a context of the same trace (or of any trace, if the span is a root). Then the span gets the attached
//! context's ids.

use super::{behavior::Shown, entered::Entered, span_state::SpanState, tracker::IdTracker};

impl IdTracker {
    /// Learns where OpenTelemetry's layer stands from a span that is left. The span's own context was current as soon as it was
    /// entered.
    #[cold]
    pub(super) fn learn_order(&self, left: &Entered) {
        if self.source.current() != left.state.identity.context() {
            self.note(Shown::CameAndWent);
        }
    }

    /// Whether the ids of a fresh span that is being entered are reported, or the current context is recognised as its own. In
    /// that case it is settled.
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
