//! The layer's hooks. Each finds the ids, renders a line and writes it. User code (the visited values, the writer) runs with no lock
//! held and no thread-local borrowed.

use super::{holding::Holding, render::Scratch, stamp_layer::StampLayer};
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
                        && self
                            .ids
                            .with_current_span(|span| span.is_none())
                            .unwrap_or(true);
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
        let mut scratch = Scratch::take();
        let (shared, buffers) = scratch.at(&self.renderer, event.metadata());
        if shared.is_plain && self.writes_plainly() && event.is_contextual() {
            self.write_plain_event(event, &ctx, shared, buffers);
        } else {
            self.write_event(event, &ctx, shared, buffers);
        }
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
