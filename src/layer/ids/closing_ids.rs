//! The ids on a line about a span, beside those of the span itself.

use super::{identity::Known, span_state::SpanState};
use crate::trace_context::TraceContext;
use opentelemetry::trace::SpanId;

/// The ids of a closing line.
pub(in crate::layer) struct ClosingIds {
    pub(in crate::layer) context: Option<TraceContext>,
    /// Whether the context is the span's own, not its ancestor's.
    pub(in crate::layer) is_own: bool,
    pub(in crate::layer) parent: Option<SpanId>,
}

impl SpanState {
    pub(in crate::layer) fn closing_ids(&self) -> ClosingIds {
        let (context, is_own, parent) = match self.identity.known() {
            Known::Inferred(own) | Known::Own(own) => (Some(own), true, self.parent_span_id(&own)),
            // The span's lines belong to the context around it, so that is its parent in the trace.
            Known::Hidden => {
                let around = self.body_context();
                (around, false, around.map(|around| around.span_id()))
            }
            Known::Nothing => {
                let around = self.body_context();
                let is_parent = self.identity.trusts_source();
                let parent = around.filter(|_| is_parent);
                (around, false, parent.map(|around| around.span_id()))
            }
        };
        ClosingIds {
            context,
            is_own,
            parent,
        }
    }

    /// The id of the parent of the span or ancestor that has this context, if it is known.
    pub(super) fn parent_id_of(&self, context: &TraceContext) -> Option<SpanId> {
        let is_it = |own: TraceContext| {
            own.span_id() == context.span_id() && own.trace_id() == context.trace_id()
        };
        let span = self
            .with_ancestors()
            .find(|span| span.identity.context().is_some_and(is_it))?;
        span.parent_span_id(context)
    }

    /// The id of the span's parent in OpenTelemetry, if it is known and of the same trace. A layer cannot observe `set_parent`, so
    /// only the parent that the tracer reports is known. A custom source has no `set_parent`.
    fn parent_span_id(&self, own: &TraceContext) -> Option<SpanId> {
        if !self.identity.trusts_source() {
            return self.identity.parent().map(SpanId::from);
        }
        let parent = match self.named_parent() {
            Some(parent) => parent.identity.context()?,
            None => self.created_in?,
        };
        let is_parent = parent.trace_id() == own.trace_id() && parent.span_id() != own.span_id();
        is_parent.then(|| parent.span_id())
    }
}
