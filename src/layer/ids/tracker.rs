use super::{
    around_otel::BeforeOtel,
    behavior::{Behavior, Shown},
    extension, pool, recent,
    site_history::SiteHistory,
    span_state::SpanState,
    span_table::SpanTable,
};
use crate::{stats::Stats, trace_context::Source};
use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tracing_core::{
    Dispatch, Metadata, Subscriber,
    dispatcher::{self, WeakDispatch},
    span::Id,
};
use tracing_subscriber::{
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

/// Knows the ids of spans, and which ids a line carries. It follows the spans of one subscriber through the hooks of its layer. The
/// layer must call it in all hooks except those for events and records.
pub(in crate::layer) struct IdTracker {
    /// Distinguishes the trackers of a process, in thread-locals and in the extensions of spans.
    pub(super) id: u64,
    pub(super) source: Source,
    /// Whether events need the parents of their spans.
    pub(in crate::layer) needs_parents: bool,
    pub(super) stats: Stats,
    pub(super) behavior: Behavior,
    /// The dispatch that this layer was registered with.
    registered: OnceLock<WeakDispatch>,
    /// The dispatch that this layer is part of, once it is needed.
    dispatch: OnceLock<WeakDispatch>,
    /// The states of the spans that can be recognised. The other states are in the extensions of the spans.
    pub(super) table: SpanTable,
    /// By the address of the call site's metadata, which lives as long as the process.
    histories: RwLock<HashMap<usize, Arc<SiteHistory>>>,
}

impl IdTracker {
    pub(in crate::layer) fn new(source: Source, stats: Stats) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT_ID.fetch_add(1, Relaxed),
            source,
            needs_parents: false,
            stats,
            behavior: Behavior::default(),
            registered: OnceLock::new(),
            dispatch: OnceLock::new(),
            table: SpanTable::default(),
            histories: RwLock::default(),
        }
    }

    /// A tracker of the same source that knows nothing yet.
    pub(in crate::layer) fn anew(self) -> Self {
        Self {
            needs_parents: self.needs_parents,
            ..Self::new(self.source, self.stats)
        }
    }

    /// Calls `visit` with each member of the current baggage that has one of these keys.
    pub(in crate::layer) fn baggage(&self, keys: &[String], visit: &mut dyn FnMut(&str, &str)) {
        self.source.baggage(keys, visit);
    }

    /// Notes the dispatch that this layer is registered with.
    pub(in crate::layer) fn register(&self, dispatch: &Dispatch) {
        // Only the first counts: a layer is part of one subscriber.
        let _ = self.registered.set(dispatch.downgrade());
        if dispatch
            .downcast_ref::<BeforeOtel>()
            .is_some_and(BeforeOtel::is_in_use)
        {
            self.note_reporting();
        }
    }

    /// The dispatch that this layer is part of. OpenTelemetry panics if it is asked with a dispatch that does not know the span.
    pub(super) fn dispatch<S>(&self, state: &Arc<SpanState>) -> Option<Dispatch>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let known = self.dispatch.get().and_then(WeakDispatch::upgrade);
        if known.is_some() {
            return known;
        }
        // `Option`, `Vec` and `reload` do not register their layers, or not all of them. The current dispatch is very likely the right
        // one, and certainly if it knows this very state. Besides, a global default counts no references, and the registered dispatch
        // does.
        let current = dispatcher::get_default(Dispatch::clone);
        let knows_it = current
            .downcast_ref::<S>()
            .and_then(|subscriber| extension::get(self.id, &subscriber.span(&state.id)?))
            .is_some_and(|known| Arc::ptr_eq(&known, state));
        if knows_it {
            // If another dispatch is stored, it is already dropped: several dispatches can share a subscriber.
            let _ = self.dispatch.set(current.downgrade());
            return Some(current);
        }
        self.registered.get()?.upgrade()
    }

    /// Prepares a span for being asked about: if the known dispatch is dropped, [`dispatch`](Self::dispatch) finds another one by the
    /// state in the span's extensions.
    #[inline]
    pub(super) fn prepare_to_ask<S>(&self, state: &Arc<SpanState>, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.behavior.is_first()
            && self
                .dispatch
                .get()
                .is_some_and(|known| known.upgrade().is_none())
            && let Some(span) = ctx.span(&state.id)
            && extension::get(self.id, &span).is_none()
        {
            extension::insert(self.id, false, &span, Arc::clone(state));
        }
    }

    /// The dispatch in which a span can be found that a filter hides from this layer.
    pub(super) fn dispatch_for_hidden(&self) -> Option<Dispatch> {
        self.dispatch.get().or(self.registered.get())?.upgrade()
    }

    /// This tracker's state of a span.
    #[inline]
    pub(super) fn state<S>(&self, span: &SpanRef<'_, S>) -> Option<Arc<SpanState>>
    where
        S: for<'lookup> LookupSpan<'lookup>,
    {
        let id = span.id();
        self.table
            .get(&id)
            .or_else(|| extension::get(self.id, span))
            .or_else(|| recent::closed(self.id, &id))
            .or_else(|| pool::closing(self.id, &id))
    }

    /// This tracker's state of the span with this id.
    #[inline]
    pub(in crate::layer) fn span<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.state(&ctx.span(id)?)
    }

    #[cold]
    pub(super) fn history(&self, metadata: &'static Metadata<'static>) -> Arc<SiteHistory> {
        let address = std::ptr::from_ref(metadata) as usize;
        let known = self
            .histories
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(history) = known.get(&address) {
            return Arc::clone(history);
        }
        drop(known);
        let mut known = self
            .histories
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let history = known
            .entry(address)
            .or_insert_with(|| Arc::new(SiteHistory::new(metadata)));
        Arc::clone(history)
    }

    /// Notes what a span has shown about OpenTelemetry's layer.
    pub(super) fn note(&self, shown: Shown) {
        if self.behavior.note(shown)
            && matches!(shown, Shown::Returned | Shown::Activated | Shown::Reported)
        {
            self.stats.note_span_ids();
        }
    }

    /// Notes that the tracer reports the ids of the spans that OpenTelemetry's layer sees. Spans that are not reported are hidden
    /// from it, so asking for them starts none.
    pub(super) fn note_reporting(&self) {
        if self.source.is_opentelemetry() && !self.behavior.reports() {
            self.note(Shown::Reported);
        }
    }
}
