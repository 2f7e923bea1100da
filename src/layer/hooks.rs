//! The layer's hooks. Each finds the ids, renders a line and writes it. User code (the visited values, the writer) runs with no lock
//! held and no thread-local borrowed.

use super::{
    holding::Holding,
    ids::SpanState,
    render::{LineParts, Scratch, SharedSiteRecord},
    stamp_layer::StampLayer,
};
use crate::{burst::Pass, json::UnixTime, quiet::is_quiet, trace_context::TraceContext};
use std::time::SystemTime;
use tracing_core::{
    Dispatch, Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, fmt::MakeWriter, layer::Context, registry::LookupSpan};

impl<S, W> Layer<S> for StampLayer<W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.ids.register(dispatch);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let new = self.ids.new_span(attributes, id, &ctx, |lines| {
            let lines =
                lines.get_or_insert_with(|| self.renderer.span_lines(attributes.metadata()));
            lines.begin(&self.renderer, attributes);
            lines.lifecycle = self.lifecycle_of(id, &ctx);
            if let Some(holding) = &self.holding {
                let is_top = attributes.is_root()
                    || attributes.is_contextual()
                        && self.ids.with_current_span(|span| span.is_none());
                lines.hold = Some(holding.span(&lines.callsite, attributes, is_top));
            }
        });
        let Some(new) = new else { return };
        if new.state.has_lifecycle()
            && let Some(parent) = new.state.parent()
            && parent.has_shown_ids()
        {
            self.write_waiting(parent);
        }
        self.ids.keep_recent(new);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        if let Some(span) = self.ids.span(id, &ctx) {
            self.renderer.record(&*span, values);
            Holding::record(&span, values);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let (ids, renderer) = (&self.ids, &self.renderer);
        let metadata = event.metadata();
        let mut scratch = Scratch::take();
        let (shared, buffers) = scratch.at(renderer, metadata);
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
        let current = is_contextual.then(|| ids.current(&ctx)).flatten();
        let holding = self.holding.as_ref();
        let is_beyond = holding.is_some_and(|holding| holding.holds(callsite, &ctx));
        let pass = match &shared.limit {
            _ if is_beyond => {
                // What belongs to no trace is not held.
                if callsite.is_opentelemetrys
                    || event.is_root()
                    || is_contextual && current.is_none() && ids.of_current_span(&ctx).is_none()
                {
                    return;
                }
                Some(Pass::at(UnixTime::now()))
            }
            Some(limit) => {
                let pass = self.pass(event, limit, callsite, record.as_ref(), current, &ctx);
                let Some(pass) = pass else {
                    if self.holding.is_some() {
                        // Its trace has failed, although its line is left out.
                        let context = self.context_of(event, callsite, current, &ctx);
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
            context = current.or_else(|| ids.of_current_span(&ctx));
            if leaves_out(context.as_ref()) {
                return;
            }
            is_held = is_beyond && !self.writes_beyond(metadata.level(), context.as_ref());
            // The first event within a span finds the span's ancestors.
            while !ids.with_current_span(|span| {
                let is_ready = span.is_none_or(SpanState::knows_ancestors);
                if is_ready {
                    let mut parts = LineParts::of_event(callsite, context, span, pass.as_ref());
                    parts.is_held = is_held;
                    renderer.render(buffers, &parts);
                    is_kept = is_held && self.keep(metadata, &parts, &buffers.line);
                }
                is_ready
            }) {
                ids.find_ancestors_of_current(&ctx);
            }
        } else {
            let (span, of_parent) = ids.of_parent(event.parent(), &ctx);
            context = of_parent;
            if let Some(span) = &span
                && span.has_known_ids()
            {
                self.write_waiting(span);
            }
            if leaves_out(context.as_ref()) || (is_beyond && context.is_none()) {
                return;
            }
            is_held = is_beyond && !self.writes_beyond(metadata.level(), context.as_ref());
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
            self.release_by_event(metadata, context.as_ref(), named.as_deref());
        }
        self.write(metadata, &buffers.line);
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        let is_entered = self.ids.enter_fresh(id);
        if !is_entered || self.holding.is_some() {
            self.enter(id, &ctx, is_entered);
        }
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        if self.holding.is_some() || !self.ids.leave(id) {
            self.exit(id, &ctx);
        }
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        if self.holding.is_some() || self.lifecycle.any() || !self.ids.close_quickly(&id) {
            self.close(&id, &ctx);
        }
    }
}

/// What the hooks do for the spans that need more. In functions of their own, since most spans do not.
impl<W> StampLayer<W>
where
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    #[inline(never)]
    fn enter<S>(&self, id: &Id, ctx: &Context<'_, S>, is_entered: bool)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let entered = match is_entered {
            true => None,
            false => self.ids.enter(id, ctx),
        };
        if let Some(holding) = &self.holding {
            self.note_entered(holding);
        }
        if let Some(span) = entered
            && let Some(lifecycle) = span.lifecycle()
        {
            lifecycle.enter(self.lifecycle);
            if self.ids.knows_ids_of(&span) {
                self.write_waiting(&span);
            }
        }
    }

    #[inline(never)]
    fn exit<S>(&self, id: &Id, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if let Some(holding) = &self.holding {
            // A stamping layer that comes first does not know the trace when the span is entered.
            self.note_root(holding);
            if self.releases_by_panic() {
                Holding::exit(self.ids.span(id, ctx).as_deref());
            }
            if self.ids.leave(id) {
                return;
            }
        }
        if let Some(span) = self.ids.exit(id, ctx)
            && let Some(lifecycle) = span.lifecycle()
        {
            lifecycle.exit();
            self.write_waiting(&span);
            if self.lifecycle.exit {
                self.write_lifecycle(&span, "exit", SystemTime::now(), span.body_context(), None);
            }
        }
    }

    #[inline(never)]
    fn close<S>(&self, id: &Id, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let Some(holding) = &self.holding else {
            return self.write_close(id, ctx);
        };
        let span = self.ids.span(id, ctx);
        if let Some(span) = &span {
            self.release_by_span(holding, span);
        }
        self.write_close(id, ctx);
        if let Some(span) = &span {
            self.end_held(holding, span);
        }
    }

    fn write_close<S>(&self, id: &Id, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let Some(span) = self.ids.close(id, ctx, self.lifecycle.any()) else {
            return;
        };
        if span.has_lifecycle() {
            self.write_closing(&span);
        }
        if span.is_without_any_context() {
            self.report_without_context(&span);
        }
    }
}
