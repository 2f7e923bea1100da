//! How a tracker learns a span's ids without starting the span.
//!
//! # With a tracer that reports them
//!
//! With [`otel_layer`](crate::otel_layer()) the tracer reports the ids of each span, and of its parent, when the span starts. In that
//! case nothing below is needed. A span that is not reported is hidden from OpenTelemetry's layer.
//!
//! # Without one
//!
//! OpenTelemetry's layer, unless configured otherwise, starts a span when it is first entered and makes its context current
//! ("activates" it). Asking for a span's context ([`of_span`]) starts the span too. So within `on_enter` asking changes nothing,
//! provided that contexts are activated. No public function says whether they are, but the current context shows it:
//!
//! - If this layer comes **after** OpenTelemetry's, the current context when a span is entered differs from that at the previous
//!   hook. That context is gone when the span is left, and its OpenTelemetry span, if it records, has ended when the span closes.
//! - If this layer comes **before** it, the current context at a hook within the span differs from that when the span was entered, and
//!   is still current when the span is left. If a span has not started when it closes, OpenTelemetry's layer starts it then. So the
//!   tracker asks at that point, and OpenTelemetry returns that context.
//!
//! A caller that attaches a context by hand between two hooks causes the same pattern. So a context that becomes current is only a
//! candidate, and never gives a line its ids. It makes the tracker observe the span's end, which shows whether contexts are
//! activated. From then on the tracker asks for the ids of each span, or [recognises](super::recognise) them. If activation is off,
//! the pattern does not occur, so the tracker does not ask, and a later `set_parent` returns `Ok`. [`behavior`](super::behavior) lists
//! the states of this.
//!
//! Some ids cannot be known this way, and are absent from lines:
//!
//! - the ids of the spans that are entered before the first one has closed;
//! - all ids, if OpenTelemetry's layer is behind a `reload` and cannot be asked;
//! - all ids, if this layer comes after OpenTelemetry's and no span records, since then no span shows its end;
//! - the id of a span's parent, since a layer cannot observe `set_parent`.
//!
//! A span can be started by other means than entering it (a child that names it, `OpenTelemetrySpanExt::context`). It counts as not
//! started until it is entered, and its lines have the ids of its nearest ancestor.
//!
//! [`of_span`]: crate::trace_context::Source::of_span

use super::{
    behavior::Shown,
    entered::{self, Change},
    span_state::SpanState,
    stack::{Entered, Entry, Watched},
    tracker::IdTracker,
};
use crate::trace_context::TraceContext;
use std::sync::Arc;
use tracing_core::Subscriber;
use tracing_subscriber::registry::LookupSpan;

impl IdTracker {
    /// Returns the current context, and learns from it. For all hooks except entering and leaving.
    #[inline]
    pub(super) fn observe(&self) -> Option<TraceContext> {
        let now = self.source.current();
        if !self.behavior.activates() {
            self.learn_from_current(&now);
        }
        now
    }

    /// Returns the current context when a span is created, if something needs it. `is_first` is whether OpenTelemetry's layer comes
    /// first.
    #[inline]
    pub(super) fn observe_for_new_span(&self, is_first: bool) -> Option<TraceContext> {
        if is_first {
            self.source.current()
        } else if self.behavior.activates() || self.ids_are_in_extensions() {
            None
        } else {
            self.observe()
        }
    }

    #[cold]
    fn learn_from_current(&self, now: &Option<TraceContext>) {
        match entered::changed(self.id, *now) {
            Some(Change::Other(state)) if state.identity.knows_nothing() => {
                if let Some(context) = self.source.current_local() {
                    state.identity.set_candidate(Some(context));
                }
            }
            Some(Change::Back(state)) => state.identity.forget_candidate_within(),
            _ => {}
        }
    }

    /// When a span is entered: adds it to the entered spans of this thread, and asks or watches.
    pub(super) fn learn_at_enter<S>(&self, state: Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let identity = &state.identity;
        if self.ids_are_in_extensions() {
            return entered::push(self.id, state, None);
        }
        if identity.is_reported() {
            self.note_reporting();
            return entered::push(self.id, state, None);
        }
        let mut watched = None;
        if self.behavior.activates() && !identity.is_settled() {
            let now = self.source.current();
            let own = self.ask::<S>(&state);
            if own.is_some() && own != now {
                self.note(Shown::CameLater);
            } else if own.is_some() && self.behavior.has_unknown_order() {
                watched = Some(Box::new(Watched::Own));
            }
        }
        if identity.is_settled() {
            if identity.context().is_none() {
                identity.note_entered_in(self.source.current());
            }
            return entered::push(self.id, state, watched);
        }
        // Not known yet, or OpenTelemetry's layer cannot be asked, as behind a `reload`.
        let now = self.source.current();
        let before = entered::push_watched(self.id, Arc::clone(&state), now);
        if now != before
            && identity.knows_nothing()
            && let Some(context) = self.source.current_local()
        {
            identity.set_candidate_at_enter(context, self.source.watch_current());
        }
        if identity.context().is_none() {
            identity.note_entered_in(now);
        }
    }

    /// When a span is left: learns whether its candidate is still current.
    pub(super) fn learn_at_exit<S>(&self, left: &Entered, is_in_order: bool)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if self.ids_are_in_extensions() {
            return;
        }
        let identity = &left.state.identity;
        if self.behavior.activates() {
            // The span was entered before activation was known.
            if !identity.is_settled() && !identity.is_reported() {
                self.ask::<S>(&left.state);
            }
            if let Some(Watched::Own) = left.watched.as_deref()
                && is_in_order
            {
                self.learn_order(left);
            }
            return;
        }
        let now = self.source.current();
        entered::note_context(self.id, now);
        let Some(Watched::Around { before, at_enter }) = left.watched.as_deref().copied() else {
            return;
        };
        if left.entry == Entry::Nested || identity.is_settled() {
            return;
        }
        let changed_at_enter =
            at_enter != before && at_enter.is_some() && identity.candidate() == at_enter;
        let is_gone = now == before || identity.trusts_source();
        if now == at_enter || changed_at_enter && !is_gone {
            // The context stays, so it was not the span's, or a caller attached another one around the span.
            identity.set_candidate(None);
        } else if !changed_at_enter
            && is_in_order
            && let Some(context) = self.source.current_local()
        {
            identity.set_candidate(Some(context));
        }
    }

    /// Whether anything can be learnt when a span closes.
    #[inline]
    pub(super) fn learns_at_close(&self) -> bool {
        !self.behavior.activates() && !self.ids_are_in_extensions()
    }

    /// When a span closes: learns from its end.
    ///
    /// A layer before OpenTelemetry's can ask now: if the span has not started, OpenTelemetry's layer starts it anyway when it closes. A
    /// layer after it gets no context any more, but sees that OpenTelemetry has just ended the span.
    pub(super) fn learn_at_close<S>(&self, state: &Arc<SpanState>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let identity = &state.identity;
        let can_ask = self.source.is_opentelemetry() && !self.ids_are_in_extensions();
        if identity.is_settled() || !can_ask {
            return;
        }
        let candidate = identity.candidate();
        if let Some(watch) = identity.take_watch() {
            // The span that has ended may be another one, with a context attached by hand. So this span's ids stay unknown.
            if watch.has_ended() {
                return self.note(Shown::Activated);
            }
            identity.set_candidate(None);
        }
        if (candidate.is_some() || state.has_lifecycle())
            && let Some(dispatch) = self.dispatch::<S>(state)
            && let Some(own) = self.source.of_span::<S>(&state.id, &dispatch)
        {
            self.settle::<S>(state, Some(own), &dispatch);
            if Some(own) == candidate {
                self.note(Shown::Activated);
            }
        }
    }
}
