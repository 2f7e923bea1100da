//! The filter that decides which events become lines.
//!
//! The stamping layer sees all spans up to the span level, whatever this filter says. So a warning has the names and fields of its
//! request's spans, even if only warnings are written.

use super::directives::Directives;
use crate::{layer::NoLifecycleLines, quiet::is_quiet, stats::Diagnosis};
use std::sync::{
    Arc,
    atomic::{
        AtomicBool, AtomicUsize,
        Ordering::{Relaxed, SeqCst},
    },
};
use tracing_core::{
    Event, Interest, LevelFilter, Metadata,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    EnvFilter,
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// If the filter names none of this many call sites, it most likely names none in the program.
const ENOUGH_CALL_SITES: usize = 32;

/// Filter of the stamping layer: it passes the events that become lines, and all spans up to a level.
pub(super) struct LinesFilter<F> {
    lines: F,
    /// The events that the layer holds beside those that it writes.
    held: Option<EnvFilter>,
    span_level: LevelFilter,
    target_check: Arc<TargetCheck>,
    report: Box<dyn Fn(&Diagnosis) + Send + Sync>,
}

/// Checks whether the program has any target that the filter names.
pub(super) struct TargetCheck {
    targets: Vec<String>,
    call_sites: AtomicUsize,
    /// Whether a target has matched, no match is needed, or the missing match is reported.
    is_done: AtomicBool,
}

impl TargetCheck {
    pub(super) fn new(directives: &Directives) -> Self {
        Self {
            is_done: AtomicBool::new(directives.only_targets.is_empty()),
            targets: directives.only_targets.clone(),
            call_sites: AtomicUsize::new(0),
        }
    }

    fn note_call_site(&self, target: &str) {
        if self.is_done.load(Relaxed) {
            return;
        }
        self.call_sites.fetch_add(1, Relaxed);
        if self.targets.iter().any(|named| target.starts_with(named)) {
            self.is_done.store(true, SeqCst);
        }
    }

    /// Returns, once, the diagnosis that the filter names nothing in the program, if at least this many call sites were seen and none
    /// matched.
    fn unmatched(&self, min_call_sites: usize) -> Option<Diagnosis> {
        if self.call_sites.load(Relaxed) < min_call_sites || self.is_done.swap(true, SeqCst) {
            return None;
        }
        Some(Diagnosis::FilterDirective {
            directive: self.targets.join(","),
            why: "no target of the program matches it, and the filter has no level for other targets, so no line is written. Add \
                  a level for them, as in `info,shop=debug`"
                .to_owned(),
        })
    }

    /// Does the same at the end of the process, when a single call site is enough.
    pub(super) fn unmatched_at_end(&self) -> Option<Diagnosis> {
        self.unmatched(1)
    }
}

impl<F> LinesFilter<F> {
    pub(super) fn new(
        lines: F,
        held: Option<EnvFilter>,
        span_level: LevelFilter,
        target_check: Arc<TargetCheck>,
        report: impl Fn(&Diagnosis) + Send + Sync + 'static,
    ) -> Self {
        Self {
            lines,
            held,
            span_level,
            target_check,
            report: Box::new(report),
        }
    }

    /// Whether this is an event that the layer holds, if it does not write it.
    fn is_held<S>(&self, metadata: &Metadata<'_>, ctx: &Context<'_, S>) -> bool
    where
        S: tracing_core::Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let held = self.held.as_ref().filter(|_| metadata.is_event());
        held.is_some_and(|held| held.enabled(metadata, ctx.clone()))
    }

    fn is_visible_span(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && *metadata.level() <= self.span_level
    }
}

impl<S, F> Filter<S> for LinesFilter<F>
where
    S: tracing_core::Subscriber + for<'lookup> LookupSpan<'lookup>,
    F: Filter<S>,
{
    fn enabled(&self, metadata: &Metadata<'_>, ctx: &Context<'_, S>) -> bool {
        !is_quiet()
            && (self.lines.enabled(metadata, ctx)
                || self.is_visible_span(metadata)
                || self.is_held(metadata, ctx))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.target_check.note_call_site(metadata.target());
        let lines = self.lines.callsite_enabled(metadata);
        let held = self
            .held
            .as_ref()
            .map(|held| Filter::<S>::callsite_enabled(held, metadata));
        let is_held = metadata.is_event() && held.is_some_and(|held| !held.is_never());
        if lines.is_never() && !is_held && !self.is_visible_span(metadata) {
            Interest::never()
        } else {
            // Asked for each event: on the threads that send lines or spans, nothing is enabled.
            Interest::sometimes()
        }
    }

    fn event_enabled(&self, event: &Event<'_>, ctx: &Context<'_, S>) -> bool {
        self.lines.event_enabled(event, ctx) || self.is_held(event.metadata(), ctx)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let lines = self.lines.max_level_hint()?;
        let held = match &self.held {
            Some(held) => held.max_level_hint()?,
            None => LevelFilter::OFF,
        };
        Some(lines.max(self.span_level).max(held))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let metadata = attributes.metadata();
        if let Some(diagnosis) = self.target_check.unmatched(ENOUGH_CALL_SITES) {
            (self.report)(&diagnosis);
        }
        if !self.lines.enabled(metadata, &ctx)
            && let Some(span) = ctx.span(id)
        {
            span.extensions_mut().replace(NoLifecycleLines);
        }
        Filter::<S>::on_new_span(&self.held, attributes, id, ctx.clone());
        self.lines.on_new_span(attributes, id, ctx);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        Filter::<S>::on_record(&self.held, id, values, ctx.clone());
        self.lines.on_record(id, values, ctx);
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        Filter::<S>::on_enter(&self.held, id, ctx.clone());
        self.lines.on_enter(id, ctx);
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        Filter::<S>::on_exit(&self.held, id, ctx.clone());
        self.lines.on_exit(id, ctx);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        Filter::<S>::on_close(&self.held, id.clone(), ctx.clone());
        self.lines.on_close(id, ctx);
    }
}
