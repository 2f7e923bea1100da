//! Whose ids an event carries.

use super::{
    core::Core,
    entered,
    span_state::{self, SpanState},
};
use crate::trace_context::{Made, TraceContext};
use std::sync::Arc;
use tracing_core::{Subscriber, span::Id};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

impl Core {
    /// The parent that an event names, as far as this layer sees it, and whose ids that means.
    pub(super) fn named<S>(
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
        match ctx
            .span(parent)
            .and_then(|span| span_state::get(self, &span))
        {
            Some(span) => {
                span.find_ancestors(self, ctx);
                let context = if self.keeps_ids() {
                    self.kept_around(parent, ctx)
                } else {
                    span.context()
                };
                (Some(span), context)
            }
            None if self.keeps_ids() => (None, self.kept_around(parent, ctx)),
            None => (None, self.context_of_hidden(parent, ctx)),
        }
    }

    /// Looks for the ancestors of the current span, unless it is done.
    #[cold]
    pub(super) fn find_ancestors_of_current<S>(
        &self,
        ctx: &Context<'_, S>,
    ) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // Not within the stack's borrow: a span's last reference can go with a look-up, and its end runs user code.
        let current = entered::current(self.id)?;
        current.find_ancestors(self, ctx);
        Some(current)
    }

    /// The context of the current span or of its nearest ancestor which has one, where no context is current.
    pub(super) fn context_where_none_is_current<S>(
        &self,
        ctx: &Context<'_, S>,
    ) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.find_ancestors_of_current(ctx)?
            .context_where_none_is_current()
    }

    /// The context of a span that a filter hides from this layer, or of its nearest ancestor that is known.
    #[cold]
    fn context_of_hidden<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // What is current may be attached by hand, also where the span is current.
        let is_opentelemetry = self.settings.source.is_opentelemetry();
        if !is_opentelemetry
            && ctx.current_span().id() == Some(id)
            && let Some(now) = self.settings.source.current()
        {
            return Some(now);
        }
        let dispatch = self.dispatch.get().or(self.registered.get())?.upgrade()?;
        for span in dispatch.downcast_ref::<S>()?.span(id)?.scope() {
            if let Some(known) = span_state::get(self, &span) {
                known.find_ancestors(self, ctx);
                return known.context();
            }
            if is_opentelemetry
                && let Some(Made::Seen(told)) = span_state::made(&span)
                && let Some(Some(own)) = told.ids()
            {
                return Some(own);
            }
        }
        None
    }
}
