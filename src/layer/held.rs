//! Which lines of a layer are held, and what releases them.

#[cfg(feature = "setup")]
use super::holding::HeldLines;
use super::{
    holding::Holding,
    ids::SpanState,
    released_lines::ReleasedLines,
    render::{LineParts, OwnLines},
    stamp_layer::StampLayer,
};
use crate::{
    hold::{Held, HoldStore, Line, TraceKey, key_of},
    trace_context::TraceContext,
    trace_level,
};
use std::{sync::Arc, thread};
use tracing_core::{Level, Metadata};

impl<W> StampLayer<W> {
    /// The lines that this layer holds.
    #[cfg(feature = "setup")]
    pub(crate) fn held_lines(&self) -> HeldLines {
        let holding = self.holding.as_ref();
        holding.map(Holding::held_lines).unwrap_or_default()
    }

    #[inline]
    fn store<'h>(&self, holding: &'h Holding) -> &'h Arc<HoldStore> {
        holding.store(|| {
            Box::new(ReleasedLines {
                output: self.shared_output(),
                own: OwnLines::with_settings(self.renderer.settings().clone()),
            })
        })
    }

    /// Whether the lines of a trace are written at once, although they would be held.
    #[inline]
    pub(super) fn is_released(&self, context: Option<&TraceContext>) -> bool {
        match (&self.holding, context) {
            (Some(holding), Some(context)) => self.store(holding).is_released(key_of(context)),
            _ => false,
        }
    }

    /// Whether an event that would be held is written at once, because its trace was released or has a level.
    #[inline]
    pub(super) fn writes_beyond(&self, level: &Level, context: Option<&TraceContext>) -> bool {
        context.is_some_and(|context| trace_level::passes(context.trace_id(), *level))
            || self.is_released(context)
    }

    /// Whether a panic that leaves a span now releases its trace.
    #[inline]
    pub(super) fn releases_by_panic(&self) -> bool {
        let holding = self.holding.as_ref();
        holding.is_some_and(|holding| holding.settings.releases_on_panic && thread::panicking())
    }

    /// Whether a lifecycle line is held. `None` if it is left out, because it belongs to no trace.
    #[inline]
    pub(super) fn holds_lifecycle(
        &self,
        span: &SpanState,
        context: Option<&TraceContext>,
    ) -> Option<bool> {
        let Some(holding) = &self.holding else {
            return Some(false);
        };
        let written = &holding.settings.written;
        match written.writes_lifecycle_of(span.metadata()) {
            true => Some(false),
            false => Some(!self.is_released(Some(context?))),
        }
    }

    /// Keeps a held line. Returns `false` if it has to be written now, because its trace was released meanwhile. Runs no user code.
    pub(super) fn keep(
        &self,
        metadata: &'static Metadata<'static>,
        parts: &LineParts<'_, SpanState>,
        text: &[u8],
    ) -> bool {
        let (Some(holding), Some(context), Some(pass)) = (&self.holding, parts.context, parts.pass)
        else {
            return false;
        };
        let store = self.store(holding);
        let key = key_of(context);
        if let Some(span) = parts.span {
            begin_root(store, span, key);
        }
        let line = Line {
            context: *context,
            metadata,
            time: pass.time.nanos(),
            text,
        };
        let held = store.hold(&line);
        match held {
            Held::Yes | Held::Dropped => self.stats.count_held(),
            Held::WriteNow => {
                self.stats.count_held();
                self.stats.count_released();
            }
        }
        held != Held::WriteNow
    }

    /// An event is about to be written. If it releases the held lines of its trace, they are written before it. So do all events of a
    /// trace that was given a level. `span` is the one that a non-contextual event names.
    #[inline]
    pub(super) fn release_by_event(
        &self,
        metadata: &Metadata<'_>,
        context: Option<&TraceContext>,
        span: Option<&SpanState>,
    ) {
        if let Some(holding) = &self.holding
            && let Some(context) = context
            && (holding.settings.is_released_by_event(metadata)
                || trace_level::has_level(context.trace_id()))
        {
            self.release(holding, key_of(context), span);
        }
    }

    #[cold]
    fn release(&self, holding: &Holding, trace: TraceKey, span: Option<&SpanState>) {
        let store = self.store(holding);
        // Its end also ends the release.
        match span {
            Some(span) => begin_root(store, span, trace),
            None => {
                self.ids.with_current_span(|span| {
                    if let Some(span) = span {
                        begin_root(store, span, trace);
                    }
                });
            }
        }
        store.release(trace);
    }

    /// A span was entered, or is about to be left. If it is a local root and its trace is known by now, it is noted.
    #[inline]
    pub(super) fn note_root(&self, holding: &Holding) {
        self.ids.with_current_span(|span| {
            if let Some(span) = span
                && let Some(hold) = span.hold()
                && hold.awaits_trace()
                && let Some(context) = span.context()
            {
                hold.begin_root(self.store(holding), key_of(&context));
            }
        });
    }

    /// A span was entered.
    #[inline]
    pub(super) fn note_entered(&self, holding: &Holding) {
        if thread::panicking() {
            self.ids.with_current_span(|span| {
                if let Some(hold) = span.and_then(SpanState::hold) {
                    hold.note_entered_in_panic();
                }
            });
        }
        self.note_root(holding);
    }

    /// A span is about to close. Releases its trace, if it has a cause to.
    pub(super) fn release_by_span(&self, holding: &Holding, span: &SpanState) {
        if let Some(hold) = span.hold()
            && hold.releases(&holding.settings, span.metadata(), span.has_failed())
            && let Some(trace) = hold.trace().or_else(|| Some(key_of(&span.body_context()?)))
        {
            self.store(holding).release(trace);
        }
    }

    /// A span has closed, and its closing line is written or held.
    pub(super) fn end_held(&self, holding: &Holding, span: &SpanState) {
        if let Some(hold) = span.hold() {
            hold.end_root(self.store(holding));
        }
    }
}

/// Notes the local root of the trace around a span, for the first line in the span.
#[inline]
fn begin_root(store: &HoldStore, span: &SpanState, trace: TraceKey) {
    let is_noted = span.hold().is_none_or(|hold| hold.has_noted_root_of(trace));
    if !is_noted
        && let Some(root) = span.local_root_of(trace).and_then(SpanState::hold)
        && !root.is_root()
    {
        root.begin_root(store, trace);
    }
}
