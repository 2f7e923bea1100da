//! Stores the states of a span in its extensions, until the registry clears these. Most states are in a
//! [`SpanTable`](super::span_table) instead.

use super::{pool, span_state::SpanState};
use crate::trace_context::{TraceContext, Visibility};
use std::sync::Arc;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// One tracker's state of a span. Extensions hold one value of each type, so the states of several trackers form a linked list.
#[derive(Debug)]
struct Entry {
    tracker: u64,
    /// `None` if only the visibility is known so far, and while the entry is dropped.
    state: Option<Arc<SpanState>>,
    /// Whether OpenTelemetry's layer sees the span, if that layer reports this.
    visibility: Option<Visibility>,
    next: Option<Box<Entry>>,
}

impl Entry {
    fn new(tracker: u64, state: Option<Arc<SpanState>>, visibility: Option<Visibility>) -> Self {
        Self {
            tracker,
            state,
            visibility,
            next: None,
        }
    }
}

impl Drop for Entry {
    /// Keeps the state for the next span of its call site, unless something still uses it.
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            pool::keep(self.tracker, state);
        }
    }
}

/// Adds a tracker's state to the span's extensions. Returns whether OpenTelemetry's layer sees the span, if that layer comes first
/// and reports this.
#[inline]
pub(super) fn insert<S>(
    tracker: u64,
    reports: bool,
    span: &SpanRef<'_, S>,
    state: Arc<SpanState>,
) -> Option<Visibility>
where
    S: for<'lookup> LookupSpan<'lookup>,
{
    let mut extensions = span.extensions_mut();
    if reports
        && let Some(entry) = extensions.get_mut::<Entry>()
        && entry.state.is_none()
    {
        entry.tracker = tracker;
        entry.state = Some(state);
        return entry.visibility.clone();
    }
    let other = extensions.replace(Entry::new(tracker, Some(state), None));
    let (other, entry) = (other?, extensions.get_mut::<Entry>()?);
    entry.visibility = other.visibility.clone();
    if other.state.is_some() {
        entry.next = Some(Box::new(other));
    }
    entry.visibility.clone()
}

/// Stores whether OpenTelemetry's layer sees a new span, for the trackers that already have a state of the span and for those that
/// add one later.
pub(super) fn set_visibility<S>(span: &SpanRef<'_, S>, visibility: Visibility)
where
    S: for<'lookup> LookupSpan<'lookup>,
{
    let mut extensions = span.extensions_mut();
    if let Some(entry) = extensions.get_mut::<Entry>() {
        for entry in std::iter::successors(Some(&*entry), |entry| entry.next.as_deref()) {
            if let Some(state) = &entry.state {
                state.identity.set_visibility(&visibility);
            }
        }
        entry.visibility = Some(visibility);
    } else {
        extensions.insert(Entry::new(0, None, Some(visibility)));
    }
}

/// Returns whether OpenTelemetry's layer sees a span, if that layer reports this.
pub(super) fn visibility<S>(span: &SpanRef<'_, S>) -> Option<Visibility>
where
    S: for<'lookup> LookupSpan<'lookup>,
{
    span.extensions().get::<Entry>()?.visibility.clone()
}

/// Returns the ids that the tracer has reported for a span.
pub(in crate::layer) fn reported_ids<S>(span: &SpanRef<'_, S>) -> Option<TraceContext>
where
    S: for<'lookup> LookupSpan<'lookup>,
{
    match visibility(span)? {
        Visibility::Reported(reported) => reported.ids()?,
        _ => None,
    }
}

/// Returns a tracker's state of a span. The extensions' read lock is released on return.
#[inline]
pub(super) fn get<S>(tracker: u64, span: &SpanRef<'_, S>) -> Option<Arc<SpanState>>
where
    S: for<'lookup> LookupSpan<'lookup>,
{
    let extensions = span.extensions();
    let mut all = std::iter::successors(extensions.get::<Entry>(), |entry| entry.next.as_deref());
    all.find(|entry| entry.tracker == tracker && entry.state.is_some())?
        .state
        .clone()
}
