use super::{line_sink::SharedOutput, render::OwnLines};
use crate::{hold::ReleaseOutput, json::push_u64, schema::Schema, trace_context::TraceContext};
use opentelemetry::KeyValue;
use tracing_core::{
    Kind, Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    field::FieldSet,
};

/// Writes the lines that are released, wherever they are released from.
pub(super) struct ReleasedLines {
    pub(super) output: SharedOutput,
    pub(super) schema: Schema,
    pub(super) resource: Vec<KeyValue>,
    pub(super) record_uid: bool,
}

impl ReleaseOutput for ReleasedLines {
    fn write(&self, metadata: &'static Metadata<'static>, line: &[u8]) {
        self.output.stats.count_released();
        self.output.write(metadata, line);
    }

    fn write_dropped(&self, context: TraceContext, lines: usize) {
        let mut own = OwnLines::new(self.schema.clone(), self.resource.clone(), self.record_uid);
        let mut number = Vec::new();
        push_u64(&mut number, lines as u64);
        let mut line = Vec::new();
        let fields = [("lines", &*number)];
        self.output.stats.count_stamped();
        own.push(
            &mut line,
            &METADATA,
            Some(context),
            "held lines dropped",
            &fields,
        );
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
