//! The way of an event to its line. User code (the visited values, the writer) runs with no lock held and no thread-local borrowed.

use super::{
    ids::SpanState,
    render::{Buffers, Callsite, LineParts, SharedSiteRecord},
    stamp_layer::StampLayer,
};
use crate::{burst::Pass, json::UnixTime, quiet::is_quiet, trace_context::TraceContext};
use std::sync::Arc;
use tracing_core::{Event, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::{fmt::MakeWriter, layer::Context, registry::LookupSpan};

impl<W> StampLayer<W>
where
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    /// Returns whether no setting of this layer needs more than [`write_plain_event`](Self::write_plain_event) for a plain call site.
    #[inline]
    pub(super) fn writes_plainly(&self) -> bool {
        self.holding.is_none()
            && !self.lifecycle.any()
            && self.unsampled_max_level == LevelFilter::TRACE
    }

    /// Writes a contextual event of a plain call site. Nearly all events are such. [`write_event`](Self::write_event) would do the same, with
    /// more conditions.
    #[inline]
    pub(super) fn write_plain_event<S>(
        &self,
        event: &Event<'_>,
        ctx: &Context<'_, S>,
        callsite: &Callsite,
        buffers: &mut Buffers,
    ) where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        // Before user code runs: another thread may wait for it and name this span.
        let current = self.ids.current(ctx);
        buffers.visit(&self.renderer, callsite, |visit| event.record(visit));
        let of_span;
        let context = match &current {
            Some(current) => Some(current),
            None => {
                of_span = self.ids.of_current_span(ctx);
                of_span.as_ref()
            }
        };
        let parts = LineParts::of_event(callsite, context, None, None);
        self.render_in_current(event.metadata(), ctx, buffers, &parts);
        self.write(event.metadata(), &buffers.line);
    }

    /// Renders the line of a contextual event. Returns whether the line is kept, because it is held.
    #[inline(always)]
    fn render_in_current<S>(
        &self,
        metadata: &'static Metadata<'static>,
        ctx: &Context<'_, S>,
        buffers: &mut Buffers,
        parts: &LineParts<'_, SpanState>,
    ) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let mut render = |span: Option<&SpanState>| {
            let parts = LineParts { span, ..*parts };
            self.renderer.render(buffers, &parts);
            parts.is_held && self.keep(metadata, &parts, &buffers.line)
        };
        loop {
            let is_kept = self.ids.with_current_span(|span| {
                let is_ready = span.is_none_or(SpanState::knows_ancestors);
                is_ready.then(|| render(span))
            });
            match is_kept {
                Some(Some(is_kept)) => return is_kept,
                // The first event within a span finds the span's ancestors.
                Some(None) => {
                    self.ids.find_ancestors_of_current(ctx);
                }
                None => return render(None),
            }
        }
    }

    /// Writes or holds an event, or leaves it out.
    #[inline(never)]
    pub(super) fn write_event<S>(
        &self,
        event: &Event<'_>,
        ctx: &Context<'_, S>,
        shared: &Arc<Callsite>,
        buffers: &mut Buffers,
    ) where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let (ids, renderer) = (&self.ids, &self.renderer);
        let metadata = event.metadata();
        if shared.may_be_own && is_quiet() {
            return;
        }
        let record = if shared.is_shared {
            SharedSiteRecord::of(renderer, shared, event)
        } else {
            None
        };
        let callsite = record
            .as_ref()
            .map_or(&**shared, |record| &*record.callsite);
        // Before user code runs: another thread may wait for it and name this span.
        let is_contextual = event.is_contextual() && !callsite.is_opentelemetrys;
        let current = if is_contextual {
            ids.current(ctx)
        } else {
            None
        };
        let holding = self.holding.as_ref();
        let is_beyond = holding.is_some_and(|holding| holding.holds(callsite, ctx));
        let pass = match &shared.limit {
            _ if is_beyond => {
                // What belongs to no trace is not held.
                if callsite.is_opentelemetrys
                    || event.is_root()
                    || is_contextual && current.is_none() && ids.of_current_span(ctx).is_none()
                {
                    return;
                }
                Some(Pass::at(UnixTime::now()))
            }
            Some(limit) => {
                let pass = self.pass(event, limit, callsite, record.as_ref(), current, ctx);
                let Some(pass) = pass else {
                    if self.holding.is_some() {
                        // Its trace has failed, although its line is left out.
                        let context = self.context_of(event, callsite, current, ctx);
                        self.release_by_event(metadata, context.as_ref(), None);
                    }
                    return;
                };
                Some(pass)
            }
            None => None,
        };
        buffers.visit(renderer, callsite, |visit| event.record(visit));
        if let Some(record) = &record {
            record.take_fields(renderer, buffers);
        }

        let leaves_out =
            |context: Option<&TraceContext>| self.leaves_out(metadata.level(), context);
        let other_context;
        let mut context = None;
        let (mut is_held, mut is_kept) = (false, false);
        let mut named = None;
        if callsite.is_opentelemetrys {
            if leaves_out(None) {
                return;
            }
            let parts = LineParts::<SpanState>::of_event(callsite, None, None, pass.as_ref());
            renderer.render(buffers, &parts);
        } else if is_contextual {
            buffers.take_baggage(renderer, |keys, visit| ids.baggage(keys, visit));
            if self.lifecycle.any() {
                self.write_waiting_of_current();
            }
            context = match &current {
                Some(current) => Some(current),
                None => {
                    other_context = ids.of_current_span(ctx);
                    other_context.as_ref()
                }
            };
            if leaves_out(context) {
                return;
            }
            is_held = is_beyond && !self.writes_beyond(metadata.level(), context);
            let mut parts = LineParts::of_event(callsite, context, None, pass.as_ref());
            parts.is_held = is_held;
            is_kept = self.render_in_current(metadata, ctx, buffers, &parts);
        } else {
            let (span, of_parent) = ids.of_parent(event.parent(), ctx);
            other_context = of_parent;
            context = other_context.as_ref();
            if let Some(span) = &span
                && span.has_known_ids()
            {
                self.write_waiting(span);
            }
            if leaves_out(context) || (is_beyond && context.is_none()) {
                return;
            }
            is_held = is_beyond && !self.writes_beyond(metadata.level(), context);
            let mut parts = LineParts::of_event(callsite, context, span.as_deref(), pass.as_ref());
            parts.is_held = is_held;
            renderer.render(buffers, &parts);
            is_kept = is_held && self.keep(metadata, &parts, &buffers.line);
            named = span;
        }
        if is_kept {
            return;
        }
        if !is_held {
            self.release_by_event(metadata, context, named.as_deref());
        }
        self.write(metadata, &buffers.line);
    }
}
