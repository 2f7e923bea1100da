use super::{line_sink::SharedOutput, render::OwnLines};
use crate::{hold::ReleaseOutput, trace_context::TraceContext};
use tracing_core::{
    Kind, Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    field::FieldSet,
};

/// Writes the lines that are released, wherever they are released from.
pub(super) struct ReleasedLines {
    pub(super) output: SharedOutput,
    pub(super) own: OwnLines,
}

impl ReleaseOutput for ReleasedLines {
    fn write(&self, metadata: &'static Metadata<'static>, line: &[u8]) {
        self.output.stats.count_released();
        self.output.write(metadata, line);
    }

    fn write_dropped(&self, context: TraceContext, lines: usize) {
        self.output.stats.count_stamped();
        let line = self.own.dropped(&METADATA, context, lines);
        self.output.write(&METADATA, &line);
    }

    fn count_dropped(&self, lines: usize) {
        self.output.stats.count_held_dropped(lines);
    }
}

static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);

static METADATA: Metadata<'static> = Metadata::new(
    "held lines dropped",
    "tracing_stamp::hold",
    Level::WARN,
    None,
    None,
    None,
    FieldSet::new(&["message"], Identifier(&CALLSITE)),
    Kind::EVENT,
);
