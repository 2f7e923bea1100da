//! How a layer learns a span's ids without starting the span.
//!
//! # Where the tracer reports them
//!
//! With [`otel_layer`](super::otel_layer()) the tracer reports the ids of each span, and of its parent, when the span starts. Then
//! nothing of what follows is needed. A span that is not reported is hidden from OpenTelemetry's layer.
//!
//! # Where it does not
//!
//! OpenTelemetry's layer, unless configured otherwise, starts a span when it is first entered and makes its context current
//! ("activates" it). Asking for a span's context ([`of_span`]) starts it too, so within `on_enter` the question changes
//! nothing, provided that contexts are activated. No public function says whether they are. It shows in what is current:
//!
//! - Where we stand **after** OpenTelemetry's layer, another context is current when a span is entered than at the hook
//!   before. It is gone when the span is left, and its span, if it records, has ended when the span closes.
//! - Where we stand **before** it, another context is current at a hook within the span than when it was entered, and still is
//!   when the span is left. When the span closes, which is where it would be started at the latest, OpenTelemetry says that
//!   the context is the span's.
//!
//! A caller that attaches a context by hand between two hooks looks the same. So what became current is a hint, and never the
//! ids of a line. It says which span's end is worth looking at; the end shows whether contexts are activated; from then on each
//! span is asked, or [recognised](super::recognise). With activation off the pattern does not come up, no span is asked, and a later `set_parent` returns `Ok`.
//!
//! What cannot be known this way is absent from lines:
//!
//! - the ids of the spans that are entered before the first one has closed;
//! - those of any span where OpenTelemetry's layer hides behind a `reload` and cannot be asked, and, for a layer that stands
//!   after it, where no span records and so none shows its end;
//! - the id of a span's parent, since `set_parent` shows nowhere.
//!
//! A span that is started by other means than entering it (a child that names it, `OpenTelemetrySpanExt::context`) counts as
//! not started until it is entered, and its lines have the ids of its nearest ancestor.
//!
//! [`of_span`]: crate::trace_context::Source::of_span

use super::{
    core::Core,
    entered::{self, Change, Entered, Turn, Watched},
    span_state::SpanState,
};
use crate::trace_context::{TraceContext, version::Watch};
use std::sync::{Arc, atomic::Ordering};
use tracing_core::Subscriber;
use tracing_subscriber::{layer::Context, registry::LookupSpan};

impl Core {
    #[inline]
    pub(super) fn activates(&self) -> bool {
        self.activates.load(Ordering::Relaxed)
    }

    fn witness(&self) -> Option<Box<dyn Watch>> {
        self.settings.source.watch_current()
    }

    fn found_activation(&self) {
        if self.settings.source.is_opentelemetry() {
            self.activates.store(true, Ordering::Relaxed);
            self.settings.stats.note_span_ids();
        }
    }

    /// At an event: the context that is current, or that of the current span where spans keep their ids.
    #[inline]
    pub(super) fn observe_or_look<S>(&self, ctx: &Context<'_, S>) -> Option<TraceContext>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.keeps_ids() {
            self.kept_now(ctx)
        } else {
            self.observe()
        }
    }

    /// At any hook but entering and leaving: the context that is current.
    #[inline]
    pub(super) fn observe(&self) -> Option<TraceContext> {
        let now = self.settings.source.current();
        if !self.activates() {
            self.observe_unsure(now);
        }
        now
    }

    /// When a span is made: the context that is current, unless nobody needs it.
    pub(super) fn observe_for_new_span(&self) -> Option<TraceContext> {
        let is_needed = !self.activates() || self.stands_after() && !self.is_told();
        let is_needed = is_needed && !self.keeps_ids();
        is_needed.then(|| self.observe()).flatten()
    }

    /// Whether OpenTelemetry's layer reports which ids each span has.
    #[inline]
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// OpenTelemetry's layer reports the ids of the spans that it sees. Spans that it does not report are hidden from it, so
    /// asking for them starts none, whether it activates contexts or not.
    pub(super) fn note_told(&self) {
        if self.settings.source.is_opentelemetry() && !self.is_told() {
            self.told.store(true, Ordering::Relaxed);
            self.answers.store(true, Ordering::Relaxed);
            self.found_activation();
        }
    }

    /// Whether there is anything to do when a span closes.
    pub(super) fn minds_closing(&self) -> bool {
        self.settings.life.any() || !self.activates() && !self.keeps_ids()
    }

    #[cold]
    fn observe_unsure(&self, now: Option<TraceContext>) {
        match entered::changed(self.id, now) {
            Some(Change::Other(state)) if state.identity.knows_nothing() => {
                if let Some(context) = self.settings.source.current_local() {
                    state.identity.see(Some(context));
                }
            }
            Some(Change::Back(state)) => state.identity.unsee_within(),
            _ => {}
        }
    }

    /// When a span is entered: pushes it to the entered spans of this thread, and asks or looks.
    pub(super) fn enter<S>(&self, state: Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.keeps_ids() {
            entered::push(self.id, state, None);
            return;
        }
        if state.identity.is_told() {
            self.note_told();
            entered::push(self.id, state, None);
            return;
        }
        let mut watched = None;
        if self.activates() && !state.identity.is_settled() {
            let now = self.settings.source.current();
            let own = self.ask::<S>(&state);
            if own.is_some() && own != now {
                self.stands_before.store(true, Ordering::Relaxed);
                self.stands_after.store(false, Ordering::Relaxed);
            } else if own.is_some() && !self.stands_after() {
                watched = Some(Box::new(Watched::Own));
            }
        }
        if state.identity.is_settled() {
            if state.identity.context().is_none() {
                state.identity.entered_in(self.settings.source.current());
            }
            entered::push(self.id, state, watched);
            return;
        }
        // Not known, or OpenTelemetry's layer does not answer, as behind a `reload`.
        let now = self.settings.source.current();
        let before = entered::push_watched(self.id, Arc::clone(&state), now);
        if now != before
            && state.identity.knows_nothing()
            && let Some(context) = self.settings.source.current_local()
        {
            state.identity.see_at_enter(context, self.witness());
        }
        if state.identity.context().is_none() {
            state.identity.entered_in(now);
        }
    }

    /// When a span is left: whether the context that came with it goes with it.
    pub(super) fn exit<S>(&self, left: &Entered, is_in_order: bool)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.keeps_ids() {
            return;
        }
        let identity = &left.state.identity;
        if self.activates() {
            // Entered before it was known that contexts are activated.
            if !identity.is_settled() && !identity.is_told() {
                self.ask::<S>(&left.state);
            }
            if let Some(Watched::Own) = left.watched.as_deref()
                && is_in_order
            {
                self.learn_order(left);
            }
            return;
        }
        let now = self.settings.source.current();
        entered::see(self.id, now);
        let Some(Watched::Around { before, at_enter }) = left.watched.as_deref().copied() else {
            return;
        };
        if left.turn == Turn::Again || identity.is_settled() {
            return;
        }
        let came_with_it = at_enter != before && at_enter.is_some() && identity.seen() == at_enter;
        let went_with_it = now == before || identity.trusts_what_it_sees();
        if now == at_enter || came_with_it && !went_with_it {
            // It stays, so it was not the span's; or another was attached around the span.
            identity.see(None);
        } else if !came_with_it
            && is_in_order
            && let Some(context) = self.settings.source.current_local()
        {
            identity.see(Some(context));
        }
    }

    /// When a span closes.
    ///
    /// A layer that stands before OpenTelemetry's can ask now: the span would be started at the latest when it closes. One that
    /// stands after it gets no ids any more, and sees that OpenTelemetry has just ended the span.
    pub(super) fn close<S>(&self, state: &Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let identity = &state.identity;
        let is_asked = self.settings.source.is_opentelemetry() && !self.keeps_ids();
        if identity.is_settled() || !is_asked {
            return;
        }
        let seen = identity.seen();
        if let Some(witness) = identity.take_witness() {
            // What has ended may be another span, whose context was attached by hand: so this span's ids stay unknown.
            if witness.has_ended() {
                return self.found_activation();
            }
            identity.see(None);
        }
        if (seen.is_some() || state.life.is_some())
            && let Some(dispatch) = self.dispatch::<S>(state)
            && let Some(own) = self.settings.source.of_span::<S>(&state.id, &dispatch)
        {
            self.settle_as::<S>(state, Some(own), &dispatch);
            if Some(own) == seen {
                self.found_activation();
            }
        }
    }
}
