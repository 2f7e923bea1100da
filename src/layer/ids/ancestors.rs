//! Finds a span's ancestors.
//!
//! The registry has them as long as the span is open. They are looked up only when something needs them, because nothing happens
//! in many spans.

use super::{entered, span_state::SpanState, tracker::IdTracker};
use std::sync::Arc;
use tracing_core::Subscriber;
use tracing_subscriber::{layer::Context, registry::LookupSpan};

impl IdTracker {
    /// Finds all ancestors of a span, unless they are known.
    #[inline]
    pub(super) fn find_ancestors<S>(&self, span: &SpanState, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if !span.knows_ancestors() {
            self.look_for_ancestors(span, ctx);
        }
    }

    #[cold]
    fn look_for_ancestors<S>(&self, span: &SpanState, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let look = |span: &SpanState| self.state(&ctx.span(&span.id)?.parent()?);
        let parent = look(span);
        let mut found = Vec::new();
        let mut next = parent.clone();
        while let Some(span) = next
            && !span.knows_ancestors()
        {
            next = look(&span);
            found.push((span, next.clone()));
        }
        // Set from the root down, so that each span with a known parent has all its ancestors.
        for (span, parent) in found.into_iter().rev() {
            span.parent.set(parent);
        }
        span.parent.set(parent);
    }

    /// Finds the ancestors of the current span, and returns the span.
    #[cold]
    pub(in crate::layer) fn find_ancestors_of_current<S>(
        &self,
        ctx: &Context<'_, S>,
    ) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // The stack is not borrowed here: a lookup can drop a span's last reference, and closing the span runs user code.
        let current = entered::current(self.id)?;
        self.find_ancestors(&current, ctx);
        Some(current)
    }
}
