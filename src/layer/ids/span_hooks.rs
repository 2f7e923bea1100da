//! What a tracker does at each hook of a span's lifecycle.
//!
//! Each hook returns the span's state only if the span has a lifecycle, so that it may have lines to write.

use super::{
    entered, extension,
    pool::{self, Found},
    span_state::SpanState,
    tracker::IdTracker,
};
use crate::layer::render::SpanLines;
use std::sync::{Arc, atomic::Ordering::Relaxed};
use tracing_core::{
    Metadata, Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

/// A new span. [`keep_recent`](IdTracker::keep_recent) completes its creation.
pub(in crate::layer) struct NewSpan {
    pub(in crate::layer) state: Arc<SpanState>,
    can_be_recognised: bool,
}

impl IdTracker {
    /// A span is created. `fill` sets the data for its lines, in the memory of an earlier span of the call site if there is one. It may run
    /// user code.
    #[inline]
    pub(in crate::layer) fn new_span<S>(
        &self,
        attributes: &Attributes<'_>,
        id: &Id,
        ctx: &Context<'_, S>,
        fill: impl FnOnce(&mut Option<SpanLines>),
    ) -> Option<NewSpan>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let metadata = attributes.metadata();
        let uses_table = self.uses_table();
        let mut state = match self.blank(uses_table, metadata) {
            Found::Spare(spare) => spare,
            Found::Site(site) => Arc::new(SpanState::new(id.clone(), site)),
        };
        // Always succeeds: the pool keeps only states that nothing else uses.
        let blank = Arc::get_mut(&mut state)?;
        fill(&mut blank.lines);
        let mut can_be_recognised = self.behavior.is_first() && attributes.is_contextual();
        let created_in = self.observe_for_new_span();
        let trusts_source = !self.source.is_opentelemetry();
        blank.begin(id, attributes, created_in, trusts_source);

        let is_in_table = uses_table && {
            let is_open = |id: &Id| ctx.span(id).is_some();
            self.table.insert(Arc::clone(&state), is_open).is_ok()
        };
        if !is_in_table {
            let span = ctx.span(id)?;
            let reports = self.behavior.reports();
            let state_of_span = Arc::clone(&state);
            if let Some(visibility) = extension::insert(self.id, reports, &span, state_of_span) {
                state.identity.set_visibility(&visibility);
                self.note_reporting();
                can_be_recognised = state.identity.is_reported();
            }
        }
        if state.has_lifecycle() || attributes.parent().is_some() {
            self.find_ancestors(&state, ctx);
        }
        if let Some(parent) = state.named_parent() {
            self.note_extension_ids(parent, ctx);
        }
        Some(NewSpan {
            state,
            can_be_recognised,
        })
    }

    /// Whether a new span needs no state in its extensions: OpenTelemetry's layer comes first and reports nothing, and the dispatch is
    /// known.
    #[inline]
    fn uses_table(&self) -> bool {
        self.behavior.is_first() && !self.needs_extensions.load(Relaxed)
    }

    /// A blank state for a span of the call site.
    #[inline]
    fn blank(&self, uses_table: bool, metadata: &'static Metadata<'static>) -> Found {
        if uses_table
            && let Some(closed) = entered::take_closed(self.id, metadata)
                .or_else(|| pool::take_closing(self.id, metadata))
            && let Some(spare) = closed.into_blank()
        {
            return Found::Spare(spare);
        }
        pool::take(self.id, metadata, || self.history(metadata))
    }

    /// Keeps a new span as the recent span, since it is very likely the next one that is entered.
    #[inline]
    pub(in crate::layer) fn keep_recent(&self, new: NewSpan) {
        entered::keep_recent(self.id, new.state, new.can_be_recognised);
    }

    /// A span is entered.
    #[inline]
    pub(in crate::layer) fn enter<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // One look-up instead of two, where it runs no user code.
        let is_native = self.source.is_native();
        if is_native && entered::enter_fresh(self.id, id, |state| self.recognises(state)) {
            return None;
        }
        let state = match entered::take_to_enter(self.id, id) {
            Some((state, is_fresh)) => {
                if is_fresh && !is_native && self.recognises(&state) {
                    entered::push(self.id, state, None);
                    return None;
                }
                state
            }
            None => self.span(id, ctx)?,
        };
        self.note_extension_ids(&state, ctx);
        let with_lifecycle = state.has_lifecycle().then(|| Arc::clone(&state));
        self.learn_at_enter::<S>(state);
        with_lifecycle
    }

    /// Whether the ids of a span that was entered are known, so that its lines need not wait.
    pub(in crate::layer) fn knows_ids_of(&self, span: &SpanState) -> bool {
        span.identity.is_settled() || span.identity.context().is_some()
    }

    /// A span is left.
    #[inline]
    pub(in crate::layer) fn exit<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.behavior.activates() && entered::leave(self.id, id) {
            return None;
        }
        let (left, is_in_order) = entered::pop(self.id, id)?;
        self.learn_at_exit::<S>(&left, is_in_order);
        self.note_extension_ids(&left.state, ctx);
        let with_lifecycle = left.state.has_lifecycle().then(|| Arc::clone(&left.state));
        entered::keep_recent(self.id, left.state, false);
        with_lifecycle
    }

    /// A span closes. Also returns its state if it has no lifecycle but may be without any context. Does nothing if no span
    /// `has_lifecycle` and nothing can be learnt.
    #[inline]
    pub(in crate::layer) fn close<S>(
        &self,
        id: &Id,
        ctx: &Context<'_, S>,
        has_lifecycle: bool,
    ) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let recent = match self.table.remove(id) {
            Some(state) => {
                state.close();
                let closing = has_lifecycle.then(|| Arc::clone(&state));
                if !entered::is_recent(&state) {
                    pool::keep_closing(self.id, state);
                }
                closing
            }
            None => entered::take_recent(self.id, id),
        };
        if !has_lifecycle && !self.learns_at_close() {
            return None;
        }
        self.learn_from_closed(recent, id, ctx)
    }

    /// Learns from a span that closes. In a function of its own, since most spans are closed without it.
    #[inline(never)]
    fn learn_from_closed<S>(
        &self,
        recent: Option<Arc<SpanState>>,
        id: &Id,
        ctx: &Context<'_, S>,
    ) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let state = match recent {
            Some(state) => state,
            None => self.span(id, ctx)?,
        };
        self.note_extension_ids(&state, ctx);
        self.learn_at_close::<S>(&state);
        Some(state)
    }
}
