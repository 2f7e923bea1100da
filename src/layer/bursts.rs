//! Which events are left out by a [`Burst`](crate::Burst), and the lines that say so.

use super::{
    render::{Callsite, OwnLines, SharedSiteRecord},
    stamp_layer::StampLayer,
};
use crate::{
    burst::{CallSiteLimit, Output, Pass, note_suppressed},
    json::UnixTime,
    trace_context::TraceContext,
    trace_level,
};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

impl<W> StampLayer<W> {
    /// Counts an event that has a limit. Returns `None` if it is left out. `limit` is that of the event's own call site, `callsite` that
    /// of its `record` if it has one, and `current` the context of a contextual event. May run user code.
    #[inline]
    pub(super) fn pass<'a, S>(
        &self,
        event: &Event<'_>,
        limit: &'a CallSiteLimit,
        callsite: &Callsite,
        record: Option<&'a SharedSiteRecord>,
        current: Option<TraceContext>,
        ctx: &Context<'_, S>,
    ) -> Option<Pass<'a>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if trace_level::is_in_use()
            && let Some(context) = self.context_of(event, callsite, current, ctx)
            && trace_level::passes(context.trace_id(), *event.metadata().level())
        {
            // All lines of the trace are wanted, so they do not count.
            return Some(Pass::at(UnixTime::now()));
        }
        let may_be_unsampled = *event.metadata().level() > self.unsampled_max_level;
        let pass = if may_be_unsampled || record.is_some() || limit.has_key() {
            if may_be_unsampled && self.is_unsampled(event, callsite, current, ctx) {
                // It does not count, because it is left out anyway.
                return Some(Pass::at(UnixTime::now()));
            }
            let (limit, key) = record.map_or((limit, None), |record| record.limit(limit));
            Pass::new(limit, key.or_else(|| limit.key(event)))
        } else {
            Pass::new(limit, None)
        };
        if pass.is_none()
            && let Some(limits) = &self.renderer.limits
        {
            note_suppressed(limits, || self.output_of_suppressed());
        }
        pass
    }

    /// Whether an event is left out because it belongs to no sampled trace.
    #[cold]
    fn is_unsampled<S>(
        &self,
        event: &Event<'_>,
        callsite: &Callsite,
        current: Option<TraceContext>,
        ctx: &Context<'_, S>,
    ) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let context = self.context_of(event, callsite, current, ctx);
        self.leaves_out(event.metadata().level(), context.as_ref())
    }

    /// The context of an event before its line is rendered. `current` is that of a contextual event, if one is current.
    #[cold]
    pub(super) fn context_of<S>(
        &self,
        event: &Event<'_>,
        callsite: &Callsite,
        current: Option<TraceContext>,
        ctx: &Context<'_, S>,
    ) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let ids = &self.ids;
        if callsite.is_opentelemetrys {
            None
        } else if event.is_contextual() {
            current.or_else(|| ids.of_current_span(ctx))
        } else {
            ids.of_parent(event.parent(), ctx).1
        }
    }

    /// Returns what writes the lines about call sites with lines that were left out.
    fn output_of_suppressed(&self) -> Output {
        let lines = OwnLines::with_settings(self.renderer.settings().clone());
        let output = self.shared_output();
        Box::new(move |metadata, pass| output.write(metadata, &lines.suppressed(metadata, pass)))
    }
}
