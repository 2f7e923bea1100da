//! From a finished line to the writer.

use super::{
    entered, life::Closing, line::Parts, scratch::Scratch, span_state::SpanState,
    stamp_layer::StampLayer,
};
use crate::{stats::Diagnosis, trace_context::TraceContext};
use std::{io::Write as _, time::SystemTime};
use tracing_core::Metadata;
use tracing_subscriber::fmt::MakeWriter;

impl<W> StampLayer<W>
where
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    /// Writes a line, whole. `write_all` makes one `write` of it where the sink takes it so, goes on after a short write,
    /// and tries again after `Interrupted`; any other error loses this line alone.
    pub(super) fn write(&self, metadata: &Metadata<'_>, line: &[u8]) {
        let written = self.make_writer.make_writer_for(metadata).write_all(line);
        if let Err(error) = written
            && self.core.settings.stats.count_lost()
        {
            self.core.settings.tell(&Diagnosis::WriteFailed { error });
        }
        self.core.settings.report_absence();
    }

    /// Writes the lines of the span's life that waited for its ids.
    #[inline]
    pub(super) fn write_waiting(&self, span: &SpanState) {
        let Some(life) = &span.life else { return };
        if !life.is_waiting() {
            return;
        }
        let waiting = life.take_waiting();
        if waiting.new {
            self.write_life(span, "new", life.start, span.body_context(), None);
        }
        for time in waiting.enters {
            self.write_life(span, "enter", time, span.body_context(), None);
        }
    }

    #[inline]
    pub(super) fn write_waiting_of_current(&self) {
        if self.core.settings.life.any()
            && let Some(span) = entered::current(self.core.id)
            && (!self.core.activates() || span.identity.is_settled())
        {
            self.write_waiting(&span);
        }
    }

    /// Writes a line of the span's life.
    pub(super) fn write_life(
        &self,
        span: &SpanState,
        message: &'static str,
        time: SystemTime,
        context: Option<TraceContext>,
        closing: Option<&Closing>,
    ) {
        let mut scratch = Scratch::take();
        let buffers = &mut scratch.buffers;
        buffers.message.extend_from_slice(message.as_bytes());
        let parts = Parts {
            callsite: &span.callsite,
            time,
            context,
            span: Some(span),
            closing,
        };
        self.core.make_line(buffers, &parts);
        self.write(span.callsite.metadata, &buffers.line);
        scratch.give_back();
    }
}
