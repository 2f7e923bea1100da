//! A layer that knows the ids of events, for others that write records.

use super::{ids::IdTracker, render::is_opentelemetrys};
use crate::{
    stats::Stats,
    trace_context::{Source, TraceContext, version::OpenTelemetry},
};
use tracing_core::{
    Dispatch, Event, Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Writes nothing. All its hooks must be called.
pub(crate) struct IdLayer {
    ids: IdTracker,
}

impl IdLayer {
    pub(crate) fn new() -> Self {
        Self::of(Source::Native)
    }

    /// The same for another version of OpenTelemetry.
    pub(crate) fn of_version(version: impl OpenTelemetry) -> Self {
        Self::of(Source::version(version))
    }

    fn of(source: Source) -> Self {
        Self {
            ids: IdTracker::new(source, Stats::default()),
        }
    }

    /// The context that a line of this event would carry.
    pub(crate) fn context_of<S>(
        &self,
        event: &Event<'_>,
        ctx: &Context<'_, S>,
    ) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if is_opentelemetrys(event.metadata()) {
            None
        } else if event.is_contextual() {
            let current = self.ids.current(ctx);
            current.or_else(|| self.ids.of_current_span(ctx))
        } else {
            self.ids.of_parent(event.parent(), ctx).1
        }
    }
}

impl<S> Layer<S> for IdLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.ids.register(dispatch);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        if let Some(new) = self.ids.new_span(attributes, id, &ctx, |_| ()) {
            self.ids.keep_recent(new);
        }
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        if !self.ids.enter_fresh(id) {
            self.ids.enter(id, &ctx);
        }
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        if !self.ids.leave(id) {
            self.ids.exit(id, &ctx);
        }
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        self.ids.close(&id, &ctx, false);
    }
}
