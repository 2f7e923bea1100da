//! Lifecycle lines, and the way from a finished line to the writer.

use super::{
    ids::SpanState,
    line_sink::SharedOutput,
    render::{Closing, Lifecycle, LineParts, NoLifecycleLines, Scratch},
    stamp_layer::StampLayer,
};
use crate::{burst::Pass, stats::Diagnosis, trace_context::TraceContext, trace_level};
use std::{io::Write as _, sync::Arc, time::SystemTime};
use tracing_core::{Level, LevelFilter, Metadata, Subscriber, span::Id};
use tracing_subscriber::{fmt::MakeWriter, layer::Context, registry::LookupSpan};

impl<W> StampLayer<W> {
    /// Whether an event of this level and context is left out.
    #[inline]
    pub(super) fn leaves_out(&self, level: &Level, context: Option<&TraceContext>) -> bool {
        self.unsampled_max_level != LevelFilter::TRACE
            && *level > self.unsampled_max_level
            && !context.is_some_and(|context| {
                context.flags().is_sampled()
                    || !context.is_sampling_decided()
                    || trace_level::passes(context.trace_id(), *level)
            })
    }

    /// The lifecycle of a new span. `None` if no line of it is written.
    #[inline]
    pub(super) fn lifecycle_of<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<Box<Lifecycle>>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        if !self.lifecycle.any() {
            return None;
        }
        let is_suppressed = ctx
            .span(id)
            .is_some_and(|span| span.extensions().get::<NoLifecycleLines>().is_some());
        (!is_suppressed).then(|| Lifecycle::begin(self.lifecycle))
    }

    /// Reports that a span has closed without ever having a context, if that is due.
    pub(super) fn report_without_context(&self, span: &SpanState) {
        if self.diagnostics.is_some()
            && span.body_context().is_none()
            && let Some(diagnosis) = self.stats.absence_in_span(span.metadata().name())
        {
            self.report(&diagnosis);
        }
    }

    /// Reports why no line has ids, if that is due.
    #[inline]
    fn report_absence(&self) {
        if self.stats.is_absence_due()
            && self.diagnostics.is_some()
            && let Some(diagnosis) = self.stats.absence()
        {
            self.report(&diagnosis);
        }
    }

    /// The writer, for code that does not know this layer.
    pub(super) fn shared_output(&self) -> SharedOutput {
        SharedOutput {
            sink: Arc::clone(&self.sink),
            stats: self.stats.clone(),
            diagnostics: self.diagnostics.clone(),
        }
    }

    fn report(&self, diagnosis: &Diagnosis) {
        if let Some(diagnostics) = &self.diagnostics {
            diagnostics.report(diagnosis);
        }
    }
}

impl<W> StampLayer<W>
where
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    /// Writes a whole line. `write_all` makes one `write` if the sink takes the line whole. It continues after a short write and
    /// retries after `Interrupted`. Any other error loses this line alone.
    pub(super) fn write(&self, metadata: &Metadata<'_>, line: &[u8]) {
        let written = self.make_writer.make_writer_for(metadata).write_all(line);
        if let Err(error) = written
            && self.stats.count_lost()
        {
            self.report(&Diagnosis::WriteFailed { error });
        }
        self.report_absence();
    }

    /// Writes the lifecycle lines of the span that waited for its ids.
    #[inline]
    pub(super) fn write_waiting(&self, span: &SpanState) {
        let Some(lifecycle) = span.lifecycle() else {
            return;
        };
        if !lifecycle.is_waiting() {
            return;
        }
        let waiting = lifecycle.take_waiting();
        if waiting.new {
            self.write_lifecycle(span, "new", lifecycle.start, span.body_context(), None);
        }
        for time in waiting.enters {
            self.write_lifecycle(span, "enter", time, span.body_context(), None);
        }
    }

    #[inline(never)]
    pub(super) fn write_waiting_of_current(&self) {
        if let Some(span) = self.ids.current_span_with_ids() {
            self.write_waiting(&span);
        }
    }

    /// Writes the lines that a closing span is due: waiting ones and the closing line.
    pub(super) fn write_closing(&self, span: &SpanState) {
        self.write_waiting(span);
        if let Some(lifecycle) = span.lifecycle()
            && self.lifecycle.close
        {
            let ids = span.closing_ids();
            let closing = Closing {
                is_own: ids.is_own,
                parent: ids.parent,
                times: lifecycle.times(),
            };
            let now = SystemTime::now();
            self.write_lifecycle(span, "close", now, ids.context, Some(&closing));
        }
    }

    /// Writes one lifecycle line.
    pub(super) fn write_lifecycle(
        &self,
        span: &SpanState,
        message: &'static str,
        time: SystemTime,
        context: Option<TraceContext>,
        closing: Option<&Closing>,
    ) {
        let Some(lines) = &span.lines else { return };
        let Some(is_held) = self.holds_lifecycle(span, context.as_ref()) else {
            return;
        };
        let mut scratch = Scratch::take();
        let buffers = scratch.buffers();
        let parts = LineParts {
            callsite: &lines.callsite,
            pass: Some(&Pass::at(time.into())),
            context: context.as_ref(),
            span: Some(span),
            closing,
            is_held,
        };
        self.renderer.render_lifecycle(buffers, message, &parts);
        if !is_held || !self.keep(span.metadata(), &parts, &buffers.line) {
            self.write(span.metadata(), &buffers.line);
        }
    }
}
