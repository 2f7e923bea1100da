//! Versions of OpenTelemetry's layer that keep a span's ids in its extensions from when it is made until it closes
//! (`tracing-opentelemetry` 0.28 to 0.31). They are read there each time, as `set_parent` can change them at any time.

use super::{core::Core, span_state::SpanState};
use crate::trace_context::{TraceContext, version::KeptIds};
use tracing_core::{Subscriber, span::Id};
use tracing_subscriber::{
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

impl Core {
    #[inline]
    pub(super) fn keeps_ids(&self) -> bool {
        self.settings.source.keeps_ids()
    }

    /// Whose ids a contextual event carries. As that layer chooses a parent, so the current span comes before the current
    /// context.
    pub(super) fn kept_now<S>(&self, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let current = ctx.current_span();
        let of_span = current.id().and_then(|id| self.kept_around(id, ctx));
        of_span.or_else(|| self.settings.source.current())
    }

    /// The ids of a span, or of its nearest ancestor that has any.
    pub(super) fn kept_around<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        match ctx.span(id) {
            Some(span) => self.kept_in_scope(&span),
            // A filter hides it from this layer, and maybe not from OpenTelemetry's.
            None => {
                let dispatch = self.dispatch.get().or(self.registered.get())?.upgrade()?;
                self.kept_in_scope(&dispatch.downcast_ref::<S>()?.span(id)?)
            }
        }
    }

    fn kept_in_scope<S>(&self, span: &SpanRef<'_, S>) -> Option<TraceContext>
    where
        S: for<'lookup> LookupSpan<'lookup>,
    {
        // The span itself first, without a scope: that would look it up again.
        let kept = self.kept(span);
        let kept = kept.or_else(|| span.scope().skip(1).find_map(|span| self.kept(&span)));
        kept.map(|kept| kept.context)
    }

    fn kept<S>(&self, span: &SpanRef<'_, S>) -> Option<KeptIds>
    where
        S: for<'lookup> LookupSpan<'lookup>,
    {
        self.settings.source.in_extensions(&span.extensions())
    }

    /// Notes the ids that a span has now, for the lines of its life: once it closes, that layer may have taken them away.
    pub(super) fn note_kept<S>(&self, state: &SpanState, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if state.life.is_some()
            && self.keeps_ids()
            && let Some(span) = ctx.span(&state.id)
            && let Some(kept) = self.kept(&span)
        {
            self.settings.stats.note_span_ids();
            state.identity.keep(kept);
        }
    }
}
