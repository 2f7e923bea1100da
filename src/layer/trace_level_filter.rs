use super::{ids::reported_ids, render::is_opentelemetrys};
use crate::{
    trace_context::current_trace_id,
    trace_level::{is_raised_to, passes, raised_max_level, settle},
};
use opentelemetry::trace::TraceId;
use tracing_core::{
    Event, Interest, LevelFilter, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// Filter that also passes the events of a trace up to its [level](crate::trace_level), whatever the filter within it says.
///
/// [`init`](https://docs.rs/tracing-stamp/latest/tracing_stamp/fn.init.html) uses it. In a `registry()` of your own, wrap the filter of the
/// layer. A global filter, added by `.with(EnvFilter)`, would still hide the events from all layers.
///
/// ```
/// use tracing_stamp::TraceLevelFilter;
/// use tracing_subscriber::{EnvFilter, prelude::*};
///
/// let filter = TraceLevelFilter::new(EnvFilter::new("info"));
/// let subscriber = tracing_subscriber::registry().with(tracing_stamp::layer().with_filter(filter));
/// # let _ = subscriber;
/// ```
#[derive(Debug)]
pub struct TraceLevelFilter<F> {
    filter: F,
    /// Whether this filter is not behind `reload`, which would hold a lock while the caches are computed.
    can_settle: bool,
}

impl<F> TraceLevelFilter<F> {
    /// Wraps a filter.
    #[must_use]
    pub fn new(filter: F) -> Self {
        Self {
            filter,
            can_settle: false,
        }
    }

    /// Wraps a filter. The new filter must not be put behind `reload`.
    #[cfg(feature = "setup")]
    pub(crate) fn never_reloaded(filter: F) -> Self {
        Self {
            filter,
            can_settle: true,
        }
    }

    /// Returns whether an event that the inner filter rejects may be one of a trace with a level. The event is not known yet: if no trace
    /// is current, it may name its parent.
    #[inline]
    fn may_be_raised(&self, metadata: &Metadata<'_>) -> bool {
        is_raised_to(*metadata.level()) && self.is_current_raised(metadata)
    }

    #[cold]
    fn is_current_raised(&self, metadata: &Metadata<'_>) -> bool {
        // OpenTelemetry logs while it holds its own borrows and locks.
        if !metadata.is_event() || is_opentelemetrys(metadata) {
            return false;
        }
        if self.can_settle {
            settle();
        }
        is_raised_to(*metadata.level())
            && current_trace_id().is_none_or(|trace| passes(trace, *metadata.level()))
    }
}

/// Returns the trace that an event belongs to. The extensions of a span are only read if the event names its parent: a span processor
/// may log while OpenTelemetry's layer has locked those of the current span.
fn trace_of<S>(event: &Event<'_>, ctx: &Context<'_, S>) -> Option<TraceId>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    if event.is_contextual() {
        return current_trace_id();
    }
    let mut spans = ctx.event_scope(event)?;
    spans
        .find_map(|span| reported_ids(&span))
        .map(|ids| ids.trace_id())
}

impl<S, F> Filter<S> for TraceLevelFilter<F>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    F: Filter<S>,
{
    fn enabled(&self, metadata: &Metadata<'_>, ctx: &Context<'_, S>) -> bool {
        self.filter.enabled(metadata, ctx) || self.may_be_raised(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        let interest = self.filter.callsite_enabled(metadata);
        if interest.is_never() && metadata.is_event() && is_raised_to(*metadata.level()) {
            Interest::sometimes()
        } else {
            interest
        }
    }

    fn event_enabled(&self, event: &Event<'_>, ctx: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        if !is_raised_to(*metadata.level()) || is_opentelemetrys(metadata) {
            return self.filter.event_enabled(event, ctx);
        }
        (self.filter.enabled(metadata, ctx) && self.filter.event_enabled(event, ctx))
            || trace_of(event, ctx).is_some_and(|trace| passes(trace, *metadata.level()))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let hint = self.filter.max_level_hint()?;
        Some(hint.max(raised_max_level()))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        self.filter.on_new_span(attributes, id, ctx);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        self.filter.on_record(id, values, ctx);
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        self.filter.on_enter(id, ctx);
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        self.filter.on_exit(id, ctx);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        self.filter.on_close(id, ctx);
    }
}
