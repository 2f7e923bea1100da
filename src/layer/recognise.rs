//! How a layer knows a span's ids without asking OpenTelemetry.
//!
//! Asking costs more than all else that is done for a span, and most spans need not be asked. Where we stand after
//! OpenTelemetry's layer (which is learnt too: the context that is a span's own, as we have asked, was current when the span
//! was entered, and is not when it is left), a context that became current between two hooks, namely since the span was made
//! and now that it is entered, is [recognised](Core::recognises) as its own. All of this must hold: nothing was entered or
//! left in between; the context is of this process and of the trace in which the span was made; OpenTelemetry has had a
//! context for each span of the call site that it was asked for. What is left is a span that a filter hides of late,
//! depending on something else than its call site, while a caller attaches by hand, just there, a context of the same trace
//! (or, for the root of a trace, of any). That span is then taken for the attached one.

use super::{core::Core, entered::Entered, span_state::SpanState};
use std::sync::atomic::Ordering;

impl Core {
    /// Whether OpenTelemetry's layer is known to come before this one, so that a span which is entered is started.
    #[inline]
    pub(super) fn stands_after(&self) -> bool {
        self.stands_after.load(Ordering::Relaxed)
    }

    /// When a span is left whose own context was current as soon as it was entered. Contexts that are attached by hand can look
    /// so too, so once is not enough; and a single span whose own context was not current proves the contrary.
    #[cold]
    pub(super) fn learn_order(&self, left: &Entered) {
        if self.settings.source.current() != left.state.identity.context()
            && !self.stands_before.load(Ordering::Relaxed)
            && self.seemed_after.fetch_add(1, Ordering::Relaxed) > 0
        {
            self.stands_after.store(true, Ordering::Relaxed);
        }
    }

    /// Whether what is current is the own context of a contextual span, made at the hook before, that is being entered; if so,
    /// it is settled.
    pub(super) fn recognises(&self, span: &SpanState) -> bool {
        if span.life.is_some() {
            return false;
        }
        if span.identity.is_told() {
            return true;
        }
        if !span.callsite.is_always_seen() {
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
}
