//! What the layer knows of ids, for others than lines.

use super::{SpanFields, StampLayer, callsite::is_opentelemetrys};
use crate::trace_context::TraceContext;
use std::io;
use tracing_core::{Event, Subscriber};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

impl StampLayer {
    /// A layer that writes nothing. All hooks but that of events must be called.
    pub(crate) fn ids_only() -> StampLayer<fn() -> io::Sink> {
        let sink: fn() -> io::Sink = io::sink;
        super::layer()
            .with_span_fields(SpanFields::Off)
            .set(|settings| settings.diagnostics = None)
            .with_writer(sink)
    }
}

impl<W> StampLayer<W> {
    /// The context that a line of this event would carry.
    pub(crate) fn context_of<S>(
        &self,
        event: &Event<'_>,
        ctx: &Context<'_, S>,
    ) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let core = &self.core;
        if is_opentelemetrys(event.metadata()) {
            None
        } else if event.is_contextual() {
            let now = core.observe_or_look(ctx);
            now.or_else(|| core.context_where_none_is_current(ctx))
        } else {
            core.named(event.parent(), ctx).1
        }
    }
}
