//! The ids of an event.

use super::{entered, extension, span_state::SpanState, tracker::IdTracker};
use crate::trace_context::{TraceContext, Visibility};
use std::sync::Arc;
use tracing_core::{Subscriber, span::Id};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

impl IdTracker {
    /// Returns the context of a contextual event: the current context, or that of the current span if spans have their ids in their
    /// extensions. Learns from it. Must be called before user code runs.
    #[inline]
    pub(in crate::layer) fn current<S>(&self, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.ids_are_in_extensions() {
            self.current_by_extensions(ctx)
        } else {
            self.observe()
        }
    }

    /// Returns the context of a contextual event while no context is current: that of the current span or of its nearest ancestor
    /// that has one.
    pub(in crate::layer) fn of_current_span<S>(&self, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.find_ancestors_of_current(ctx)?
            .context_where_none_is_current()
    }

    /// Returns the parent that an event names, if this layer sees it, and the ids of the event.
    pub(in crate::layer) fn of_parent<S>(
        &self,
        parent: Option<&Id>,
        ctx: &Context<'_, S>,
    ) -> (Option<Arc<SpanState>>, Option<TraceContext>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let Some(parent) = parent else {
            return (None, None);
        };
        match self.span(parent, ctx) {
            Some(span) => {
                self.find_ancestors(&span, ctx);
                let context = if self.ids_are_in_extensions() {
                    self.note_parents(&span, ctx);
                    self.nearest_by_extensions(parent, ctx)
                } else {
                    span.context()
                };
                (Some(span), context)
            }
            None if self.ids_are_in_extensions() => (None, self.nearest_by_extensions(parent, ctx)),
            None => (None, self.of_hidden(parent, ctx)),
        }
    }

    /// The context of a span that a filter hides from this layer, or of its nearest ancestor that is known.
    #[cold]
    fn of_hidden<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // With OpenTelemetry, the current context may be attached by hand, even while the span is current.
        let is_opentelemetry = self.source.is_opentelemetry();
        if !is_opentelemetry
            && ctx.current_span().id() == Some(id)
            && let Some(now) = self.source.current()
        {
            return Some(now);
        }
        let dispatch = self.dispatch_for_hidden()?;
        for span in dispatch.downcast_ref::<S>()?.span(id)?.scope() {
            if let Some(known) = self.state(&span) {
                self.find_ancestors(&known, ctx);
                return known.context();
            }
            if is_opentelemetry
                && let Some(Visibility::Reported(reported)) = extension::visibility(&span)
                && let Some(Some(own)) = reported.ids()
            {
                return Some(own);
            }
        }
        None
    }

    /// Runs `f` on the current span of this layer, with a thread-local borrowed: `f` calls no user code. Returns `None` while the thread's
    /// locals are destroyed: then no span is current.
    #[inline(always)]
    pub(in crate::layer) fn with_current_span<T>(
        &self,
        f: impl FnOnce(Option<&SpanState>) -> T,
    ) -> Option<T> {
        entered::with_current(self.id, f)
    }

    /// The current span, if its lifecycle lines can have their ids by now.
    #[inline]
    pub(in crate::layer) fn current_span_with_ids(&self) -> Option<Arc<SpanState>> {
        let span = entered::current(self.id)?;
        (!self.behavior.activates() || span.identity.is_settled()).then_some(span)
    }
}
