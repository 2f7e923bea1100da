use super::{caches, guard::TraceLevelGuard, root_span, table};
use crate::trace_context::current_trace_id;
use opentelemetry::trace::TraceId;
use tracing_core::Level;

/// Sets the level of the current trace in this process and, through [baggage](super#the-services-behind), in the services behind. Does
/// nothing if no trace is current.
///
/// The level ends with the outermost span around the call, as seen by `tracing`. So within a request it ends with the request. A second
/// call within the same outermost span replaces the level. If there is no such span, the level ends after ten minutes. In a program
/// with one span around all of its work, use [`raise`].
///
/// Call it from application code. A layer, a filter or a span processor must not call it.
///
/// ```
/// use tracing::{Level, level_filters::LevelFilter};
/// use tracing_stamp::{TraceLevelFilter, opentelemetry::trace::TracerProvider, trace_level};
/// use tracing_subscriber::{filter::filter_fn, prelude::*};
///
/// # let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
/// let otel = tracing_stamp::otel_layer(provider.tracer("shop"), |layer| layer);
/// let stamp = tracing_stamp::layer();
/// let stats = stamp.stats();
/// let subscriber = tracing_subscriber::registry()
///     .with(otel.with_filter(filter_fn(|metadata| metadata.is_span())))
///     .with(stamp.with_filter(TraceLevelFilter::new(LevelFilter::INFO)));
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info_span!("checkout", customer = 1017).in_scope(|| {
///         tracing::debug!("not written");
///         trace_level::set(Level::DEBUG);
///         tracing::debug!("written");
///     });
///     tracing::info_span!("checkout", customer = 1018).in_scope(|| tracing::debug!("not written"));
/// });
/// assert_eq!(stats.stamped(), 1);
/// ```
pub fn set(level: Level) {
    let Some(trace) = current_trace_id().map(bits) else {
        return;
    };
    let guard = TraceLevelGuard::add(trace, level);
    if !guard.has_level() {
        return;
    }
    if let Some(guard) = root_span::keep(guard) {
        drop(guard);
        table::insert(trace, WITHOUT_GUARD, level);
    }
    caches::raise(level);
}

/// The id of the level of a trace that only ends by its age.
const WITHOUT_GUARD: u64 = 0;

/// Sets the level of the current trace like [`set`], until the guard is dropped. If several levels are set for a trace, the most verbose
/// one counts.
///
/// ```
/// use tracing::{Level, level_filters::LevelFilter};
/// use tracing_stamp::{TraceLevelFilter, opentelemetry::trace::TracerProvider, trace_level};
/// use tracing_subscriber::{filter::filter_fn, prelude::*};
///
/// # let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
/// let otel = tracing_stamp::otel_layer(provider.tracer("shop"), |layer| layer);
/// let stamp = tracing_stamp::layer();
/// let stats = stamp.stats();
/// let subscriber = tracing_subscriber::registry()
///     .with(otel.with_filter(filter_fn(|metadata| metadata.is_span())))
///     .with(stamp.with_filter(TraceLevelFilter::new(LevelFilter::INFO)));
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info_span!("batch").in_scope(|| {
///         let verbose = trace_level::raise(Level::TRACE);
///         tracing::trace!("written");
///         drop(verbose);
///         tracing::trace!("not written");
///     });
/// });
/// assert_eq!(stats.stamped(), 1);
/// ```
pub fn raise(level: Level) -> TraceLevelGuard {
    match current_trace_id() {
        Some(trace) => raise_trace(trace, level),
        None => TraceLevelGuard::none(),
    }
}

/// Sets the level of a trace until the guard is dropped.
pub(crate) fn raise_trace(trace: TraceId, level: Level) -> TraceLevelGuard {
    let guard = TraceLevelGuard::add(bits(trace), level);
    if guard.has_level() {
        caches::raise(level);
    }
    guard
}

/// Returns the level of the current trace, if one is set.
///
/// ```
/// assert_eq!(tracing_stamp::trace_level::current(), None, "no trace is current");
/// ```
#[must_use]
pub fn current() -> Option<Level> {
    if table::is_empty() {
        return None;
    }
    level_of(current_trace_id()?)
}

/// Returns the level of a trace, if one is set. This is a single atomic load while no trace has a level.
pub(crate) fn level_of(trace: TraceId) -> Option<Level> {
    table::level_of(bits(trace))
}

/// Returns whether a trace has a level that lets an event of this level through. This is a single atomic load while no trace has one.
#[inline]
pub(crate) fn passes(trace: TraceId, level: Level) -> bool {
    !table::is_empty() && level_of(trace).is_some_and(|max| level <= max)
}

/// Returns whether a trace has a level. This is a single atomic load while no trace has one.
#[inline]
pub(crate) fn has_level(trace: TraceId) -> bool {
    !table::is_empty() && level_of(trace).is_some()
}

/// Returns whether any trace has a level.
#[inline]
pub(crate) fn is_in_use() -> bool {
    !table::is_empty()
}

fn bits(trace: TraceId) -> u128 {
    u128::from_be_bytes(trace.to_bytes())
}
