//! What a tracker does at each hook of a span's lifecycle.
//!
//! Each hook returns the span's state only if the span has a lifecycle, so that it may have lines to write.

use super::{
    entered, extension,
    pool::{self, Found},
    recent,
    span_state::SpanState,
    tracker::IdTracker,
};
use crate::layer::render::SpanLines;
use std::sync::Arc;
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
        // If OpenTelemetry's layer comes first and does not report ids, nobody needs a state in the extensions.
        let uses_table = self.behavior.is_first();
        let mut state = match self.blank(uses_table, metadata) {
            Found::Spare(spare) => spare,
            Found::Site(site) => Arc::new(SpanState::new(id.clone(), site)),
        };
        // Always succeeds: the pool keeps only states that nothing else uses.
        let blank = Arc::get_mut(&mut state)?;
        fill(&mut blank.lines);
        let mut can_be_recognised = uses_table && attributes.is_contextual();
        let created_in = self.observe_for_new_span(uses_table);
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

    /// A blank state for a span of the call site.
    #[inline]
    fn blank(&self, uses_table: bool, metadata: &'static Metadata<'static>) -> Found {
        if uses_table
            && let Some(closed) = recent::take_closed(self.id, metadata)
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
        recent::keep(self.id, new.state, new.can_be_recognised);
    }

    /// Enters a span that was created at the previous hook, if its ids are recognised. Most spans are entered by this. Runs no user code.
    #[inline]
    pub(in crate::layer) fn enter_fresh(&self, id: &Id) -> bool {
        self.source.is_native() && recent::enter_fresh(self.id, id, |state| self.recognises(state))
    }

    /// Enters a span that [`enter_fresh`](Self::enter_fresh) has not entered.
    pub(in crate::layer) fn enter<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let state = match recent::take_to_enter(self.id, id) {
            Some((state, is_fresh)) => {
                if is_fresh && !self.source.is_native() && self.recognises(&state) {
                    entered::push(self.id, state, None);
                    return None;
                }
                state
            }
            None => self.span(id, ctx)?,
        };
        self.note_extension_ids(&state, ctx);
        if !state.identity.is_settled() {
            self.prepare_to_ask(&state, ctx);
        }
        let with_lifecycle = state.has_lifecycle().then(|| Arc::clone(&state));
        self.learn_at_enter::<S>(state);
        with_lifecycle
    }

    /// Whether the ids of a span that was entered are known, so that its lines need not wait.
    pub(in crate::layer) fn knows_ids_of(&self, span: &SpanState) -> bool {
        span.identity.is_settled() || span.identity.context().is_some()
    }

    /// Leaves the span that was entered last, if it is this one and nothing can be learnt from it. Most spans are left by this.
    #[inline]
    pub(in crate::layer) fn leave(&self, id: &Id) -> bool {
        self.behavior.activates() && entered::leave(self.id, id)
    }

    /// Leaves a span that [`leave`](Self::leave) has not left.
    pub(in crate::layer) fn exit<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let (left, is_in_order) = entered::pop(self.id, id)?;
        self.learn_at_exit::<S>(&left, is_in_order);
        self.note_extension_ids(&left.state, ctx);
        let with_lifecycle = left.state.has_lifecycle().then(|| Arc::clone(&left.state));
        recent::keep(self.id, left.state, false);
        with_lifecycle
    }

    /// Closes a span without lifecycle, if nothing can be learnt from it. Most spans are closed by this.
    #[inline]
    pub(in crate::layer) fn close_quickly(&self, id: &Id) -> bool {
        match self.table.remove(id) {
            Some(state) => self.note_closed(state),
            None if self.learns_at_close() => return false,
            None => drop(recent::take(self.id, id)),
        }
        true
    }

    #[inline]
    fn note_closed(&self, state: Arc<SpanState>) {
        state.close();
        if !recent::is_recent(&state) {
            pool::keep_closing(self.id, state);
        }
    }

    /// A span closes. Also returns its state if it has no lifecycle but may be without any context. Does nothing if no span
    /// `has_lifecycle` and nothing can be learnt.
    pub(in crate::layer) fn close<S>(
        &self,
        id: &Id,
        ctx: &Context<'_, S>,
        has_lifecycle: bool,
    ) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let known = match self.table.remove(id) {
            Some(state) => {
                self.note_closed(Arc::clone(&state));
                Some(state)
            }
            None => recent::take(self.id, id),
        };
        if !has_lifecycle && !self.learns_at_close() {
            return None;
        }
        self.learn_from_closed(known, id, ctx)
    }

    /// Learns from a span that closes. In a function of its own, since most spans are closed without it.
    #[inline(never)]
    fn learn_from_closed<S>(
        &self,
        known: Option<Arc<SpanState>>,
        id: &Id,
        ctx: &Context<'_, S>,
    ) -> Option<Arc<SpanState>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let state = match known {
            Some(state) => state,
            None => self.span(id, ctx)?,
        };
        self.note_extension_ids(&state, ctx);
        if !state.identity.is_settled() {
            self.prepare_to_ask(&state, ctx);
        }
        self.learn_at_close::<S>(&state);
        Some(state)
    }
}
