//! Which events become lines. Spans are visible to the stamping layer whatever the filter says: a warning has the names and fields of
//! its request's spans also where only warnings are written.

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
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// After this many call sites, of which the filter names none, it is likely that it never will.
const ENOUGH_CALL_SITES: usize = 32;

/// The filter of the lines, which lets spans up to a level pass.
pub(super) struct LinesFilter<F> {
    lines: F,
    span_level: LevelFilter,
    watch: Arc<Watch>,
    tell: Box<dyn Fn(&Diagnosis) + Send + Sync>,
}

/// Whether anything in the program has a target that the filter names.
pub(super) struct Watch {
    targets: Vec<String>,
    call_sites: AtomicUsize,
    is_settled: AtomicBool,
}

impl Watch {
    pub(super) fn new(directives: &Directives) -> Self {
        Self {
            is_settled: AtomicBool::new(directives.only.is_empty()),
            targets: directives.only.clone(),
            call_sites: AtomicUsize::new(0),
        }
    }

    fn see(&self, target: &str) {
        if self.is_settled.load(Relaxed) {
            return;
        }
        self.call_sites.fetch_add(1, Relaxed);
        if self.targets.iter().any(|named| target.starts_with(named)) {
            self.is_settled.store(true, SeqCst);
        }
    }

    /// The diagnosis that the filter names nothing in the program, once, where at least so many call sites were seen.
    fn unmatched(&self, call_sites: usize) -> Option<Diagnosis> {
        if self.call_sites.load(Relaxed) < call_sites || self.is_settled.swap(true, SeqCst) {
            return None;
        }
        Some(Diagnosis::FilterDirective {
            directive: self.targets.join(","),
            why: "no target of the program begins like this, and the filter has no level for other targets, so no line is written. Add \
                  one, as in `info,shop=debug`"
                .to_owned(),
        })
    }

    /// The same at the end of the process.
    pub(super) fn unmatched_at_end(&self) -> Option<Diagnosis> {
        self.unmatched(1)
    }
}

impl<F> LinesFilter<F> {
    pub(super) fn new(
        lines: F,
        span_level: LevelFilter,
        watch: Arc<Watch>,
        tell: impl Fn(&Diagnosis) + Send + Sync + 'static,
    ) -> Self {
        Self {
            lines,
            span_level,
            watch,
            tell: Box::new(tell),
        }
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
        !is_quiet() && (self.lines.enabled(metadata, ctx) || self.is_visible_span(metadata))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.watch.see(metadata.target());
        let lines = self.lines.callsite_enabled(metadata);
        if lines.is_never() && !self.is_visible_span(metadata) {
            Interest::never()
        } else {
            // Threads that send are asked each time.
            Interest::sometimes()
        }
    }

    fn event_enabled(&self, event: &Event<'_>, ctx: &Context<'_, S>) -> bool {
        self.lines.event_enabled(event, ctx)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let lines = self.lines.max_level_hint()?;
        Some(lines.max(self.span_level))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let metadata = attributes.metadata();
        if let Some(diagnosis) = self.watch.unmatched(ENOUGH_CALL_SITES) {
            (self.tell)(&diagnosis);
        }
        if !self.lines.enabled(metadata, &ctx)
            && let Some(span) = ctx.span(id)
        {
            span.extensions_mut().replace(NoLifecycleLines);
        }
        self.lines.on_new_span(attributes, id, ctx);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        self.lines.on_record(id, values, ctx);
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        self.lines.on_enter(id, ctx);
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        self.lines.on_exit(id, ctx);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        self.lines.on_close(id, ctx);
    }
}
