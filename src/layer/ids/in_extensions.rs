//! Reads ids from a span's extensions. `tracing-opentelemetry` 0.28 to 0.31 keeps them there from the span's creation until it closes.
//! The tracker reads them each time, because `set_parent` can change them at any time.

use super::{span_state::SpanState, tracker::IdTracker};
use crate::trace_context::{TraceContext, version::ExtensionIds};
use tracing_core::{Subscriber, span::Id};
use tracing_subscriber::{
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

impl IdTracker {
    #[inline]
    pub(super) fn ids_are_in_extensions(&self) -> bool {
        self.source.ids_are_in_extensions()
    }

    /// The ids of a contextual event. These versions choose a new span's parent in the same order: the current span comes before
    /// the current context.
    pub(super) fn current_by_extensions<S>(&self, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.needs_parents
            && let Some(span) = self.find_ancestors_of_current(ctx)
        {
            self.note_parents(&span, ctx);
        }
        let current = ctx.current_span();
        let of_span = current
            .id()
            .and_then(|id| self.nearest_by_extensions(id, ctx));
        of_span.or_else(|| self.source.current())
    }

    /// The ids of a span, or of its nearest ancestor that has any.
    pub(super) fn nearest_by_extensions<S>(
        &self,
        id: &Id,
        ctx: &Context<'_, S>,
    ) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        match ctx.span(id) {
            Some(span) => self.nearest_in_scope(&span),
            // A filter hides the span from this layer, but maybe not from OpenTelemetry's.
            None => {
                let dispatch = self.dispatch_for_hidden()?;
                self.nearest_in_scope(&dispatch.downcast_ref::<S>()?.span(id)?)
            }
        }
    }

    fn nearest_in_scope<S>(&self, span: &SpanRef<'_, S>) -> Option<TraceContext>
    where
        S: for<'lookup> LookupSpan<'lookup>,
    {
        // The span itself comes first, without a scope, which would look it up again.
        let ids = self.extension_ids(span);
        let ids = ids.or_else(|| {
            span.scope()
                .skip(1)
                .find_map(|span| self.extension_ids(&span))
        });
        ids.map(|ids| ids.context)
    }

    fn extension_ids<S>(&self, span: &SpanRef<'_, S>) -> Option<ExtensionIds>
    where
        S: for<'lookup> LookupSpan<'lookup>,
    {
        self.source.in_extensions(&span.extensions())
    }

    /// Notes the ids that a span has now, for its lifecycle lines. OpenTelemetry's layer may remove them when the span closes.
    #[inline]
    pub(super) fn note_extension_ids<S>(&self, state: &SpanState, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if state.has_lifecycle() && self.ids_are_in_extensions() {
            self.note_extension_ids_now(state, ctx);
        }
    }

    /// Notes the ids of a span and its ancestors, up to the first one that has any, if an event needs its parent.
    pub(super) fn note_parents<S>(&self, span: &SpanState, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.needs_parents {
            let mut spans = span.with_ancestors();
            spans.any(|span| self.note_extension_ids_now(span, ctx));
        }
    }

    #[cold]
    fn note_extension_ids_now<S>(&self, state: &SpanState, ctx: &Context<'_, S>) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let ids = ctx
            .span(&state.id)
            .and_then(|span| self.extension_ids(&span));
        if let Some(ids) = ids {
            self.stats.note_span_ids();
            state.identity.note_in_extensions(ids);
        }
        ids.is_some()
    }
}
