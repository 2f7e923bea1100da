//! The layer's hooks. User code (the visited values, the writer) runs with no lock held and no thread-local borrowed.

use super::{
    entered,
    identity::Known,
    life::{Closing, Life},
    line::Parts,
    scratch::Scratch,
    settings::SpanFields,
    span_state::{self, SpanState},
    stamp_layer::StampLayer,
    unplaced::Placed,
};
use crate::quiet::is_quiet;
use std::{
    sync::{Arc, atomic::Ordering},
    time::SystemTime,
};
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
        self.core.register(dispatch);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let core = &self.core;
        let mut scratch = Scratch::take();
        let Scratch { recent, buffers } = &mut *scratch;
        let slot = recent.get(core, attributes.metadata());
        if core.settings.span_fields != SpanFields::Off {
            buffers.visit(core, &slot.callsite, |record| attributes.record(record));
        }
        let mut can_be_recognised = core.stands_after() && attributes.is_contextual();
        let made_in = core.observe_for_new_span();

        if let Some(span) = ctx.span(id) {
            let spare = slot.spare.take();
            let life = core.life_of(&span);
            let state = SpanState::begin(spare, &slot.callsite, id, attributes, |state| {
                state.made_in = made_in.filter(|_| attributes.is_contextual());
                state.life = Life::begin(life);
                state
                    .identity
                    .trust(!core.settings.source.is_opentelemetry());
                buffers.keep_fields(core, state.own_mut());
                if state.callsite.has_exported_name {
                    state.exported_name.begin(attributes);
                }
            });
            if let Some(made) = span_state::insert(core, &span, Arc::clone(&state)) {
                state.identity.tell(&made);
                core.note_told();
                can_be_recognised = state.identity.is_told();
            }
            if state.life.is_some() || attributes.parent().is_some() {
                state.find_ancestors(core, &ctx);
            }
            if let Some(parent) = state.named_parent() {
                core.note_kept(parent, &ctx);
            }
            if state.life.is_some()
                && let Some(parent) = state.parent()
                && (parent.identity.known() != Known::Nothing || parent.identity.seen().is_some())
            {
                self.write_waiting(parent);
            }
            entered::keep_at_hand(core.id, state, can_be_recognised);
        }
        scratch.give_back();
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(state) = ctx
            .span(id)
            .and_then(|span| span_state::get(&self.core, &span))
        else {
            return;
        };
        if state.callsite.has_exported_name && state.exported_name.record(values) {
            state.records().fetch_add(1, Ordering::Release);
        }
        if self.core.settings.span_fields == SpanFields::Off {
            return;
        }
        let mut scratch = Scratch::take();
        let buffers = &mut scratch.buffers;
        buffers.visit(&self.core, &state.callsite, |record| values.record(record));
        if !buffers.fields.is_empty() {
            state.record(&self.core, &buffers.fields);
        }
        scratch.give_back();
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let core = &self.core;
        let mut scratch = Scratch::take();
        let Scratch { recent, buffers } = &mut *scratch;
        let callsite = &*recent.get(core, event.metadata()).callsite;
        if callsite.may_be_own && is_quiet() {
            return scratch.give_back();
        }
        let placed = if callsite.is_shared {
            Placed::of(core, callsite, event)
        } else {
            None
        };
        let callsite = placed.as_ref().map_or(callsite, |placed| &*placed.callsite);
        // Before user code runs, on which another thread may wait that names this span.
        let is_contextual = event.is_contextual() && !callsite.is_opentelemetrys;
        let now = is_contextual.then(|| core.observe_or_look(&ctx)).flatten();
        buffers.visit(core, callsite, |record| event.record(record));
        if let Some(placed) = &placed {
            placed.take_fields(core, buffers);
        }

        if callsite.is_opentelemetrys {
            if core.settings.leaves_out(event.metadata().level(), None) {
                return scratch.give_back();
            }
            core.make_line(buffers, &Parts::of_event(callsite, None, None));
        } else if is_contextual {
            core.take_baggage(buffers);
            self.write_waiting_of_current();
            let context = now.or_else(|| core.context_where_none_is_current(&ctx));
            if core
                .settings
                .leaves_out(event.metadata().level(), context.as_ref())
            {
                return scratch.give_back();
            }
            // The first event within a span looks for the ancestors.
            while !entered::with_current(core.id, |entered| {
                let span = entered.map(|entered| &*entered.state);
                let is_ready = span.is_none_or(SpanState::knows_ancestors);
                if is_ready {
                    core.make_line(buffers, &Parts::of_event(callsite, context, span));
                }
                is_ready
            }) {
                core.find_ancestors_of_current(&ctx);
            }
        } else {
            let (span, context) = core.named(event.parent(), &ctx);
            if let Some(span) = &span
                && span.identity.known() != Known::Nothing
            {
                self.write_waiting(span);
            }
            if core
                .settings
                .leaves_out(event.metadata().level(), context.as_ref())
            {
                return scratch.give_back();
            }
            core.make_line(
                buffers,
                &Parts::of_event(callsite, context, span.as_deref()),
            );
        }
        self.write(event.metadata(), &buffers.line);
        scratch.give_back();
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        let core = &self.core;
        if (core.stands_after() || core.is_told())
            && entered::enter_fresh(core.id, id, |span| core.recognises(span))
        {
            return;
        }
        let at_hand = entered::take_at_hand(self.core.id, id);
        let Some(state) = at_hand.or_else(|| span_state::get(&self.core, &ctx.span(id)?)) else {
            return;
        };
        core.note_kept(&state, &ctx);
        let living = state.life.is_some().then(|| Arc::clone(&state));
        self.core.enter::<S>(state);
        if let Some(state) = living
            && let Some(life) = &state.life
        {
            life.enter(self.core.settings.life);
            if state.identity.is_settled() || state.identity.context().is_some() {
                self.write_waiting(&state);
            }
        }
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        if self.core.activates() && entered::leave(self.core.id, id) {
            return;
        }
        let Some((left, is_in_order)) = entered::pop(self.core.id, id) else {
            return;
        };
        self.core.exit::<S>(&left, is_in_order);
        let state = &left.state;
        self.core.note_kept(state, &ctx);
        if let Some(life) = &state.life {
            life.exit();
            self.write_waiting(state);
            if self.core.settings.life.exit {
                self.write_life(state, "exit", SystemTime::now(), state.body_context(), None);
            }
        }
        entered::keep_at_hand(self.core.id, left.state, false);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        let core = &self.core;
        let at_hand = entered::take_at_hand(core.id, &id);
        if !core.minds_closing() {
            return;
        }
        let Some(state) = at_hand.or_else(|| span_state::get(core, &ctx.span(&id)?)) else {
            return;
        };
        core.note_kept(&state, &ctx);
        core.close::<S>(&state);
        if state.life.is_some() || state.identity.is_without_any_context() {
            self.tell_of_closing(&state);
        }
    }
}

impl<W> StampLayer<W>
where
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    /// Writes the closing line, if it is asked for, and says so if the span never had a context.
    fn tell_of_closing(&self, state: &SpanState) {
        let settings = &self.core.settings;
        self.write_waiting(state);
        if let Some(life) = &state.life
            && settings.life.close
        {
            let closing = Closing::of(state, life);
            let (now, context) = (SystemTime::now(), closing.context);
            self.write_life(state, "close", now, context, Some(&closing));
        }
        if state.identity.is_without_any_context()
            && settings.diagnostics.is_some()
            && state.body_context().is_none()
            && let Some(diagnosis) = settings
                .stats
                .absence_in_span(state.callsite.metadata.name())
        {
            settings.tell(&diagnosis);
        }
    }
}
